"""The vector store: Qdrant in a local folder by default, or the server at QDRANT_URL from Infisical."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from qdrant_client.models import Distance, FieldCondition, Filter, MatchValue, PointStruct, VectorParams

from rag.chunks import Chunk
from rag_errors import SecretsError
from rag_secrets import SecretsClient

LOCAL_FOLDER = Path(os.environ.get("QDRANT_LOCAL_PATH", Path(__file__).parent / ".qdrant"))


class PassagesError(SecretsError):
    """The vector store is away, in use, or empty."""


@dataclass(frozen=True)
class Passage:
    """A chunk that was found; a higher `score` is nearer (cosine)."""

    source: str
    text: str
    score: float


class Passages:
    """Chunks with their vectors, one collection for each embedding model: vectors of two models cannot be compared."""

    def __init__(self, secrets: SecretsClient, embedding_model: str, *, on_server: bool) -> None:
        self._collection = "rag-" + re.sub(r"[^A-Za-z0-9_-]+", "-", embedding_model)
        self._where = secrets.get("QDRANT_URL") if on_server else str(LOCAL_FOLDER)
        try:
            if on_server:
                self._qdrant = QdrantClient(url=self._where, check_compatibility=False)
            else:
                LOCAL_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._qdrant = QdrantClient(path=self._where)
        except RuntimeError:
            raise PassagesError(
                f"Cannot open the vector store in '{self._where}': another process uses it. Wait for it, or use "
                "a Qdrant server (--server)."
            ) from None

    def replace(self, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]]) -> None:
        """Stores the chunks; what their documents had before is removed. Doing it again changes nothing."""
        try:
            if not self._qdrant.collection_exists(self._collection):
                self._qdrant.create_collection(
                    self._collection, vectors_config=VectorParams(size=len(vectors[0]), distance=Distance.COSINE)
                )
            for source in dict.fromkeys(chunk.source for chunk in chunks):
                same = Filter(must=[FieldCondition(key="source", match=MatchValue(value=source))])
                self._qdrant.delete(self._collection, points_selector=same)
            self._qdrant.upsert(
                self._collection,
                points=[
                    PointStruct(
                        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{chunk.source}#{chunk.number}")),
                        vector=list(vector),
                        payload={"source": chunk.source, "text": chunk.text},
                    )
                    for chunk, vector in zip(chunks, vectors, strict=True)
                ],
            )
        except (ResponseHandlingException, UnexpectedResponse) as error:
            raise self._away(error) from None

    def count(self) -> int:
        """How many chunks are stored."""
        return self._qdrant.count(self._collection).count

    def nearest(self, vector: Sequence[float], limit: int) -> list[Passage]:
        """The passages nearest to the vector, nearest first."""
        try:
            if not self._qdrant.collection_exists(self._collection):
                raise PassagesError(
                    f"Nothing to search in '{self._where}' (collection {self._collection}): run `python -m rag.ingest` "
                    "first, and again after a change of OPENAI_EMBED_MODEL."
                )
            found = self._qdrant.query_points(self._collection, query=list(vector), limit=limit).points
        except (ResponseHandlingException, UnexpectedResponse) as error:
            raise self._away(error) from None
        return [
            Passage(source=str(point.payload["source"]), text=str(point.payload["text"]), score=point.score)
            for point in found
            if point.payload is not None
        ]

    def close(self) -> None:
        """Lets go of the local folder's lock."""
        self._qdrant.close()

    def __enter__(self) -> Passages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _away(self, error: Exception) -> PassagesError:
        return PassagesError(
            f"Cannot reach Qdrant at {self._where} ({' '.join(str(error).split())[:160]}). Check QDRANT_URL in Infisical "
            "and that Qdrant runs, or leave --server out to use a local folder."
        )
