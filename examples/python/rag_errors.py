"""What can go wrong between an application and Infisical, as classes with one clear message each.

Every message says what failed, on what, what was seen and what to do. None of them holds a secret value, a client
secret or a token.

The SDK's own exceptions are hard to act on: an expired token and a forbidden folder are both `APIError` with status
403, and a server that is away is not an `InfisicalError` at all. `explain` turns what the SDK raises into these.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

import requests
from infisical_sdk.infisical_requests import APIError

_PROJECT_REMEDY = "Check INFISICAL_PROJECT_ID (stack output `projectId`)."
_CREDENTIAL_REMEDY = (
    "Check INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET (`npm run env` in the stack's project gives both as they are). "
    "A revoked client secret is answered like this too, and so is an expired one from its second use on."
)


class Target(Protocol):
    """What a message needs to know about the place that was asked."""

    @property
    def host(self) -> str: ...
    @property
    def project_id(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def environment(self) -> str: ...


class SecretsError(Exception):
    """Base of everything this example raises; `str(error)` is fit for an end user."""


class SettingsError(SecretsError):
    """The environment of this process lacks a setting or holds one that cannot work."""


class ServerAwayError(SecretsError):
    """No usable answer: refused, timed out, or a 5xx or 429. Worth another try later."""


class CertificateError(ServerAwayError):
    """The server's TLS certificate is not trusted by this process."""


class CredentialsError(SecretsError):
    """The server does not accept this client ID with this client secret."""


class ExpiredClientSecretError(CredentialsError):
    """The client secret was right once; its lifetime or its number of uses is over."""


class LockedOutError(CredentialsError):
    """Too many wrong client secrets in a short time: even the right one is refused for a while."""


class TokenRejectedError(SecretsError):
    """The access token is expired or revoked. A new login helps; callers of the helper never see this one."""


class AccessDeniedError(SecretsError):
    """The identity is known, and may not read this place."""


class ProjectNotFoundError(SecretsError):
    """There is no such project on this server, or the identity is not a member of it."""


class PathNotFoundError(SecretsError):
    """There is no such folder, or no such environment, in the project."""


class SecretNotFoundError(SecretsError):
    """The folder exists and may be read; it has no secret of this name."""


class UnexpectedAnswerError(SecretsError):
    """Something answered, and not in the way Infisical does."""


def explain(error: Exception, target: Target, what: str, path: str) -> SecretsError:
    """The error of this module for an exception that the SDK raised.

    `what` names the act for the message ("log in", "read secret 'X'"); `path` is the folder asked for.
    """
    if isinstance(error, SecretsError):
        return error
    if isinstance(error, requests.exceptions.SSLError):
        return CertificateError(
            f"Cannot {what}: {target.host} has a TLS certificate that this process does not trust ({_short(error)}). "
            "For a private CA, set REQUESTS_CA_BUNDLE to its PEM file; do not switch verification off."
        )
    if isinstance(error, requests.exceptions.RequestException):
        return ServerAwayError(
            f"Cannot {what}: no answer from {target.host} ({_short(error)}). "
            "Check that the server runs (GET /api/status) and that INFISICAL_HOST is right."
        )
    if isinstance(error, APIError):
        return _explain_answer(error, target, what, path)
    return UnexpectedAnswerError(
        f"Cannot {what}: {target.host} answered, but not as Infisical does ({type(error).__name__}). "
        "Check that INFISICAL_HOST is the address of the server itself, without a path."
    )


def _explain_answer(error: APIError, target: Target, what: str, path: str) -> SecretsError:
    status, name, message = int(error.status_code), _field(error, "error"), _field(error, "message")
    seen = f'{target.host} answered {status} "{message}"'
    place = f"environment '{target.environment}', path '{path}'"
    if status >= 500 or status == 429:
        return ServerAwayError(f"Cannot {what}: {seen}. Try again; if it stays, look at the server's log.")
    if what == "log in":
        return _explain_login(status, message, f"Cannot log in as client {target.client_id}: {seen}.")
    if status == 401 or name == "TokenError":
        return TokenRejectedError(f"Cannot {what}: {seen}. Log in again.")
    if name == "ProjectMembershipNotFound" or "Project with" in message:
        return ProjectNotFoundError(f"Cannot {what} in project {target.project_id}: {seen}. {_PROJECT_REMEDY}")
    if status == 403:
        return AccessDeniedError(
            f"Cannot {what} in {place}: {seen}. The identity has no grant for this place: "
            "check INFISICAL_ENV and INFISICAL_PATH, or have it granted (a new grant takes up to 10 s)."
        )
    if status == 404 and message.startswith("Folder with path"):
        return PathNotFoundError(f"Cannot {what} in {place}: {seen}. Check INFISICAL_ENV (a slug) and INFISICAL_PATH.")
    if status == 404 and message.startswith("Secret with name"):
        return SecretNotFoundError(f"Cannot {what} in {place}: {seen}. Check the name (case counts) or create it.")
    if status == 422:
        return SettingsError(f"Cannot {what} in {place}: {seen}. One of the settings has a form the server refuses.")
    return UnexpectedAnswerError(f"Cannot {what} in {place}: {seen}. Check that INFISICAL_HOST is an Infisical server.")


def _explain_login(status: int, message: str, said: str) -> SecretsError:
    lowered = message.lower()
    if "expired client secret" in lowered or "usage limit" in lowered:
        return ExpiredClientSecretError(
            f"{said} The client secret is past its lifetime or its number of uses: make a new one "
            "(`npm run up` in the stack's project, then `npm run env`) and set INFISICAL_CLIENT_SECRET."
        )
    if "locked" in lowered:
        return LockedOutError(f"{said} Wrong secrets were tried before: wait 5 minutes, or clear the lockout.")
    if status in (400, 401, 403, 422):
        return CredentialsError(f"{said} {_CREDENTIAL_REMEDY}")
    return UnexpectedAnswerError(f"{said} Check that INFISICAL_HOST is the address of an Infisical server, without a path.")


def _field(error: APIError, key: str) -> str:
    """One field of the error body as text. `message` is a list for a 422, and the body may be no object at all."""
    body: Any = error.response
    value = body.get(key) if isinstance(body, dict) else body
    text = value if isinstance(value, str) else json.dumps(value)
    return " ".join(text.split())[:300].rstrip(".")


def _short(error: BaseException) -> str:
    """The innermost reason of a chain of transport errors, on one line: outer ones print object addresses."""
    reason = error
    while (inner := reason.__cause__ or reason.__context__) is not None:
        reason = inner
    return " ".join(str(reason).split())[:160] or type(reason).__name__
