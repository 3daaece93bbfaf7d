"""An application under load: two threads that read a secret again and again, until standard input ends.

One logs in before every read, the other keeps its token for as long as it may. Both take the credential from the
environment file given as the first argument each time they log in. Prints {"logins", "reads", "failures"} as JSON.
"""

import json
import sys
import threading
import time

from infisical_sdk import InfisicalSDKClient

FILE, TOKEN_SECONDS = sys.argv[1], float(sys.argv[2])
# Short beside every lifetime in the test, and kind to the machine.
PAUSE = 0.1
finished = threading.Event()
lock = threading.Lock()
counts = {"logins": 0, "reads": 0}
failures = []


def environment():
    with open(FILE, encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("=", 1) for line in lines if "=" in line)


def log_in():
    settings = environment()
    client = InfisicalSDKClient(host=settings["INFISICAL_HOST"], cache_ttl=None)
    client.auth.universal_auth.login(
        client_id=settings["INFISICAL_CLIENT_ID"],
        client_secret=settings["INFISICAL_CLIENT_SECRET"],
    )
    count("logins")
    return client, settings


def read(client, settings):
    client.secrets.get_secret_by_name(
        secret_name="QDRANT_URL",
        project_id=settings["INFISICAL_PROJECT_ID"],
        environment_slug=settings["INFISICAL_ENV"],
        secret_path=settings["INFISICAL_PATH"],
    )
    count("reads")


def count(what):
    with lock:
        counts[what] += 1


def work(token_seconds):
    while not finished.is_set():
        try:
            client, settings = log_in()
            since = time.monotonic()
            read(client, settings)
            time.sleep(PAUSE)
            # A token that is about to end is no longer used.
            while time.monotonic() - since < token_seconds and not finished.is_set():
                time.sleep(PAUSE)
                read(client, settings)
        except Exception as error:  # Everything that reaches an application counts.
            with lock:
                failures.append(f"{time.strftime('%H:%M:%S')} {type(error).__name__}: {error}")
            time.sleep(0.2)


threads = [threading.Thread(target=work, args=(seconds,)) for seconds in (0, TOKEN_SECONDS * 0.6)]
for thread in threads:
    thread.start()
print("ready", flush=True)
sys.stdin.read()
finished.set()
for thread in threads:
    thread.join()
print(json.dumps({**counts, "failures": failures}), flush=True)
