"""Secrets of this application, read from Infisical: `get(name)` and `list_all()`.

This file must not be called `secrets.py`: a file of that name in the application's folder comes before Python's own
`secrets` module on the import path, and the libraries that import that one (web frameworks, HTTP clients, this SDK's
own dependencies) then break in places that have nothing to do with it.

What it adds to the SDK, and why:

- **One read for the whole folder.** Four keys cost one request, and values that belong together (a key and the address
  it is for) are from the same moment.
- **A cache with a bounded age.** The SDK keeps its own for 60 s by default; it is switched off here (`cache_ttl=None`),
  so that `max_age` is the one number that says how long a rotated value may be served old.
- **A new login when the token is over.** The SDK does none. An expired token is status 403 with `error: "TokenError"`;
  a forbidden folder is 403 too, and there a new login would only hide the cause.
- **Time limits.** The SDK sets none, and repeats a failed request for about 14 s.
- **The last good values while the server is away**, for `max_stale` seconds and no longer; it says so in the log.

Thread-safe. Make one client per process, after a fork (in gunicorn: not with `--preload`).
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import requests
from infisical_sdk import InfisicalSDKClient
from infisical_sdk.infisical_requests import InfisicalError
from requests.adapters import HTTPAdapter

from rag_errors import (
    AccessDeniedError,
    SecretNotFoundError,
    SecretsError,
    ServerAwayError,
    SettingsError,
    TokenRejectedError,
    explain,
)

log = logging.getLogger("rag_secrets")

T = TypeVar("T")

# A name no secret has: asking for it tells an empty folder (404) from a forbidden one (403).
_PROBE = "NO_SECRET_HAS_THIS_NAME"
# How long after a failed read the next one is tried; between them the last good values answer at once.
_RETRY_EVERY = 5.0


@dataclass(frozen=True)
class Settings:
    """Where the secrets are and who asks for them.

    `client_secret` is left out of `repr`; with `client_secret_file` it is read anew at every login, so that a rotated
    file needs no restart.
    """

    host: str
    project_id: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_secret_file: str = ""
    environment: str = "dev"
    path: str = "/openai-rag"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from INFISICAL_* variables; `<NAME>_FILE` gives a file to read instead: a mounted secret, or an
        environment file that has a line for the variable.

        Raises SettingsError that names every variable which is missing.
        """

        def value(name: str, default: str = "") -> str:
            file = environment.get(f"{name}_FILE", "")
            return _read_file(name, file) if file else environment.get(name, "").strip() or default

        found = {
            "INFISICAL_PROJECT_ID": value("INFISICAL_PROJECT_ID"),
            "INFISICAL_CLIENT_ID": value("INFISICAL_CLIENT_ID"),
            "INFISICAL_CLIENT_SECRET": value("INFISICAL_CLIENT_SECRET"),
        }
        missing = [name for name, text in found.items() if not text]
        if missing:
            raise SettingsError(
                f"Cannot read secrets: {', '.join(missing)} not set in the environment of this process. "
                "`npm run env` in the stack's project gives all of them; see the README."
            )
        return cls(
            host=_checked_host(value("INFISICAL_HOST", "https://app.infisical.com")),
            project_id=found["INFISICAL_PROJECT_ID"],
            client_id=found["INFISICAL_CLIENT_ID"],
            client_secret=found["INFISICAL_CLIENT_SECRET"],
            client_secret_file=environment.get("INFISICAL_CLIENT_SECRET_FILE", ""),
            environment=value("INFISICAL_ENV", "dev"),
            path=value("INFISICAL_PATH", "/openai-rag"),
        )

    def current_client_secret(self) -> str:
        """The client secret as it is now: from its file where there is one."""
        if self.client_secret_file:
            return _read_file("INFISICAL_CLIENT_SECRET", self.client_secret_file)
        return self.client_secret


@dataclass(frozen=True)
class Freshness:
    """How old the values are that the next `get` would serve without asking the server."""

    age: float | None
    """Seconds since the server last gave them; None before the first read."""
    stale: bool
    """True while the server is away and older values than `max_age` are served."""
    reason: str
    """Why the last read failed; empty after a good one."""


