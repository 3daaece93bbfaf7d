"""The server is away, slow, or somebody else: last good values, their bound, and how long a caller waits."""

from __future__ import annotations

import time

import pytest

from rag_errors import CredentialsError, ServerAwayError, UnexpectedAnswerError
from rag_secrets import SecretsClient, Settings
from tests.conftest import Clock, MakeClient
from tests.standin import VALUES, Standin, refusal


def test_last_good_values_are_served_while_the_server_is_away_and_it_says_so(
    make_client: MakeClient, server: Standin, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(max_age=30, max_stale=600)
    client.list_all()
    server.stop()
    clock.pass_by(100)
    assert client.get("OPENAI_API_KEY") == VALUES["OPENAI_API_KEY"]
    assert "Serving the last good values, 100 s old (allowed: 600 s)" in caplog.text
    freshness = client.freshness()
    assert (freshness.age, freshness.stale) == (100, True)
    assert "Connection refused" in freshness.reason

    server.start()
    server.folders["/openai-rag"]["OPENAI_API_KEY"] = "rotated meanwhile"
    clock.pass_by(5)
    assert client.get("OPENAI_API_KEY") == "rotated meanwhile"
    assert "answers again" in caplog.text
    assert not client.freshness().stale


def test_values_older_than_max_stale_are_not_served(make_client: MakeClient, server: Standin, clock: Clock) -> None:
    client = make_client(max_age=30, max_stale=600)
    client.list_all()
    server.stop()
    clock.pass_by(601)
    with pytest.raises(ServerAwayError, match="601 s old, older than the 600 s allowed"):
        client.get("OPENAI_API_KEY")


def test_the_bound_holds_between_two_tries_as_well(make_client: MakeClient, server: Standin, clock: Clock) -> None:
    client = make_client(max_age=30, max_stale=600, retry_every=5)
    client.list_all()
    server.stop()
    clock.pass_by(598)
    client.get("OPENAI_API_KEY")
    clock.pass_by(3)
    with pytest.raises(ServerAwayError):
        client.get("OPENAI_API_KEY")


def test_an_absent_server_is_not_asked_at_every_get(make_client: MakeClient, server: Standin, clock: Clock) -> None:
    client = make_client(max_age=30, retry_every=5)
    client.list_all()
    server.read_fault = refusal(500, "IdAccessTokenFindOne", "Something went wrong")
    clock.pass_by(31)
    before = server.count("GET")
    for _ in range(50):
        client.get("OPENAI_API_KEY")
    assert server.count("GET") == before + 1
    clock.pass_by(5)
    client.get("OPENAI_API_KEY")
    assert server.count("GET") == before + 2


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_that_cannot_answer_now_counts_as_away(
    make_client: MakeClient, server: Standin, clock: Clock, status: int
) -> None:
    client = make_client(max_age=30)
    client.list_all()
    server.read_fault = refusal(status, "Whatever", "Something went wrong")
    clock.pass_by(31)
    assert client.list_all() == VALUES


def test_a_token_is_renewed_at_two_thirds_of_its_life_without_a_refused_read(
    make_client: MakeClient, server: Standin, clock: Clock
) -> None:
    client = make_client(max_age=30)
    client.list_all()
    clock.pass_by(7200 * 2 / 3 - 1)
    client.list_all()
    assert server.count("POST") == 1
    clock.pass_by(31)
    client.list_all()
    assert server.count("POST") == 2


def test_old_values_never_cover_a_refusal(make_client: MakeClient, server: Standin, clock: Clock) -> None:
    client = make_client(max_age=30)
    client.list_all()
    server.expire_tokens()
    server.login_refusal = refusal(401, "UnauthorizedError", "Invalid credentials")
    clock.pass_by(31)
    with pytest.raises(CredentialsError):
        client.get("OPENAI_API_KEY")


def test_a_reader_beside_the_background_renewal_never_waits_for_a_server_known_to_be_away(
    settings: Settings, server: Standin
) -> None:
    with SecretsClient(settings, max_age=0.1, timeout=0.5, retry_every=0.1) as client:
        client.start_renewal()
        client.list_all()
        server.hang = 2
        deadline = time.monotonic() + 20
        while not client.freshness().stale:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for _ in range(20):
            begun = time.monotonic()
            assert client.get("OPENAI_API_KEY") == VALUES["OPENAI_API_KEY"]
            assert time.monotonic() - begun < 0.2
            time.sleep(0.05)


def test_without_any_earlier_read_an_absent_server_is_an_error_in_much_less_than_the_sdks_14_seconds(
    make_client: MakeClient, server: Standin
) -> None:
    server.stop()
    begun = time.monotonic()
    with pytest.raises(ServerAwayError, match="no answer from .* Check that the server runs"):
        make_client().get("OPENAI_API_KEY")
    assert time.monotonic() - begun < 2


def test_a_server_that_takes_the_request_and_says_nothing_is_given_up_after_the_timeout(
    make_client: MakeClient, server: Standin
) -> None:
    server.hang = 3
    begun = time.monotonic()
    with pytest.raises(ServerAwayError, match="timed out"):
        make_client(timeout=0.3).get("OPENAI_API_KEY")
    assert time.monotonic() - begun < 2


def test_a_web_page_in_place_of_infisical_is_named_as_such(make_client: MakeClient, server: Standin) -> None:
    server.html = True
    with pytest.raises(UnexpectedAnswerError, match="INFISICAL_HOST"):
        make_client().get("OPENAI_API_KEY")


def test_a_bound_below_the_age_of_the_cache_is_refused(settings: Settings) -> None:
    with pytest.raises(Exception, match="max_stale"):
        SecretsClient(settings, max_age=60, max_stale=30)
