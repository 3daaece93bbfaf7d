"""What most tests need: the stand-in server, settings for it, and a clock that the test moves by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rag_secrets import SecretsClient, Settings
from tests.standin import CLIENT_ID, CLIENT_SECRET, PROJECT_ID, Standin


class Clock:
    """Seconds that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


MakeClient = Callable[..., SecretsClient]


@pytest.fixture
def server() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(server: Standin) -> Settings:
    return Settings(host=server.host, project_id=PROJECT_ID, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


@pytest.fixture
def make_client(settings: Settings, clock: Clock) -> Iterator[MakeClient]:
    """Makes clients on the test's clock and closes them at its end."""
    made: list[SecretsClient] = []

    def make(using: Settings | None = None, **options: float) -> SecretsClient:
        client = SecretsClient(using or settings, clock=clock, **options)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()