@dataclass(frozen=True)
class _Snapshot:
    values: Mapping[str, str]
    read_at: float


class SecretsClient:
    """Reads one folder of one environment. Every public method may be called from any thread.

    `max_age`: seconds a value is served without asking again. `max_stale`: seconds, counted from the same read, that
    the last good values are served while the server is away; after that ServerAwayError. `timeout`: seconds for one
    request. Refusals (wrong credentials, no grant) are raised at once and never covered by old values.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        max_age: float = 30.0,
        max_stale: float = 3600.0,
        timeout: float = 5.0,
        retry_every: float = _RETRY_EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_stale < max_age:
            raise SettingsError(f"max_stale ({max_stale} s) must not be below max_age ({max_age} s).")
        self.settings = settings or Settings.from_environment()
        self._max_age = max_age
        self._max_stale = max_stale
        self._retry_every = retry_every
        self._clock = clock
        self._sdk = InfisicalSDKClient(host=self.settings.host, cache_ttl=None)
        transport = _BoundedTransport(timeout)
        self._sdk.api.session.mount("http://", transport)
        self._sdk.api.session.mount("https://", transport)
        # Guards the SDK's session and everything below. Reads of a fresh snapshot do not take it.
        self._lock = threading.RLock()
        self._snapshot: _Snapshot | None = None
        self._token_due: float | None = None
        self._logged_in = False
        self._failed_at = 0.0
        self._failure: ServerAwayError | None = None
        self._stop = threading.Event()
        self._renewal: threading.Thread | None = None

    def get(self, name: str, *, path: str | None = None) -> str:
        """The value of one secret.

        Without `path`: from the folder of the settings, through the cache. With `path`: straight from the server.
        Raises SecretNotFoundError, AccessDeniedError, PathNotFoundError, ProjectNotFoundError, CredentialsError,
        ServerAwayError, SettingsError or UnexpectedAnswerError (all of them SecretsError).
        """
        if path is not None:
            return self._read_one(name, path)
        values = self._current().values
        if name not in values:
            # It may be younger than the snapshot; and if it is not there, the server knows whether that is a 403 or a 404.
            value = self._read_one(name, self.settings.path)
            self.refresh()
            return value
        return values[name]

    def list_all(self) -> Mapping[str, str]:
        """Every secret of the folder, imported ones included, as a read-only mapping. Errors as for `get`."""
        return self._current().values

    def refresh(self) -> None:
        """Reads the folder now, whatever the age of the cache. With the server away the last good values stay."""
        with self._lock:
            self._read_or_keep()

    def freshness(self) -> Freshness:
        """Age and state of the cached values; asks nobody."""
        snapshot, failure = self._snapshot, self._failure
        age = None if snapshot is None else self._age(snapshot)
        stale = failure is not None and age is not None and age > self._max_age
        return Freshness(age=age, stale=stale, reason="" if failure is None else str(failure))

    def start_renewal(self) -> None:
        """Keeps token and values fresh from a background thread, so that no `get` waits for the network.

        For long-running workers. Logs in again when two thirds of the token's life are over. `close` ends the thread.
        """
        with self._lock:
            if self._renewal is None:
                self._stop.clear()
                self._renewal = threading.Thread(target=self._renew_until_stopped, name="rag-secrets", daemon=True)
                self._renewal.start()

    def close(self) -> None:
        """Ends the background renewal and the connections. May be called more than once."""
        self._stop.set()
        renewal = self._renewal
        if renewal is not None and renewal is not threading.current_thread():
            renewal.join()
        self._renewal = None
        self._sdk.api.session.close()
        self._sdk.close()

    def __enter__(self) -> SecretsClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _current(self) -> _Snapshot:
        snapshot = self._snapshot
        if snapshot is not None and self._age(snapshot) <= self._max_age:
            return snapshot
        failure = self._failure
        if failure is not None and (self._renewal is not None or self._clock() - self._failed_at < self._retry_every):
            # Known to be away: the background thread, or the first read after `retry_every`, tries it again.
            return self._last_good(failure)
        with self._lock:
            snapshot = self._snapshot
            if snapshot is not None and self._age(snapshot) <= self._max_age:
                return snapshot  # another thread read it while this one waited
            failure = self._failure
            if failure is not None and self._clock() - self._failed_at < self._retry_every:
                return self._last_good(failure)  # another thread waited for nothing already
            return self._read_or_keep()

    def _read_or_keep(self) -> _Snapshot:
        """A new snapshot, or the last good one while the server is away."""
        try:
            values = self._list()
        except ServerAwayError as error:
            self._failed_at, self._failure = self._clock(), error
            kept = self._last_good(error)
            log.warning(
                "%s Serving the last good values, %.0f s old (allowed: %.0f s).", error, self._age(kept), self._max_stale
            )
            return kept
        if self._failure is not None:
            log.warning("%s answers again; values are fresh.", self.settings.host)
        self._failure = None
        self._snapshot = _Snapshot(values=values, read_at=self._clock())
        return self._snapshot

    def _last_good(self, failure: ServerAwayError) -> _Snapshot:
        snapshot = self._snapshot
        if snapshot is None:
            raise failure
        age = self._age(snapshot)
        if age > self._max_stale:
            raise ServerAwayError(
                f"{failure} The last good values are {age:.0f} s old, older than the {self._max_stale:.0f} s allowed."
            )
        return snapshot

    def _age(self, snapshot: _Snapshot) -> float:
        return self._clock() - snapshot.read_at

    def _list(self) -> Mapping[str, str]:
        settings = self.settings

        def ask() -> dict[str, str]:
            answer = self._sdk.secrets.list_secrets(
                project_id=settings.project_id,
                environment_slug=settings.environment,
                secret_path=settings.path,
            )
            values: dict[str, str] = {}
            # The server looks a name up in the folder first, then in its imports from the last one back: same order here.
            for imported in answer.imports:
                # infisicalsdk 1.0.16 leaves imported secrets as the dictionaries of the answer.
                values.update(_visible(secret, settings) for secret in imported.secrets)
            values.update(_visible(vars(secret), settings) for secret in answer.secrets)
            return values

        values = self._authenticated("read the secrets", settings.path, ask)
        if not values:
            # A forbidden folder lists as empty with status 200. Reading one name tells which of the two it is.
            try:
                self._read_one(_PROBE, settings.path, what="read the secrets")
            except SecretNotFoundError:
                log.warning("No secret in environment '%s', path '%s'.", settings.environment, settings.path)
        return MappingProxyType(values)

    def _read_one(self, name: str, path: str, what: str = "") -> str:
        if not name:
            raise SettingsError("Cannot read a secret without a name.")
        settings = self.settings

        def ask() -> str:
            secret = self._sdk.secrets.get_secret_by_name(
                # The SDK puts the name into the address as it is: "a/b" or "a?b" would ask for something else.
                secret_name=quote(name, safe=""),
                project_id=settings.project_id,
                environment_slug=settings.environment,
                secret_path=path,
            )
            return _visible(vars(secret), settings)[1]

        return self._authenticated(what or f"read secret '{name}'", path, ask)

    def _authenticated(self, what: str, path: str, ask: Callable[[], T]) -> T:
        """Asks with a token that should be good, and once more with a new one if the server says it is not."""
        with self._lock:
            if not self._logged_in or (self._token_due is not None and self._clock() >= self._token_due):
                self._log_in()
            try:
                return self._explained(what, path, ask)
            except TokenRejectedError:
                self._logged_in = False
                self._log_in()
                return self._explained(what, path, ask)

    def _log_in(self) -> None:
        with self._lock:
            client_secret = self.settings.current_client_secret()
            answer = self._explained(
                "log in",
                self.settings.path,
                lambda: self._sdk.auth.universal_auth.login(self.settings.client_id, client_secret),
            )
            self._logged_in = True
            # 0 means a token without an end (v0.159.22): nothing to renew.
            self._token_due = self._clock() + answer.expiresIn * 2 / 3 if answer.expiresIn > 0 else None

    def _explained(self, what: str, path: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except _TransportFailure as failure:
            raise explain(failure.reason, self.settings, what, path) from None
        except (InfisicalError, requests.exceptions.RequestException, KeyError, TypeError, ValueError) as error:
            raise explain(error, self.settings, what, path) from None

    def _renew_until_stopped(self) -> None:
        try:
            while not self._stop.wait(self._seconds_to_next_act()):
                try:
                    self.refresh()
                except SecretsError as error:
                    log.warning("Background renewal: %s", error)
                    if self._stop.wait(self._retry_every):
                        return
        finally:
            # Without the thread, for whatever reason, readers must ask the server themselves again.
            self._renewal = None

    def _seconds_to_next_act(self) -> float:
        """Values are read again a little before they are too old; the token is renewed when it is due."""
        with self._lock:
            now = self._clock()
            if self._failure is not None:
                return self._retry_every
            due = [now if self._snapshot is None else self._snapshot.read_at + self._max_age * 0.8]
            if self._token_due is not None:
                due.append(self._token_due)
            return max(0.05, min(due) - now)


class _TransportFailure(Exception):
    """Carries a transport error past the SDK, which would repeat it for about 14 s if it saw the original class."""

    def __init__(self, reason: requests.exceptions.RequestException) -> None:
        super().__init__(str(reason))
        self.reason = reason


class _BoundedTransport(HTTPAdapter):
    """Gives every request a time limit, and one more try when a kept connection turned out to be closed."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        try:
            return super().send(request, *args, **kwargs)
        except (requests.exceptions.Timeout, requests.exceptions.SSLError) as error:
            raise _TransportFailure(error) from error
        except requests.exceptions.ConnectionError:
            try:
                return super().send(request, *args, **kwargs)
            except requests.exceptions.RequestException as error:
                raise _TransportFailure(error) from error
        except requests.exceptions.RequestException as error:
            raise _TransportFailure(error) from error


