"""An application that knows nothing of Infisical: it reads environment variables, as it did with a `.env` file.

It serves what it has on port 8000, masked, and ends on SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEYS = ("OPENAI_API_KEY", "OPENAI_EMBED_MODEL", "OPENAI_LLM_MODEL", "QDRANT_URL")


def report() -> dict[str, object]:
    """The application's keys, masked, and whether the identity that fetched them is still around."""
    masked = {key: _mask(os.environ[key]) for key in KEYS}
    identity = sorted(name for name in os.environ if name.startswith("INFISICAL_CLIENT_"))
    return {"read": len(masked), "masked": masked, "identityInEnvironment": identity}


def _mask(value: str) -> str:
    return f"{value[:4] if len(value) >= 16 else ''}…({len(value)} characters)"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        payload = json.dumps(report(), ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> int:
    missing = [key for key in KEYS if key not in os.environ]
    if missing:
        print(f"error: {', '.join(missing)} not in the environment", file=sys.stderr)
        return 1
    print(json.dumps(report(), ensure_ascii=False), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
