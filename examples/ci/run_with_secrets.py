"""Runs one command of a CI job with the secrets of one environment: `python run_with_secrets.py COMMAND [ARG...]`.

The values live in that command's process and nowhere else: not in $GITHUB_ENV (a file that every later step reads), not
in an artifact, not on the command line. Before it starts, every value is registered as a mask, so that the runner
replaces it with *** should the command print it.

Settings: INFISICAL_HOST, INFISICAL_PROJECT_ID, INFISICAL_CLIENT_ID, INFISICAL_CLIENT_SECRET, INFISICAL_ENV and
INFISICAL_PATH, all of them required: a job must not fall back to another environment than it was told.

Exit codes: that of the command; 1 the secrets cannot be had, 2 no command, 127 no such command.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

import requests
from infisical_sdk import InfisicalSDKClient
from infisical_sdk.infisical_requests import APIError, InfisicalError

SETTINGS = (
    "INFISICAL_HOST",
    "INFISICAL_PROJECT_ID",
    "INFISICAL_CLIENT_ID",
    "INFISICAL_CLIENT_SECRET",
    "INFISICAL_ENV",
    "INFISICAL_PATH",
)
# Names that would change which program runs or what it loads, or the runner's own.
UNSAFE = re.compile(r"^(PATH|IFS|BASH_ENV|ENV|NODE_OPTIONS|LD_.*|PYTHON.*|DYLD_.*|GITHUB_.*|RUNNER_.*)$")


class JobError(Exception):
    """The job cannot have its secrets; the message says why."""


def read_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Every secret of the folder; raises JobError with one message."""
    missing = [name for name in SETTINGS if not environment.get(name)]
    if missing:
        raise JobError(f"{', '.join(missing)} not set. Set them for this job's environment in the repository's settings.")
    place = f"environment '{environment['INFISICAL_ENV']}', path '{environment['INFISICAL_PATH']}'"
    try:
        client = InfisicalSDKClient(host=environment["INFISICAL_HOST"], cache_ttl=None)
        client.auth.universal_auth.login(environment["INFISICAL_CLIENT_ID"], environment["INFISICAL_CLIENT_SECRET"])
        answer = client.secrets.list_secrets(
            project_id=environment["INFISICAL_PROJECT_ID"],
            environment_slug=environment["INFISICAL_ENV"],
            secret_path=environment["INFISICAL_PATH"],
            include_imports=False,
        )
    except APIError as error:
        raise JobError(f"Cannot read {place}: {environment['INFISICAL_HOST']} answered {error}.") from None
    except (InfisicalError, requests.exceptions.RequestException) as error:
        raise JobError(
            f"Cannot read {place}: no usable answer from {environment['INFISICAL_HOST']} ({type(error).__name__}). "
            "Can the runner reach it?"
        ) from None
    if not answer.secrets:
        raise JobError(f"No secret in {place}: the folder is empty, or this identity may not read it (both look alike).")
    return {secret.secretKey: secret.secretValue for secret in answer.secrets}


def masks_for(values: Mapping[str, str]) -> list[str]:
    """Workflow commands that hide every value; a mask covers one line, so a value of several lines needs several."""
    lines = {line for value in values.values() for line in value.splitlines() if line.strip()}
    # The runner reads percent codes in a workflow command.
    return [f"::add-mask::{line.replace('%', '%25')}" for line in sorted(lines, key=len, reverse=True)]


def main(command: list[str]) -> int:
    if not command:
        print("usage: python run_with_secrets.py COMMAND [ARG...]", file=sys.stderr)
        return 2
    try:
        values = read_secrets(os.environ)
        if unsafe := sorted(name for name in values if UNSAFE.match(name)):
            raise JobError(f"The folder holds {', '.join(unsafe)}: names that change which program runs.")
    except JobError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print("\n".join(masks_for(values)), flush=True)
    print(f"{len(values)} secrets of {os.environ['INFISICAL_ENV']} for {command[0]}", file=sys.stderr, flush=True)
    kept = {name: text for name, text in os.environ.items() if not name.startswith("INFISICAL_CLIENT_")}
    try:
        os.execvpe(command[0], command, {**kept, **values})
    except OSError as error:
        print(f"error: Cannot start '{command[0]}': {error.strerror}.", file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
