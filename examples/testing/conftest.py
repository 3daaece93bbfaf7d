"""An Infisical with this blueprint, for pytest.

Copy this file to your tests (or import the fixture from it) and say where the stack's project is by
INFISICAL_STACK_FOLDER. A test then asks for the fixture::

    def test_reads_its_key(infisical):
        app = start(infisical.environment)

One instance serves the whole run. It ends with the run; if that is killed, ``npm run reap`` or the next start takes it
once its time is over. Settings by environment: INFISICAL_TEST_TARGET (``sandbox``, which is not Infisical and the
default, or ``docker``), INFISICAL_TEST_BLUEPRINT, INFISICAL_TEST_TTL. A test suite with secrets of its own overrides the
fixture ``infisical_values``.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Infisical:
    name: str
    url: str
    environment: dict[str, str]
    """INFISICAL_HOST, _PROJECT_ID, _CLIENT_ID, _CLIENT_SECRET, _ENV and _PATH."""


def _ephemeral(arguments: list[str], values: dict[str, str] | None = None) -> str:
    folder = os.environ.get("INFISICAL_STACK_FOLDER") or Path(__file__).resolve().parents[2]
    # Secrets go by standard input: a command line can be read by everybody on the machine.
    done = subprocess.run(
        ["npm", "run", "-s", "ephemeral", "--", *arguments],
        cwd=folder,
        input=json.dumps(values or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm run ephemeral: {done.stderr.strip()}")
    return done.stdout


@pytest.fixture(scope="session")
def infisical_values() -> dict[str, str]:
    """Secrets that the blueprint takes from the configuration."""
    return {"OPENAI_API_KEY": "sk-only-in-these-tests"}


@pytest.fixture(scope="session")
def infisical(infisical_values: dict[str, str]) -> Iterator[Infisical]:
    target = os.environ.get("INFISICAL_TEST_TARGET", "sandbox")
    arguments = ["--json", "--target", target, "--ttl", os.environ.get("INFISICAL_TEST_TTL", "30m"), "--values", "-"]
    blueprint = os.environ.get("INFISICAL_TEST_BLUEPRINT")
    if blueprint:
        arguments += ["--blueprint", str(Path(blueprint).resolve())]
    started = json.loads(_ephemeral(arguments, infisical_values))
    environment = json.loads(Path(started["environmentFile"]).read_text(encoding="utf-8"))
    try:
        yield Infisical(name=started["name"], url=started["url"], environment=environment)
    finally:
        _ephemeral(["--end", started["name"]])
