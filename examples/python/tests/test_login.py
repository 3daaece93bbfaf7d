"""When a new login happens, and when it must not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag_errors import AccessDeniedError, CredentialsError, TokenRejectedError
from rag_secrets import Settings
from tests.conftest import MakeClient
from tests.standin import CLIENT_ID, CLIENT_SECRET, EXPIRED, PROJECT_ID, VALUES, Standin, refusal


def test_an_expired_token_leads_to_one_new_login_and_the_value(make_client: MakeClient, server: Standin) -> None:
    client = make_client()
    client.list_all()
    server.expire_tokens()
    client.refresh()
    assert client.get("OPENAI_API_KEY", path="/openai-rag") == VALUES["OPENAI_API_KEY"]
    assert server.count("POST") == 2
    assert client.freshness().reason == ""


@pytest.mark.parametrize("message", ["Failed to authorize: token has been revoked", "No identity access token found"])
def test_a_revoked_token_leads_to_a_new_login(make_client: MakeClient, server: Standin, message: str) -> None:
    client = make_client()
    client.list_all()
    server.read_fault = refusal(401, "UnauthorizedError", message)
    with pytest.raises(TokenRejectedError):
        client.refresh()
    assert server.count("POST") == 2
    server.read_fault = None
    client.refresh()


def test_permission_denied_never_leads_to_a_login(make_client: MakeClient, server: Standin) -> None:
    client = make_client()
    client.list_all()
    for _ in range(3):
        with pytest.raises(AccessDeniedError):
            client.get("OPENAI_API_KEY", path="/")
    assert server.count("POST") == 1


def test_a_token_that_is_rejected_right_after_the_login_is_not_tried_for_ever(
    make_client: MakeClient, server: Standin
) -> None:
    server.read_fault = EXPIRED
    with pytest.raises(TokenRejectedError):
        make_client().list_all()
    assert server.count("POST") == 2


def test_a_client_secret_in_a_file_is_read_again_at_every_login(
    make_client: MakeClient, server: Standin, tmp_path: Path
) -> None:
    file = tmp_path / "client-secret"
    file.write_text(CLIENT_SECRET + "\n")
    settings = Settings.from_environment(
        {
            "INFISICAL_HOST": server.host,
            "INFISICAL_PROJECT_ID": PROJECT_ID,
            "INFISICAL_CLIENT_ID": CLIENT_ID,
            "INFISICAL_CLIENT_SECRET_FILE": str(file),
        }
    )
    client = make_client(settings)
    client.list_all()
    file.write_text("rotated away")
    server.expire_tokens()
    with pytest.raises(CredentialsError):
        client.refresh()
    file.write_text(CLIENT_SECRET)
    client.refresh()
    # As `npm run rotate -- ... --env-file` publishes it.
    file.write_text(f"OTHER=1\nINFISICAL_CLIENT_ID={CLIENT_ID}\nINFISICAL_CLIENT_SECRET={CLIENT_SECRET}\nLAST=2\n")
    server.expire_tokens()
    client.refresh()
    file.write_text("INFISICAL_CLIENT_SECRET=rotated away\n")
    server.expire_tokens()
    with pytest.raises(CredentialsError):
        client.refresh()


def test_wrong_credentials_say_which_settings_to_check_and_never_print_the_secret(
    make_client: MakeClient, settings: Settings
) -> None:
    with pytest.raises(CredentialsError) as caught:
        make_client(replace(settings, client_secret="a-wrong-secret")).get("OPENAI_API_KEY")
    assert "INFISICAL_CLIENT_SECRET" in str(caught.value)
    assert "a-wrong-secret" not in str(caught.value)
