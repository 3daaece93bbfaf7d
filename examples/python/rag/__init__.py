"""A small RAG application that keeps its configuration in Infisical: `python -m rag.ingest`, `python -m rag.ask`."""
