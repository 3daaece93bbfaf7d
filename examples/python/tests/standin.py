"""A small HTTP server on loopback that answers the three requests of the SDK as Infisical does.

It is no Infisical: it holds values in memory and knows one identity. Statuses, error names and messages are those
recorded from a real server, because telling them apart is what the tests are about.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
CLIENT_SECRET = "f" * 64
PROJECT_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
VALUES = {
    "OPENAI_API_KEY": "sk-proj-0123456789abcdef",
    "OPENAI_EMBED_MODEL": "text-embedding-3-large",
    "OPENAI_LLM_MODEL": "gpt-4o-mini",
    "QDRANT_URL": "http://localhost:6333",
}

Answer = tuple[int, dict[str, Any]]


def refusal(status: int, error: str, message: str) -> Answer:
    return status, {"reqId": "req-standin", "statusCode": status, "message": message, "error": error}


EXPIRED = refusal(403, "TokenError", "Your token has expired. Please re-authenticate.")
FORBIDDEN = refusal(403, "PermissionDenied", "You are not allowed to describeSecret on secrets")


@dataclass
class Standin:
    """Started by `with Standin() as server:`; the fields may be changed while it runs."""

    folders: dict[str, dict[str, str]] = field(default_factory=lambda: {"/": {}, "/openai-rag": dict(VALUES), "/other": {}})
    allowed: set[str] = field(default_factory=lambda: {"/openai-rag"})
    imports: list[dict[str, str]] = field(default_factory=list)
    token_ttl: float = 7200.0
    reads_per_token: int = 1_000_000
    login_refusal: Answer | None = None
    read_fault: Answer | None = None
    hang: float = 0.0
    hidden: bool = False
    html: bool = False
    log: list[str] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Standin:
        self._tokens: dict[str, float] = {}
        self._reads: dict[str, int] = {}
        self._lock = threading.Lock()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listens, on the same port as before if it ran already."""
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                standin._serve(self, b"")

            def do_POST(self) -> None:
                standin._serve(self, self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, start: str) -> int:
        """How many requests began with this, for instance "POST" or "GET /api/v3/secrets/raw?"."""
        with self._lock:
            return sum(1 for line in self.log if line.startswith(start))

    def expire_tokens(self) -> None:
        with self._lock:
            self._tokens = {token: 0.0 for token in self._tokens}

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            self.log.append(f"{handler.command} {handler.path}")
        if self.hang:
            time.sleep(self.hang)
        if self.html:
            payload, kind, status = b"<!doctype html><title>somebody else</title>", "text/html", 200
        else:
            status, answer = self._answer(handler, body)
            payload, kind = json.dumps(answer).encode(), "application/json"
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", kind)
            handler.send_header("Content-Length", str(len(payload)))
            # Without this a stopped stand-in would go on answering on connections that are kept open.
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(payload)
        except OSError:
            pass  # the client gave up waiting, which is what some tests make it do
        handler.close_connection = True

    def _answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> Answer:
        url = urlsplit(handler.path)
        if handler.command == "POST" and url.path == "/api/v1/auth/universal-auth/login":
            return self._login(json.loads(body))
        if handler.command == "GET" and url.path.startswith("/api/v3/secrets/raw"):
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            name = unquote(url.path.removeprefix("/api/v3/secrets/raw").removeprefix("/"))
            return self._read(handler.headers.get("Authorization", ""), query, name)
        return 404, {"message": f"Route {handler.command}:{url.path} not found", "error": "Not Found", "statusCode": 404}

    def _login(self, credentials: dict[str, str]) -> Answer:
        if self.login_refusal is not None:
            return self.login_refusal
        if (credentials.get("clientId"), credentials.get("clientSecret")) != (CLIENT_ID, CLIENT_SECRET):
            return refusal(401, "UnauthorizedError", "Invalid credentials")
        with self._lock:
            token = f"token-{len(self._tokens) + 1}"
            self._tokens[token] = time.monotonic() + self.token_ttl
        return 200, {
            "accessToken": token,
            "expiresIn": int(self.token_ttl),
            "accessTokenMaxTTL": int(self.token_ttl),
            "tokenType": "Bearer",
        }

    def _read(self, authorization: str, query: dict[str, str], name: str) -> Answer:
        token = authorization.removeprefix("Bearer ")
        with self._lock:
            good_until = self._tokens.get(token)
            self._reads[token] = self._reads.get(token, 0) + 1
            used_up = self._reads[token] > self.reads_per_token
        if good_until is None or time.monotonic() >= good_until or used_up:
            return EXPIRED
        if self.read_fault is not None:
            return self.read_fault
        project, environment, path = query.get("workspaceId", ""), query.get("environment", ""), query.get("secretPath", "")
        if project != PROJECT_ID:
            return refusal(404, "NotFound", f"Project with ID '{project}' not found during bot lookup.")
        if environment != "dev" or path not in self.folders:
            return refusal(404, "SecretPathNotFound", f"Folder with path '{path}' in environment '{environment}' was not found.")
        readable = self.folders[path] if path in self.allowed else {}
        if not name:
            listed = [self._secret(key, value) for key, value in readable.items()]
            imports = [
                {"secretPath": "/shared", "environment": "dev", "secrets": [self._imported(k, v) for k, v in one.items()]}
                for one in self.imports
            ]
            return 200, {"secrets": listed, "imports": imports}
        if path not in self.allowed:
            return FORBIDDEN
        if name not in readable:
            return refusal(404, "NotFound", f"Secret with name '{name}' not found")
        return 200, {"secret": self._secret(name, readable[name])}

    def _secret(self, key: str, value: str) -> dict[str, Any]:
        return {
            "id": f"id-of-{key}",
            "_id": f"id-of-{key}",
            "workspace": PROJECT_ID,
            "environment": "dev",
            "version": 1,
            "type": "shared",
            "secretKey": key,
            "secretValue": "<hidden-by-infisical>" if self.hidden else value,
            "secretComment": "",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "secretValueHidden": self.hidden,
            "secretMetadata": [],
            "tags": [],
        }

    def _imported(self, key: str, value: str) -> dict[str, Any]:
        """Imported secrets come without the times of their making."""
        secret = self._secret(key, value)
        return {field: secret[field] for field in secret if field not in ("createdAt", "updatedAt")}
