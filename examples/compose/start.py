"""Starts a command with the secrets of one Infisical folder in its environment: `python3 start.py COMMAND [ARG...]`.

For applications that read environment variables and know nothing of Infisical. The values go from the server's answer
into the new process and nowhere else: not to a file, not into the image, not into what `docker inspect` shows. The
command takes the place of this process (exec), so it gets the container's signals itself. It does not get the identity:
INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET are taken out of its environment.

Standard library only: nothing to install in the image. Settings: INFISICAL_HOST, INFISICAL_PROJECT_ID,
INFISICAL_CLIENT_ID, INFISICAL_CLIENT_SECRET, INFISICAL_ENV (dev), INFISICAL_PATH (/openai-rag), each also as
`<NAME>_FILE`; START_TIMEOUT_SECONDS (60) is how long a server that is away is waited for.

Exit codes: 1 the secrets cannot be had, 2 no command, 127 no such command; else those of the command.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

REQUEST_TIMEOUT = 5.0
# Names that would change which program runs or what it loads. A secret store must not be a way to do that.
UNSAFE = re.compile(r"^(PATH|IFS|BASH_ENV|ENV|NODE_OPTIONS|LD_.*|PYTHON.*|DYLD_.*)$")
POSSIBLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class StartError(Exception):
    """The command cannot be started; the message says why and what to do."""


class ServerAwayError(StartError):
    """No usable answer yet: worth another try."""


def settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings; raises StartError that names what is missing."""

    def value(name: str, default: str = "") -> str:
        file = environment.get(f"{name}_FILE")
        if not file:
            return environment.get(name, "").strip() or default
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise StartError(
                f"Cannot read {name}_FILE '{file}': {error.strerror}. The file must be readable by user {os.getuid()}."
            ) from None

    names = ("INFISICAL_HOST", "INFISICAL_PROJECT_ID", "INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET")
    found = {name: value(name) for name in names}
    missing = [name for name, text in found.items() if not text]
    if missing:
        raise StartError(f"{', '.join(missing)} not set. `npm run env` in the stack's project gives all of them.")
    if not found["INFISICAL_HOST"].startswith(("http://", "https://")):
        raise StartError(f"INFISICAL_HOST is '{found['INFISICAL_HOST']}': it must start with http:// or https://.")
    found["INFISICAL_HOST"] = found["INFISICAL_HOST"].rstrip("/").removesuffix("/api")
    return {**found, "environment": value("INFISICAL_ENV", "dev"), "path": value("INFISICAL_PATH", "/openai-rag")}


def read_secrets(settings: Mapping[str, str]) -> dict[str, str]:
    """Every secret of the folder, imported ones included. Raises ServerAwayError or StartError."""
    login = _ask(
        settings,
        "log in",
        "/api/v1/auth/universal-auth/login",
        body={"clientId": settings["INFISICAL_CLIENT_ID"], "clientSecret": settings["INFISICAL_CLIENT_SECRET"]},
    )
    query = urllib.parse.urlencode(
        {
            "workspaceId": settings["INFISICAL_PROJECT_ID"],
            "environment": settings["environment"],
            "secretPath": settings["path"],
            "viewSecretValue": "true",
            "expandSecretReferences": "true",
            "include_imports": "true",
        }
    )
    answer = _ask(settings, "read the folder", f"/api/v3/secrets/raw?{query}", token=str(login.get("accessToken")))
    try:
        # A name is looked up in the folder first, then in its imports from the last one back: same order here.
        listed = [*(secret for one in answer.get("imports") or [] for secret in one["secrets"]), *answer["secrets"]]
        values = {str(secret["secretKey"]): str(secret["secretValue"]) for secret in listed}
    except (KeyError, TypeError):
        raise StartError(f"{settings['INFISICAL_HOST']} answered, but not as Infisical does.") from None
    if any(secret.get("secretValueHidden") for secret in listed):
        raise StartError("The identity may see names only: it needs the action readValue besides describeSecret.")
    if not values:
        raise StartError(
            f"No secret in environment '{settings['environment']}', path '{settings['path']}': the folder is empty, or "
            "the identity may not read it (the server answers both in the same way). Check INFISICAL_ENV, INFISICAL_PATH."
        )
    return values


def wait_for_secrets(
    settings: Mapping[str, str], seconds: float, read: Callable[[Mapping[str, str]], dict[str, str]] = read_secrets
) -> dict[str, str]:
    """`read`, tried again while the server is away, for `seconds` at most. A refusal is not tried again."""
    deadline = time.monotonic() + seconds
    said = False
    while True:
        try:
            return read(settings)
        except ServerAwayError as error:
            if time.monotonic() >= deadline:
                raise StartError(f"{error} Gave up after {seconds:.0f} s.") from None
            if not said:
                print(f"start.py: {error} Waiting for {seconds:.0f} s at most.", file=sys.stderr, flush=True)
                said = True
            time.sleep(min(1.0, max(0.0, deadline - time.monotonic())))


def environment_for(inherited: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """The command's environment: what this process has, without the identity, and the secrets over it."""
    unsafe = [name for name in secrets if UNSAFE.match(name)]
    if unsafe:
        raise StartError(
            f"The folder holds {', '.join(sorted(unsafe))}: names that change which program runs. Rename them in Infisical."
        )
    kept = {name: text for name, text in inherited.items() if not name.startswith("INFISICAL_CLIENT_")}
    return {**kept, **{name: text for name, text in secrets.items() if POSSIBLE.match(name) and "\0" not in text}}


def _ask(
    settings: Mapping[str, str], act: str, route: str, *, body: Mapping[str, str] | None = None, token: str = ""
) -> dict[str, Any]:
    host = settings["INFISICAL_HOST"]
    # Without a User-Agent the server's login answers 500.
    headers = {"User-Agent": "start.py", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(host + route, data=data, headers=headers), timeout=REQUEST_TIMEOUT
        ) as response:
            answer = json.loads(response.read())
    except urllib.error.HTTPError as error:
        if error.code >= 500 or error.code == 429:
            raise ServerAwayError(f"Cannot {act}: {host} answered {error.code}.") from None
        raise StartError(
            f"Cannot {act} as client {settings['INFISICAL_CLIENT_ID']} in environment '{settings['environment']}', path "
            f"'{settings['path']}': {host} answered {error.code} \"{_message(error)}\". Check the INFISICAL_* settings."
        ) from None
    except ValueError:
        raise StartError(f"{host} answered, but not as Infisical does. Check INFISICAL_HOST.") from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise ServerAwayError(f"Cannot {act}: no answer from {host} ({reason}).") from None
    return answer if isinstance(answer, dict) else {}


def _message(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["message"])[:200].rstrip(".")
    except (ValueError, KeyError, TypeError, OSError):
        return error.reason


def main(command: list[str]) -> int:
    if not command:
        print("usage: python3 start.py COMMAND [ARG...]", file=sys.stderr)
        return 2
    try:
        seconds = float(os.environ.get("START_TIMEOUT_SECONDS", "60"))
        secrets = wait_for_secrets(settings_of(os.environ), seconds)
        environment = environment_for(os.environ, secrets)
    except StartError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"start.py: {len(secrets)} secrets read, starting {command[0]}", file=sys.stderr, flush=True)
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        print(f"error: Cannot start '{command[0]}': {error.strerror}.", file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
