"""The same tries as probe.mjs, with the official Python SDK; actions on secrets only."""

import json
import sys

from infisical_sdk import InfisicalSDKClient
from infisical_sdk.infisical_requests import APIError
from requests.exceptions import RequestException


def run(client, one):
    place = {
        "project_id": one["projectId"],
        "environment_slug": one["environment"],
        "secret_path": one["path"],
    }
    action = one["action"]
    if action == "read":
        client.secrets.get_secret_by_name(secret_name=one["key"], **place)
    elif action == "list":
        return len(client.secrets.list_secrets(**place).secrets) > 0
    elif action == "create":
        client.secrets.create_secret_by_name(secret_name=one["key"], secret_value="probe", **place)
        client.secrets.delete_secret_by_name(secret_name=one["key"], **place)
    elif action == "update":
        client.secrets.update_secret_by_name(current_secret_name=one["key"], secret_value="probe", **place)
    elif action == "delete":
        client.secrets.delete_secret_by_name(secret_name=one["key"], **place)
    return True


def outcome_of(client, one):
    try:
        return {"seen": "allowed" if run(client, one) else "denied", "detail": ""}
    except APIError as error:
        if error.status_code == 403:
            return {"seen": "denied", "detail": "403"}
        if error.status_code == 404 and one["action"] in ("read", "update", "delete"):
            return {"seen": "allowed", "detail": "404, so the right is there"}
        return {"seen": "unclear", "detail": f"status {error.status_code}"}


def log_in(url, name, credential):
    client = InfisicalSDKClient(host=url, cache_ttl=None)
    try:
        client.auth.universal_auth.login(
            client_id=credential["clientId"], client_secret=credential["clientSecret"]
        )
    except APIError as error:
        sys.exit(f"{name} cannot log in: status {error.status_code}")
    except RequestException as error:
        sys.exit(f"{name} cannot log in: {url} does not answer ({type(error).__name__})")
    return client


def main():
    wanted = json.load(sys.stdin)
    clients = {
        name: log_in(wanted["url"], name, credential)
        for name, credential in wanted["identities"].items()
    }
    results = [
        {"id": one["id"], **outcome_of(clients[one["identity"]], one)} for one in wanted["tries"]
    ]
    json.dump(results, sys.stdout)


main()
