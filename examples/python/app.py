"""Reads the four secrets of the RAG application and prints them masked; then shows that nothing else may be read.

    python app.py            for people
    python app.py --json     one JSON line

Exit codes: 0 all read and the rest refused, 1 an error (one message on stderr), 2 wrong usage,
3 the identity may read more than it should.
"""

from __future__ import annotations

import argparse
import json
import sys

from rag_errors import AccessDeniedError, SecretNotFoundError, SecretsError
from rag_secrets import SecretsClient, mask

KEYS = ("OPENAI_API_KEY", "OPENAI_EMBED_MODEL", "OPENAI_LLM_MODEL", "QDRANT_URL")


def root_is_refused(client: SecretsClient) -> bool:
    """Whether a read outside the application's folder is refused.

    It reads one name. A list would prove nothing: of a forbidden folder it is empty, with status 200. The server checks
    the right before it looks for the name, so "not found" means that the read itself was allowed.
    """
    try:
        client.get(KEYS[0], path="/")
    except AccessDeniedError:
        return True
    except SecretNotFoundError:
        return False
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description="Reads this application's secrets and prints them masked.")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    arguments = parser.parse_args()
    try:
        with SecretsClient() as client:
            masked = {key: mask(client.get(key)) for key in KEYS}
            denied = root_is_refused(client)
            place = f"{client.settings.environment}:{client.settings.path}"
    except SecretsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        report = {"read": len(masked), "masked": masked, "denied": denied}
        print(json.dumps(report, ensure_ascii=False, separators=(",", ":")))
    else:
        for key, shown in masked.items():
            print(f"{key:<20} {shown}")
        print(f"read {len(masked)} of {len(KEYS)} from {place}; a read of / was {'refused' if denied else 'ALLOWED'}")
    return 0 if denied else 3


if __name__ == "__main__":
    sys.exit(main())
