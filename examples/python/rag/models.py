"""The two OpenAI calls of this application, with key and model names from Infisical."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import openai

from rag_errors import SecretsError
from rag_secrets import SecretsClient, mask

T = TypeVar("T")


class ModelError(SecretsError):
    """OpenAI, or what stands at OPENAI_BASE_URL, did not do what was asked."""


class Models:
    """Embeds texts and answers questions. The address is OpenAI's, or OPENAI_BASE_URL of the environment.

    The key is asked for at every call, so that a rotated one is used without a restart; if OpenAI refuses it, the
    folder is read anew and the call made once more, because the refused key may be the one from before a rotation.
    """

    def __init__(self, secrets: SecretsClient) -> None:
        self._secrets = secrets

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, in the same order."""
        model = self.embedding_model()
        answer = self._call(lambda api: api.embeddings.create(model=model, input=list(texts)))
        return [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]

    def answer(self, question: str, passages: Sequence[str]) -> str:
        """An answer to the question from these passages and nothing else."""
        context = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(passages, start=1))
        model = self._secrets.get("OPENAI_LLM_MODEL")
        reply = self._call(
            lambda api: api.chat.completions.create(
                model=model,
                messages=[
                    {"role": "system", "content": "Answer from the passages only. Say so if they do not hold it."},
                    {"role": "user", "content": f"Passages:\n{context}\n\nQuestion: {question}"},
                ],
            )
        )
        return (reply.choices[0].message.content or "").strip()

    def embedding_model(self) -> str:
        """Name of the embedding model."""
        return self._secrets.get("OPENAI_EMBED_MODEL")

    def _call(self, ask: Callable[[openai.OpenAI], T]) -> T:
        key = self._secrets.get("OPENAI_API_KEY")
        try:
            try:
                return ask(openai.OpenAI(api_key=key, timeout=60, max_retries=2))
            except openai.AuthenticationError:
                self._secrets.refresh()
                newer = self._secrets.get("OPENAI_API_KEY")
                if newer == key:
                    raise
                key = newer
                return ask(openai.OpenAI(api_key=key, timeout=60, max_retries=2))
        except openai.AuthenticationError:
            raise ModelError(
                f"Cannot use OpenAI with the key {mask(key)}: it answered 401. Set OPENAI_API_KEY in Infisical to a key "
                "that works (a fresh stack has a placeholder there until one is configured)."
            ) from None
        except openai.APIStatusError as error:
            raise ModelError(f"Cannot use OpenAI: it answered {error.status_code}. {error.message}") from None
        except openai.APIConnectionError as error:
            raise ModelError(
                f"Cannot use OpenAI: no answer ({error.__cause__ or error}). Check the network and OPENAI_BASE_URL."
            ) from None
