"""`run_with_secrets.py` against a small stand-in of Infisical on loopback: `python -m unittest discover -s tests`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SCRIPT = Path(__file__).parent.parent / "run_with_secrets.py"
FOLDERS = {
    "dev": {"OPENAI_API_KEY": "sk-dev-0123456789", "PEM": "-----BEGIN-----\nbWlkZGxl\n-----END-----\n"},
    "prod": {"OPENAI_API_KEY": "sk-prod-100%-sure"},
}
SHOW = "import os; print('got', os.environ['OPENAI_API_KEY'], sorted(n for n in os.environ if 'CLIENT' in n))"


class Handler(BaseHTTPRequestHandler):
    """It is no Infisical: each client ID is the name of the one environment that it may read."""

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if sent["clientSecret"] != "right":
            self._reply(401, {"message": "Invalid credentials", "error": "UnauthorizedError", "statusCode": 401})
            return
        life = {"expiresIn": 7200, "accessTokenMaxTTL": 7200, "tokenType": "Bearer"}
        self._reply(200, {"accessToken": sent["clientId"], **life})

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)["environment"][0]
        allowed = self.headers["Authorization"] == f"Bearer {asked}"
        common = ("id", "_id", "workspace", "environment", "type", "secretComment", "createdAt", "updatedAt")
        listed = [
            {**dict.fromkeys(common, ""), "version": 1, "secretKey": key, "secretValue": value}
            for key, value in (FOLDERS[asked] if allowed else {}).items()
        ]
        self._reply(200, {"secrets": listed, "imports": []})

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _reply(self, status: int, body: object) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


class RunTest(unittest.TestCase):
    def setUp(self) -> None:
        standin = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        standin.daemon_threads = True
        threading.Thread(target=standin.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(standin.server_close)
        self.addCleanup(standin.shutdown)
        self.host = f"http://127.0.0.1:{standin.server_address[1]}"

    def run_script(self, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "INFISICAL_HOST": self.host,
            "INFISICAL_PROJECT_ID": "project",
            "INFISICAL_CLIENT_ID": "dev",
            "INFISICAL_CLIENT_SECRET": "right",
            "INFISICAL_ENV": "dev",
            "INFISICAL_PATH": "/openai-rag",
            **changes,
        }
        return subprocess.run(
            [sys.executable, SCRIPT, *command], env=environment, capture_output=True, text=True, timeout=60
        )

    def test_the_command_gets_the_values_of_its_environment_after_they_are_masked(self) -> None:
        done = self.run_script(sys.executable, "-c", SHOW)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[-1], "got sk-dev-0123456789 []")
        self.assertEqual(
            set(lines[:-1]),
            {f"::add-mask::{line}" for line in ("sk-dev-0123456789", "-----BEGIN-----", "bWlkZGxl", "-----END-----")},
        )

    def test_another_environment_gives_other_values_and_percent_signs_survive_in_the_mask(self) -> None:
        done = self.run_script(sys.executable, "-c", SHOW, INFISICAL_CLIENT_ID="prod", INFISICAL_ENV="prod")
        self.assertEqual(done.stdout.splitlines(), ["::add-mask::sk-prod-100%25-sure", "got sk-prod-100%-sure []"])

    def test_outside_of_a_runner_nothing_of_the_values_is_printed(self) -> None:
        done = self.run_script("true", GITHUB_ACTIONS="")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_identity_of_dev_gets_nothing_of_prod(self) -> None:
        done = self.run_script("true", INFISICAL_ENV="prod")
        self.assertEqual(done.returncode, 1)
        self.assertIn("No secret in environment 'prod'", done.stderr)

    def test_what_cannot_work_ends_with_one_message(self) -> None:
        for changes, message in (
            ({"INFISICAL_CLIENT_SECRET": "wrong"}, "Invalid credentials"),
            ({"INFISICAL_ENV": ""}, "INFISICAL_ENV not set"),
        ):
            with self.subTest(message):
                done = self.run_script("true", **changes)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, rf"\Aerror: [^\n]*{message}[^\n]*\n\Z")

    def test_the_exit_code_is_that_of_the_command(self) -> None:
        self.assertEqual(self.run_script("sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(self.run_script("no-such-command-here").returncode, 127)


if __name__ == "__main__":
    unittest.main()
