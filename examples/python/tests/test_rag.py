"""The RAG example: documents in, a question answered, with the models' configuration from Infisical."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import passages
from rag.ask import ask
from rag.chunks import DocumentsError, chunks_of, pieces
from rag.ingest import DOCUMENTS, ingest
from rag.models import ModelError, Models
from rag.passages import PassagesError
from tests import openai_standin
from tests.conftest import MakeClient
from tests.standin import VALUES, Standin

KEY = VALUES["OPENAI_API_KEY"]


@pytest.fixture(autouse=True)
def openai_api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    server = openai_standin.serve()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}/v1")
    monkeypatch.setenv("OPENAI_STANDIN_KEY", KEY)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(passages, "LOCAL_FOLDER", tmp_path / "qdrant")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("question", "source", "words"),
    [
        ("How long does an access token live?", "tokens.md", "two hours"),
        ("In which order do I rotate the key of a provider?", "rotation.md", "create the new key"),
        ("For how long do applications keep the last good values?", "outages.md", "one hour"),
    ],
)
def test_a_question_is_answered_from_the_right_document(
    make_client: MakeClient, question: str, source: str, words: str
) -> None:
    secrets = make_client()
    ingest(secrets, DOCUMENTS)
    answer = ask(secrets, question)
    assert answer.passages[0].source == source
    assert words in answer.text


def test_ingesting_again_changes_nothing_and_a_shorter_document_leaves_nothing_behind(
    make_client: MakeClient, tmp_path: Path
) -> None:
    secrets = make_client()
    document = tmp_path / "documents" / "a.md"
    document.parent.mkdir()
    document.write_text("# One\n\nFirst text.\n\n# Two\n\nSecond text.\n")
    assert ingest(secrets, document.parent)["stored"] == 2
    assert ingest(secrets, document.parent)["stored"] == 2
    document.write_text("# One\n\nFirst text.\n")
    assert ingest(secrets, document.parent)["stored"] == 1


def test_a_key_that_was_rotated_since_the_last_read_is_picked_up_without_a_restart(
    make_client: MakeClient, server: Standin
) -> None:
    server.folders["/openai-rag"]["OPENAI_API_KEY"] = "sk-from-before-the-rotation"
    models = Models(make_client())
    with pytest.raises(ModelError):
        models.embed(["x"])
    server.folders["/openai-rag"]["OPENAI_API_KEY"] = KEY
    assert len(models.embed(["x"])[0]) == openai_standin.DIMENSIONS


def test_a_placeholder_key_ends_with_a_message_that_says_where_to_set_it(
    make_client: MakeClient, server: Standin
) -> None:
    server.folders["/openai-rag"]["OPENAI_API_KEY"] = "sk-proj-placeholder-set-me"
    with pytest.raises(ModelError, match="Set OPENAI_API_KEY in Infisical") as caught:
        ingest(make_client(), DOCUMENTS)
    assert "sk-proj-placeholder-set-me" not in str(caught.value)


def test_another_embedding_model_does_not_search_the_vectors_of_the_first(
    make_client: MakeClient, server: Standin
) -> None:
    secrets = make_client()
    ingest(secrets, DOCUMENTS)
    server.folders["/openai-rag"]["OPENAI_EMBED_MODEL"] = "text-embedding-3-small"
    secrets.refresh()
    with pytest.raises(PassagesError, match="rag.ingest"):
        ask(secrets, "How long does an access token live?")


def test_an_absent_qdrant_server_is_named_with_its_address(make_client: MakeClient, server: Standin) -> None:
    server.folders["/openai-rag"]["QDRANT_URL"] = "http://127.0.0.1:1"
    with pytest.raises(PassagesError, match="Cannot reach Qdrant at http://127.0.0.1:1"):
        ingest(make_client(), DOCUMENTS, on_server=True)


def test_a_folder_without_documents_is_refused_before_anything_is_asked(
    make_client: MakeClient, server: Standin, tmp_path: Path
) -> None:
    with pytest.raises(DocumentsError):
        ingest(make_client(), tmp_path)
    assert server.log == []


def test_chunks_keep_all_words_and_their_heading_and_stay_small() -> None:
    text = "# Title\n\n" + " ".join(f"Sentence number {n} is here." for n in range(200))
    made = list(pieces(text, size=300))
    assert all(piece.startswith("Title: ") for piece in made)
    assert max(len(piece) for piece in made) < 340
    assert " ".join(piece.removeprefix("Title: ") for piece in made) == text.removeprefix("# Title\n\n")


def test_the_shipped_documents_make_one_chunk_for_each_section() -> None:
    assert [chunk.source for chunk in chunks_of(DOCUMENTS)] == ["outages.md"] * 2 + ["rotation.md"] * 2 + ["tokens.md"] * 2
