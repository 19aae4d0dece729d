"""The references' own."""

from pytest_dualfw.reference import embedding, embedding_vjp

__all__ = ["embedding", "embedding_vjp"]
