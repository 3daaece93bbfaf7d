"""Chunks documents, embeds them and stores them in Qdrant.

    python -m rag.ingest [FOLDER] [--server] [--json]

Before Infisical this program began like this, with the keys in a file beside the code:

    load_dotenv()
    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
    qdrant = QdrantClient(url=os.environ["QDRANT_URL"])

Now the only configuration on the machine is the identity (INFISICAL_*), which may read this one folder and nothing
else; every `os.environ[...]` became `secrets.get(...)`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rag.chunks import chunks_of
from rag.models import Models
from rag.passages import Passages
from rag_errors import SecretsError
from rag_secrets import SecretsClient

BATCH = 64
DOCUMENTS = Path(__file__).parent / "documents"


def ingest(secrets: SecretsClient, folder: Path, *, on_server: bool = False) -> dict[str, int]:
    """Ingests every document below `folder`; gives the figures of what is stored now."""
    chunks = chunks_of(folder)
    models = Models(secrets)
    vectors: list[list[float]] = []
    for start in range(0, len(chunks), BATCH):
        vectors += models.embed([chunk.text for chunk in chunks[start : start + BATCH]])
    with Passages(secrets, models.embedding_model(), on_server=on_server) as passages:
        passages.replace(chunks, vectors)
        stored = passages.count()
    documents = len({chunk.source for chunk in chunks})
    return {"documents": documents, "chunks": len(chunks), "dimensions": len(vectors[0]), "stored": stored}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m rag.ingest", description="Embeds documents and stores them.")
    parser.add_argument("folder", nargs="?", type=Path, default=DOCUMENTS, help="documents, .md and .txt")
    parser.add_argument("--server", action="store_true", help="use the server at QDRANT_URL, not a local folder")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    arguments = parser.parse_args()
    try:
        with SecretsClient() as secrets:
            figures = ingest(secrets, arguments.folder, on_server=arguments.server)
    except SecretsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(figures, separators=(",", ":")))
    else:
        print(
            f"ingested {figures['documents']} documents in {figures['chunks']} chunks of {figures['dimensions']} "
            f"dimensions; {figures['stored']} chunks stored"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
