"""Embedding: rows of a table are gathered; backward, their gradients are scattered and repeats added."""

from typing import Any

from ..draws import Rng, normal
from ..draws import tokens as drawn
from ..table import INDEX_BYTES, Cost, KernelSpec, Sizes


def looked_up(rng: Rng, *, tokens: int, vocabulary: int, width: int) -> tuple[Any, ...]:
    """A text by Zipf's law and the table of a language model."""
    return drawn(rng, vocabulary, tokens), normal(rng, vocabulary, width)


TABLE_LOOKUP = (
    KernelSpec(
        "embedding",
        "table_lookup",
        Sizes(
            "tokens vocabulary width",
            cpu=((8, 32, 8), (512, 8192, 128), (4096, 50257, 256)),
            gpu=((64, 8192, 256), (4096, 50257, 1024), (32768, 50257, 1024)),
        ),
        looked_up,
        # A row that is looked up twice need be read once only: what is counted is what is written.
        lambda tokens, vocabulary, width: Cost(0, tokens * width, other=INDEX_BYTES * tokens),
    ),
)
