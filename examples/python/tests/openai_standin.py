"""Stands in for the OpenAI API in tests, on loopback: `python tests/openai_standin.py [PORT]`.

It is no model. An embedding is the hashed words of the text, so texts that share words are near to each other; an
answer is the sentence of the given passages that shares most words with the question. Both are the same at every run.
It serves POST /v1/embeddings and POST /v1/chat/completions and says in every answer what it is. With OPENAI_STANDIN_KEY
set it refuses every other key with 401, as OpenAI does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import re
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DIMENSIONS = 256
NAME = "stand-in, not OpenAI"
_COMMON = frozenset(
    "a an and are as at be by can do does for from has have how i in is it its of on or so that the then there this "
    "to was what when where which who why will with".split()
)


def words(text: str) -> list[str]:
    """Lower-case words without the most common ones and without a plural s."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [word.removesuffix("s") if len(word) > 3 else word for word in found if word not in _COMMON]


def embedding(text: str) -> list[float]:
    """A unit vector; every word adds to one place of it that its hash picks."""
    vector = [0.0] * DIMENSIONS
    for word in words(text):
        digest = hashlib.sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:4], "big") % DIMENSIONS] += 1.0 if digest[4] % 2 else -1.0
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    return [x / length for x in vector]


def best_sentence(prompt: str) -> str:
    """The sentence before "Question:" that shares most words with what comes after it."""
    passages, _, question = prompt.rpartition("Question:")
    asked = set(words(question))
    sentences = re.split(r"(?<=[.!?])\s+|\n+", re.sub(r"\[\d+\] |Passages:", "", passages))
    return max(sentences, key=lambda sentence: len(asked & set(words(sentence))), default="").strip()


def answer(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and body for one request."""
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    if path == "/v1/embeddings":
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        return 200, {
            "object": "list",
            "model": body["model"],
            "data": [
                {"object": "embedding", "index": index, "embedding": _encoded(embedding(text), body)}
                for index, text in enumerate(texts)
            ],
            "usage": usage,
        }
    if path == "/v1/chat/completions":
        message = {"role": "assistant", "content": best_sentence(body["messages"][-1]["content"])}
        return 200, {
            "id": "chatcmpl-standin",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": usage,
        }
    return 404, {"error": {"message": f"{NAME}: no route {path}", "type": "invalid_request_error"}}


def _encoded(vector: list[float], body: dict[str, Any]) -> list[float] | str:
    # The official client asks for base64 unless told otherwise.
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        wanted = os.environ.get("OPENAI_STANDIN_KEY", "")
        if wanted and self.headers.get("Authorization") != f"Bearer {wanted}":
            status, reply = 401, {"error": {"message": f"{NAME}: wrong key", "type": "invalid_request_error"}}
        else:
            status, reply = answer(self.path, json.loads(raw))
        payload = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("X-Standin", NAME)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(port: int = 0) -> ThreadingHTTPServer:
    """A server on 127.0.0.1, not yet serving; port 0 picks a free one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server


if __name__ == "__main__":
    standin = serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f"OpenAI {NAME}: http://127.0.0.1:{standin.server_address[1]}/v1", flush=True)
    try:
        standin.serve_forever()
    except KeyboardInterrupt:
        pass
