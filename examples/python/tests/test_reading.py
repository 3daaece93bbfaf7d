"""What a read gives, and how many requests it costs."""

from __future__ import annotations

import pytest

import rag_secrets
from rag_errors import AccessDeniedError, PathNotFoundError, SecretNotFoundError, SettingsError
from rag_secrets import Settings, mask
from tests.conftest import Clock, MakeClient
from tests.standin import CLIENT_ID, CLIENT_SECRET, PROJECT_ID, VALUES, Standin

LIST = "GET /api/v3/secrets/raw?"


def test_four_keys_cost_one_login_and_one_read(make_client: MakeClient, server: Standin) -> None:
    client = make_client()
    assert {key: client.get(key) for key in VALUES} == VALUES
    assert (server.count("POST"), server.count("GET")) == (1, 1)


def test_list_all_gives_every_key_and_cannot_be_changed(make_client: MakeClient) -> None:
    values = make_client().list_all()
    assert values == VALUES
    with pytest.raises(TypeError):
        values["X"] = "1"  # type: ignore[index]


def test_a_rotated_value_is_served_old_for_max_age_and_no_longer(
    make_client: MakeClient, server: Standin, clock: Clock
) -> None:
    client = make_client(max_age=30)
    client.get("OPENAI_API_KEY")
    server.folders["/openai-rag"]["OPENAI_API_KEY"] = "rotated"
    clock.pass_by(30)
    assert client.get("OPENAI_API_KEY") == VALUES["OPENAI_API_KEY"]
    clock.pass_by(0.1)
    assert client.get("OPENAI_API_KEY") == "rotated"


def test_refresh_sees_a_rotated_value_at_once(make_client: MakeClient, server: Standin) -> None:
    client = make_client()
    client.get("OPENAI_API_KEY")
    server.folders["/openai-rag"]["OPENAI_API_KEY"] = "rotated"
    client.refresh()
    assert client.get("OPENAI_API_KEY") == "rotated"


def test_a_secret_younger_than_the_cache_is_found(make_client: MakeClient, server: Standin) -> None:
    client = make_client()
    client.list_all()
    server.folders["/openai-rag"]["NEW"] = "just made"
    assert client.get("NEW") == "just made"
    assert client.list_all()["NEW"] == "just made"


def test_own_values_win_over_imports_and_later_imports_over_earlier_ones(
    make_client: MakeClient, server: Standin
) -> None:
    server.imports = [{"A": "first", "B": "first", "QDRANT_URL": "imported"}, {"B": "second"}]
    values = make_client().list_all()
    assert (values["A"], values["B"], values["QDRANT_URL"]) == ("first", "second", VALUES["QDRANT_URL"])


def test_a_name_with_a_slash_or_a_question_mark_asks_for_that_very_name(
    make_client: MakeClient, server: Standin
) -> None:
    server.folders["/openai-rag"]["a/b?c d"] = "odd"
    client = make_client()
    assert client.get("a/b?c d", path="/openai-rag") == "odd"
    with pytest.raises(SecretNotFoundError):
        client.get("OPENAI_API_KEY?x=1")


def test_a_missing_name_is_told_from_a_forbidden_folder_and_from_a_missing_one(make_client: MakeClient) -> None:
    client = make_client()
    with pytest.raises(SecretNotFoundError, match="'NOPE' not found"):
        client.get("NOPE")
    with pytest.raises(AccessDeniedError, match="has no grant for this place"):
        client.get("OPENAI_API_KEY", path="/")
    with pytest.raises(PathNotFoundError, match="INFISICAL_PATH"):
        client.get("OPENAI_API_KEY", path="/nosuch")


def test_a_forbidden_folder_is_an_error_although_the_server_lists_it_as_empty(
    make_client: MakeClient, server: Standin
) -> None:
    server.allowed.clear()
    with pytest.raises(AccessDeniedError, match="Cannot read the secrets"):
        make_client().list_all()


def test_a_folder_that_is_really_empty_is_no_error_and_is_said(
    make_client: MakeClient, server: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    server.folders["/openai-rag"].clear()
    assert make_client().list_all() == {}
    assert "No secret in environment 'dev', path '/openai-rag'" in caplog.text


def test_a_hidden_value_is_refused_and_not_handed_over_as_text(make_client: MakeClient, server: Standin) -> None:
    server.hidden = True
    with pytest.raises(AccessDeniedError, match="readValue"):
        make_client().get("OPENAI_API_KEY")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("sk-proj-0123456789abcdef", "sk-p…(24 characters)"),
        ("gpt-4o-mini", "…(11 characters)"),
        ("x", "…(1 character)"),
        ("", "…(0 characters)"),
    ],
)
def test_a_mask_shows_little_of_long_values_and_nothing_of_short_ones(value: str, shown: str) -> None:
    assert mask(value) == shown


def test_settings_name_every_missing_variable() -> None:
    with pytest.raises(SettingsError, match="INFISICAL_PROJECT_ID, INFISICAL_CLIENT_ID, INFISICAL_CLIENT_SECRET"):
        Settings.from_environment({})


@pytest.mark.parametrize("host", ["localhost:8080", "ftp://x", "http://", "nonsense"])
def test_a_host_that_is_no_address_is_refused_before_any_request(host: str) -> None:
    with pytest.raises(SettingsError, match="must start with http"):
        Settings.from_environment(
            {
                "INFISICAL_HOST": host,
                "INFISICAL_PROJECT_ID": PROJECT_ID,
                "INFISICAL_CLIENT_ID": CLIENT_ID,
                "INFISICAL_CLIENT_SECRET": CLIENT_SECRET,
            }
        )


def test_the_address_with_api_at_its_end_is_taken_too_and_the_secret_is_not_in_the_repr() -> None:
    settings = Settings.from_environment(
        {
            "INFISICAL_HOST": "https://secrets.example.com/api/",
            "INFISICAL_PROJECT_ID": PROJECT_ID,
            "INFISICAL_CLIENT_ID": CLIENT_ID,
            "INFISICAL_CLIENT_SECRET": CLIENT_SECRET,
        }
    )
    assert settings.host == "https://secrets.example.com"
    assert CLIENT_SECRET not in repr(settings)


def test_the_short_functions_share_one_client_made_from_the_environment(
    server: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "INFISICAL_HOST": server.host,
        "INFISICAL_PROJECT_ID": PROJECT_ID,
        "INFISICAL_CLIENT_ID": CLIENT_ID,
        "INFISICAL_CLIENT_SECRET": CLIENT_SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    try:
        assert rag_secrets.get("OPENAI_API_KEY") == VALUES["OPENAI_API_KEY"]
        assert rag_secrets.list_all() == VALUES
        assert (server.count("POST"), server.count("GET")) == (1, 1)
    finally:
        rag_secrets.client().close()
        rag_secrets._one_client.cache_clear()
