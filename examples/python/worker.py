"""A long-running worker: uses its secrets again and again, through expired tokens, rotations and an absent server.

    python worker.py [--seconds 60] [--every 0.5] [--json]

Without `--seconds` it runs until SIGTERM or Ctrl-C, and ends cleanly. What happens goes to the log (stderr), the figures
to stdout at the end. Exit codes: 0 no read failed, 1 some did or it could not start, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass

from rag_errors import SecretsError
from rag_secrets import SecretsClient, mask

log = logging.getLogger("worker")


@dataclass
class Figures:
    """What a run saw: reads, how many of them failed, how many were served from old values, and changes of the key."""

    reads: int = 0
    failed: int = 0
    stale: int = 0
    changes: int = 0
    slowest_ms: int = 0


def work(client: SecretsClient, stop: threading.Event, until: float, every: float) -> Figures:
    """Reads the key every `every` seconds until `stop` is set or the monotonic clock passes `until`."""
    figures, before = Figures(), ""
    while not stop.is_set() and time.monotonic() < until:
        begun = time.monotonic()
        try:
            key = client.get("OPENAI_API_KEY")
        except SecretsError as error:
            figures.failed += 1
            log.error("read failed: %s", error)
        else:
            if before not in ("", key):
                figures.changes += 1
                log.info("the key is another one now: %s", mask(key))
            before = key
        figures.reads += 1
        figures.stale += client.freshness().stale
        figures.slowest_ms = max(figures.slowest_ms, round((time.monotonic() - begun) * 1000))
        stop.wait(every)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description="Reads a secret again and again.")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="how long; default until SIGTERM")
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two reads")
    parser.add_argument("--max-age", type=float, default=30.0, help="seconds a value is served without asking again")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON line")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with SecretsClient(max_age=arguments.max_age) as client:
            client.start_renewal()
            client.list_all()
            figures = work(client, stop, time.monotonic() + arguments.seconds, arguments.every)
    except SecretsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(asdict(figures), separators=(",", ":")))
    else:
        print(
            f"{figures.reads} reads, {figures.failed} failed, {figures.stale} from last good values, "
            f"{figures.changes} changes of the key seen, slowest read {figures.slowest_ms} ms"
        )
    return 1 if figures.failed else 0


if __name__ == "__main__":
    sys.exit(main())
