"""Many threads and the background renewal, on real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from rag_secrets import SecretsClient, Settings
from tests.standin import VALUES, Standin


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def test_a_cold_cache_asked_by_many_threads_costs_one_login_and_one_read(settings: Settings, server: Standin) -> None:
    together = threading.Barrier(16)

    def read(client: SecretsClient) -> str:
        together.wait()
        return client.get("OPENAI_API_KEY")

    with SecretsClient(settings) as client, ThreadPoolExecutor(16) as pool:
        values = [future.result() for future in [pool.submit(read, client) for _ in range(16)]]
    assert values == [VALUES["OPENAI_API_KEY"]] * 16
    assert (server.count("POST"), server.count("GET")) == (1, 1)


def test_no_thread_fails_or_sees_a_mixed_state_while_tokens_expire_and_values_rotate(
    settings: Settings, server: Standin
) -> None:
    stop = threading.Event()

    def rotate() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            pair = {"OPENAI_API_KEY": f"key-{number}", "QDRANT_URL": f"url-{number}"}
            server.folders["/openai-rag"] = {**VALUES, **pair}
            time.sleep(0.001)

    def read(client: SecretsClient) -> int:
        for _ in range(100):
            values = client.list_all()
            assert values["OPENAI_API_KEY"].removeprefix("key-") == values["QDRANT_URL"].removeprefix("url-")
        return 100

    server.reads_per_token = 7
    server.folders["/openai-rag"] = {**VALUES, "OPENAI_API_KEY": "key-0", "QDRANT_URL": "url-0"}
    # max_age=0: every read goes to the server, so that the threads really meet there.
    with SecretsClient(settings, max_age=0) as client, ThreadPoolExecutor(8) as pool:
        rotator = threading.Thread(target=rotate)
        rotator.start()
        try:
            assert sum(future.result() for future in [pool.submit(read, client) for _ in range(8)]) == 800
        finally:
            stop.set()
            rotator.join()
    assert server.count("POST") >= 800 // 7


def test_a_worker_with_background_renewal_has_no_failed_read_through_expiries_and_a_rotation(
    settings: Settings, server: Standin
) -> None:
    server.token_ttl = 1
    with SecretsClient(settings, max_age=0.2) as client:
        client.start_renewal()
        seen = set()

        def three_logins_later() -> bool:
            seen.add(client.get("OPENAI_API_KEY"))
            if server.count("POST") == 2:
                server.folders["/openai-rag"]["OPENAI_API_KEY"] = "rotated"
            return server.count("POST") >= 4 and "rotated" in seen

        wait_until(three_logins_later)
    assert seen == {VALUES["OPENAI_API_KEY"], "rotated"}
    assert "403" not in client.freshness().reason


def test_a_worker_outlives_an_absence_of_the_server(settings: Settings, server: Standin) -> None:
    with SecretsClient(settings, max_age=0.1, retry_every=0.1) as client:
        client.start_renewal()
        assert client.get("OPENAI_API_KEY") == VALUES["OPENAI_API_KEY"]
        server.stop()
        wait_until(lambda: client.freshness().stale)
        assert client.get("OPENAI_API_KEY") == VALUES["OPENAI_API_KEY"]
        server.start()
        wait_until(lambda: not client.freshness().stale)


def test_close_ends_the_background_thread(settings: Settings) -> None:
    client = SecretsClient(settings, max_age=0.1)
    client.start_renewal()
    client.get("OPENAI_API_KEY")
    assert "rag-secrets" in {thread.name for thread in threading.enumerate()}
    client.close()
    client.close()
    assert "rag-secrets" not in {thread.name for thread in threading.enumerate()}
