"""Answers a question from the ingested documents.

    python -m rag.ask "How long does a token live?" [--server] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass

from rag.models import Models
from rag.passages import Passage, Passages
from rag_errors import SecretsError
from rag_secrets import SecretsClient


@dataclass(frozen=True)
class Answer:
    """The model's answer and the passages it had, nearest first."""

    text: str
    passages: list[Passage]


def ask(secrets: SecretsClient, question: str, *, on_server: bool = False, limit: int = 4) -> Answer:
    """Finds the nearest passages and lets the model answer from them."""
    models = Models(secrets)
    [vector] = models.embed([question])
    with Passages(secrets, models.embedding_model(), on_server=on_server) as store:
        passages = store.nearest(vector, limit)
    return Answer(text=models.answer(question, [passage.text for passage in passages]), passages=passages)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m rag.ask", description="Answers a question from the documents.")
    parser.add_argument("question")
    parser.add_argument("--server", action="store_true", help="use the server at QDRANT_URL, not a local folder")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    arguments = parser.parse_args()
    try:
        with SecretsClient() as secrets:
            answer = ask(secrets, arguments.question, on_server=arguments.server)
    except SecretsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    sources = list(dict.fromkeys(passage.source for passage in answer.passages))
    if arguments.json:
        best = answer.passages[0].source if answer.passages else None
        report = {"answer": answer.text, "best": best, "sources": sources}
        print(json.dumps(report, ensure_ascii=False, separators=(",", ":")))
    else:
        print(answer.text)
        print(f"from {len(answer.passages)} passages of {', '.join(sources)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
