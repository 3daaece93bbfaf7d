"""The program as a user runs it: exit code, one message, no stack trace, no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.standin import CLIENT_ID, CLIENT_SECRET, PROJECT_ID, VALUES, Answer, Standin, refusal
from tests.test_threads import wait_until

APP = Path(__file__).parent.parent / "app.py"


def run(server: Standin, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "INFISICAL_HOST": server.host,
        "INFISICAL_PROJECT_ID": PROJECT_ID,
        "INFISICAL_CLIENT_ID": CLIENT_ID,
        "INFISICAL_CLIENT_SECRET": CLIENT_SECRET,
        "INFISICAL_ENV": "dev",
        "INFISICAL_PATH": "/openai-rag",
        **changes,
    }
    return subprocess.run([sys.executable, APP, *arguments], env=environment, capture_output=True, text=True, timeout=60)


def test_the_json_report_has_four_masked_values_and_the_refusal(server: Standin) -> None:
    done = run(server, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["read"], report["denied"], set(report["masked"])) == (4, True, set(VALUES))
    assert not any(value in done.stdout for value in VALUES.values())


def test_the_text_report_ends_with_one_line_of_figures(server: Standin) -> None:
    done = run(server)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "read 4 of 4 from dev:/openai-rag; a read of / was refused"


@pytest.mark.parametrize("root", [{}, {"OPENAI_API_KEY": "of somebody else"}], ids=["empty", "with the key"])
def test_an_identity_that_may_read_more_is_told_by_exit_code_3(server: Standin, root: dict[str, str]) -> None:
    server.allowed.add("/")
    server.folders["/"] = root
    done = run(server, "--json")
    assert (done.returncode, json.loads(done.stdout)["denied"]) == (3, False)


LOGIN = "Cannot log in as client"
BAD_INPUT: list[tuple[str, dict[str, str], Answer | None, str, str]] = [
    ("wrong credentials", {"INFISICAL_CLIENT_SECRET": "0" * 64}, None, LOGIN, "Check INFISICAL_CLIENT_ID"),
    (
        "expired client secret",
        {},
        refusal(401, "UnauthorizedError", "Access denied due to expired client secret"),
        LOGIN,
        "make a new one",
    ),
    (
        "used up client secret",
        {},
        refusal(401, "UnauthorizedError", "Access denied due to client secret usage limit reached"),
        LOGIN,
        "make a new one",
    ),
    (
        "locked out",
        {},
        refusal(401, "UnauthorizedError", "This identity auth method is temporarily locked, please try again later"),
        LOGIN,
        "wait 5 minutes",
    ),
    ("wrong project", {"INFISICAL_PROJECT_ID": "0" * 8}, None, "in project 00000000", "Check INFISICAL_PROJECT_ID"),
    ("wrong path", {"INFISICAL_PATH": "/nosuch"}, None, "path '/nosuch'", "INFISICAL_PATH"),
    ("wrong environment", {"INFISICAL_ENV": "prod"}, None, "environment 'prod'", "INFISICAL_ENV"),
    ("forbidden path", {"INFISICAL_PATH": "/other"}, None, "path '/other'", "has no grant"),
    ("server away", {"INFISICAL_HOST": "http://127.0.0.1:1"}, None, "no answer from", "INFISICAL_HOST is right"),
    ("no address", {"INFISICAL_HOST": "localhost:8080"}, None, "'localhost:8080'", "must start with http"),
    ("nothing set", {"INFISICAL_CLIENT_ID": ""}, None, "INFISICAL_CLIENT_ID not set", "npm run env"),
    (
        "no such file",
        {"INFISICAL_CLIENT_SECRET_FILE": "/nosuch"},
        None,
        "Cannot read INFISICAL_CLIENT_SECRET_FILE",
        "No such file",
    ),
]


@pytest.mark.parametrize(("case", "changes", "login", "what", "remedy"), BAD_INPUT, ids=[case[0] for case in BAD_INPUT])
def test_bad_input_ends_with_one_message_and_exit_code_1(
    server: Standin, case: str, changes: dict[str, str], login: Answer | None, what: str, remedy: str
) -> None:
    server.login_refusal = login
    done = run(server, **changes)
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert what in line
    assert remedy in line
    assert CLIENT_SECRET not in line


def test_wrong_usage_is_exit_code_2(server: Standin) -> None:
    assert run(server, "--jsn").returncode == 2


def test_the_worker_ends_cleanly_on_sigterm_with_its_figures(server: Standin) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "INFISICAL_HOST": server.host,
        "INFISICAL_PROJECT_ID": PROJECT_ID,
        "INFISICAL_CLIENT_ID": CLIENT_ID,
        "INFISICAL_CLIENT_SECRET": CLIENT_SECRET,
    }
    command = [sys.executable, str(APP.with_name("worker.py")), "--every", "0.01", "--max-age", "0.2", "--json"]
    worker = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: server.count("GET") >= 3)
        worker.terminate()
        stdout, stderr = worker.communicate(timeout=20)
    finally:
        worker.kill()
    assert worker.returncode == 0, stderr
    figures = json.loads(stdout)
    assert (figures["failed"], figures["reads"] > 0) == (0, True)