def _visible(secret: Mapping[str, Any], settings: Settings) -> tuple[str, str]:
    """Name and value; refuses the placeholder text that a server gives to an identity which may only see names."""
    if secret.get("secretValueHidden"):
        raise AccessDeniedError(
            f"Cannot read the value of '{secret['secretKey']}' in environment '{settings.environment}': the identity may "
            "see its name only. It needs the action readValue besides describeSecret."
        )
    return secret["secretKey"], secret["secretValue"]


def _checked_host(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"INFISICAL_HOST is '{text}': it must start with http:// or https:// and name a host.")
    # A name without a dot is this machine or a container on the same network.
    if parts.scheme == "http" and parts.hostname != "127.0.0.1" and "." in parts.hostname:
        log.warning("INFISICAL_HOST is plain http to %s: the client secret and the values travel in clear.", parts.hostname)
    # The CLI wants the address with /api, the SDK without: take both.
    return text.rstrip("/").removesuffix("/api")


def _read_file(name: str, file: str) -> str:
    """The file's text; of an environment file, such as the one that a rotation keeps up to date, its line for `name`."""
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"Cannot read {name}_FILE '{file}': {error.strerror or error}. Check the path, and that this user may read it."
        ) from None
    line = re.search(rf"^(?:export )?{name}=(.*)$", text, re.MULTILINE)
    return line[1].strip() if line else text


_one_client = lru_cache(maxsize=1)(SecretsClient)
# `lru_cache` alone lets two threads that come first at the same time make two.
_making = threading.Lock()


def client() -> SecretsClient:
    """The one client of this process, made from the environment at the first use."""
    with _making:
        return _one_client()


def get(name: str) -> str:
    """The value of one secret of this application's folder; errors as for `SecretsClient.get`."""
    return client().get(name)


def list_all() -> Mapping[str, str]:
    """Every secret of this application's folder; errors as for `SecretsClient.get`."""
    return client().list_all()


def mask(value: str) -> str:
    """A value for a log: its first four characters where that gives little away, and its length."""
    shown = value[:4] if len(value) >= 16 else ""
    return f"{shown}…({len(value)} character{'' if len(value) == 1 else 's'})"
