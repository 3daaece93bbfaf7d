"""`start.py` against a small stand-in of Infisical on loopback: `python3 -m unittest discover -s tests`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(__file__).parent.parent
VALUES = {
    "OPENAI_API_KEY": "sk-proj-0123456789abcdef",
    "OPENAI_EMBED_MODEL": "text-embedding-3-large",
    "OPENAI_LLM_MODEL": "gpt-4o-mini",
    "QDRANT_URL": "http://localhost:6333",
}
CLIENT_SECRET = "f" * 64
PRINT_ENVIRONMENT = "import os, json; print(json.dumps(dict(os.environ)))"


class Standin(ThreadingHTTPServer):
    """It is no Infisical: one identity, one folder, values in memory."""

    daemon_threads = True
    values: dict[str, str] = VALUES
    failing = 0


class Handler(BaseHTTPRequestHandler):
    server: Standin

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.failing > 0:
            self.server.failing -= 1
            self._reply(503, {"message": "starting"})
        elif sent != {"clientId": "client", "clientSecret": CLIENT_SECRET}:
            self._reply(401, {"message": "Invalid credentials", "error": "UnauthorizedError"})
        else:
            self._reply(200, {"accessToken": "token", "expiresIn": 7200})

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer token":
            self._reply(401, {"message": "Token missing"})
            return
        listed = [{"secretKey": key, "secretValue": value} for key, value in self.server.values.items()]
        shared = [{"secretKey": "SHARED", "secretValue": "imported"}, {"secretKey": "QDRANT_URL", "secretValue": "no"}]
        self._reply(200, {"secrets": listed, "imports": [{"secrets": shared}] if listed else []})

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _reply(self, status: int, body: object) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


class StartTest(unittest.TestCase):
    def setUp(self) -> None:
        self.standin = Standin(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.standin.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(self.standin.server_close)
        self.addCleanup(self.standin.shutdown)
        self.secret_file = Path(folder.name) / "client-secret"
        self.secret_file.write_text(CLIENT_SECRET + "\n")

    def environment(self, **changes: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "INFISICAL_HOST": f"http://127.0.0.1:{self.standin.server_address[1]}",
            "INFISICAL_PROJECT_ID": "project",
            "INFISICAL_CLIENT_ID": "client",
            "INFISICAL_CLIENT_SECRET_FILE": str(self.secret_file),
            "START_TIMEOUT_SECONDS": "5",
            **changes,
        }

    def start(self, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, FOLDER / "start.py", *command],
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def test_the_command_gets_the_secrets_and_not_the_identity(self) -> None:
        done = self.start(sys.executable, "-c", PRINT_ENVIRONMENT)
        self.assertEqual(done.returncode, 0, done.stderr)
        environment = json.loads(done.stdout)
        self.assertEqual({key: environment[key] for key in VALUES}, VALUES)
        self.assertEqual(environment["SHARED"], "imported")
        self.assertEqual([name for name in environment if name.startswith("INFISICAL_CLIENT_")], [])
        for secret in (*VALUES.values(), CLIENT_SECRET):
            self.assertNotIn(secret, done.stderr)

    def test_the_exit_code_is_that_of_the_command(self) -> None:
        self.assertEqual(self.start("sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(self.start("no-such-command-here").returncode, 127)
        self.assertEqual(self.start().returncode, 2)

    def test_a_server_that_is_not_up_yet_is_waited_for(self) -> None:
        self.standin.failing = 2
        done = self.start("true")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Waiting for 5 s at most", done.stderr)

    def test_the_wait_is_bounded(self) -> None:
        begun = time.monotonic()
        done = self.start("true", INFISICAL_HOST="http://127.0.0.1:1", START_TIMEOUT_SECONDS="1")
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Gave up after 1 s", done.stderr)

    def test_what_cannot_work_ends_at_once_with_one_message(self) -> None:
        cases = {
            "wrong client secret": ({"INFISICAL_CLIENT_SECRET_FILE": "", "INFISICAL_CLIENT_SECRET": "x"}, "Invalid cred"),
            "nothing set": ({"INFISICAL_CLIENT_ID": ""}, "INFISICAL_CLIENT_ID not set"),
            "no address": ({"INFISICAL_HOST": "infisical:8080"}, "must start with http"),
            "no file": ({"INFISICAL_CLIENT_SECRET_FILE": "/nosuch"}, "must be readable by user"),
        }
        for name, (changes, message) in cases.items():
            with self.subTest(name):
                done = self.start("true", **changes)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, rf"\Aerror: [^\n]*{message}[^\n]*\n\Z")

    def test_an_empty_folder_and_names_that_hijack_a_program_are_refused(self) -> None:
        self.standin.values = {}
        self.assertIn("the folder is empty, or", self.start("true").stderr)
        self.standin.values = {"LD_PRELOAD": "/tmp/x.so", "PATH": "/tmp"}
        done = self.start("true")
        self.assertEqual(done.returncode, 1)
        self.assertIn("LD_PRELOAD, PATH", done.stderr)

    def test_the_application_serves_and_ends_on_sigterm(self) -> None:
        app = subprocess.Popen(
            [sys.executable, str(FOLDER / "start.py"), sys.executable, str(FOLDER / "app.py")],
            env=self.environment(PORT="0"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.addCleanup(app.kill)
        assert app.stdout is not None
        report = json.loads(app.stdout.readline())
        self.assertEqual((report["read"], report["identityInEnvironment"]), (4, []))
        app.send_signal(signal.SIGTERM)
        app.communicate(timeout=20)
        self.assertIn(app.returncode, (0, -signal.SIGTERM))


if __name__ == "__main__":
    unittest.main()
