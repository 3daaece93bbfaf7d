"""Cuts documents into pieces small enough to embed and large enough to answer from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag_errors import SecretsError

SUFFIXES = (".md", ".txt")


class DocumentsError(SecretsError):
    """There is nothing to ingest where the user pointed at."""


@dataclass(frozen=True)
class Chunk:
    """A piece of one document; `source` is its path below the ingested folder, `number` counts from 0."""

    source: str
    number: int
    text: str


def chunks_of(folder: Path, size: int = 600) -> list[Chunk]:
    """Every chunk of every .md and .txt file below `folder`, in a stable order."""
    if not folder.is_dir():
        raise DocumentsError(f"Cannot ingest '{folder}': it is no folder. Give the folder that holds the documents.")
    files = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES)
    found = [
        Chunk(source=file.relative_to(folder).as_posix(), number=number, text=text)
        for file in files
        for number, text in enumerate(pieces(file.read_text(encoding="utf-8"), size))
    ]
    if not found:
        raise DocumentsError(f"Cannot ingest '{folder}': no text in any {' or '.join(SUFFIXES)} file below it.")
    return found


def pieces(text: str, size: int = 600) -> Iterator[str]:
    """`text` in pieces of at most about `size` characters, cut between paragraphs, else sentences.

    A heading starts a new piece and is repeated in each piece of its section: a paragraph is found by its heading's
    words, and a model that answers from it sees what it is about.
    """
    heading, packed = "", ""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        paragraph = " ".join(paragraph.split())
        if paragraph.startswith("#"):
            if packed:
                yield _titled(heading, packed)
            heading, packed = paragraph.lstrip("# "), ""
            continue
        for part in _sentences(paragraph, size):
            if packed and len(packed) + len(part) > size:
                yield _titled(heading, packed)
                packed = ""
            packed = f"{packed} {part}".strip()
    if packed:
        yield _titled(heading, packed)


def _titled(heading: str, text: str) -> str:
    return f"{heading}: {text}" if heading else text


def _sentences(paragraph: str, size: int) -> list[str]:
    if len(paragraph) <= size:
        return [paragraph] if paragraph else []
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", paragraph) if sentence]
