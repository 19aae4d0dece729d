"""Rows of transformers. Batches are first, token 0 pads."""

from typing import Any

import numpy as np

from .dense import affine
from .sequence import padded
from .table import ModelSpec

WIDTH, INNER = 16, 32
WORDS, LENGTH, LABELS = 20, 7, 3
TOKENS, CONTEXT = 16, 8
RATE = 0.25


def scale(name: str) -> dict[str, tuple[int, ...]]:
    """The parameters of a layer normalisation."""
    return {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}


def _block(name: str) -> dict[str, tuple[int, ...]]:
    """All of a block but its attention."""
    inner = {**affine(f"{name}.fc1", WIDTH, INNER), **affine(f"{name}.fc2", INNER, WIDTH)}
    return {**scale(f"{name}.norm1"), **scale(f"{name}.norm2"), **inner}


def _packed(name: str) -> dict[str, tuple[int, ...]]:
    """The parameters of torch.nn.MultiheadAttention."""
    packed = {f"{name}.in_proj_weight": (3 * WIDTH, WIDTH), f"{name}.in_proj_bias": (3 * WIDTH,)}
    return {**packed, **affine(f"{name}.out_proj", WIDTH, WIDTH)}


def _apart(name: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for part in ("query", "key", "value", "out"):
        found |= affine(f"{name}.{part}", WIDTH, WIDTH)
    return found


def _embeddings(tokens: int, length: int) -> dict[str, tuple[int, ...]]:
    return {"token.weight": (tokens, WIDTH), "position.weight": (length, WIDTH)}


ENCODER = {
    **_embeddings(WORDS, LENGTH),
    **scale("norm"),
    **_packed("block.attention"),
    **_block("block"),
    **affine("head", WIDTH, LABELS),
}

TIED = {
    **_embeddings(TOKENS, CONTEXT),
    **_apart("block1.attention"),
    **_block("block1"),
    **_apart("block2.attention"),
    **_block("block2"),
    **scale("norm"),
}


def _labelled(rng: np.random.Generator, n: int) -> Any:
    """The label is in the last real token, which the first one must ask for."""
    tokens, lengths = padded(rng, n, LENGTH, WORDS)
    real = np.arange(LENGTH) < lengths[:, None]
    return (tokens, real), tokens[np.arange(n), lengths - 1] % LABELS


def _continued(rng: np.random.Generator, n: int) -> Any:
    """A token follows from the two before it, but for one in eight, which is anything."""
    tokens = rng.integers(0, TOKENS, (n, CONTEXT + 1))
    ruled = rng.uniform(size=tokens.shape) > 1 / 8
    for i in range(2, CONTEXT + 1):
        tokens[:, i] = np.where(ruled[:, i], (3 * tokens[:, i - 1] + tokens[:, i - 2] + 1) % TOKENS, tokens[:, i])
    return (tokens[:, :-1],), tokens[:, 1:].reshape(-1)


def _with_masks(draw: Any, count: int, length: int) -> Any:
    """The same batch with the masks of dropout beside it."""

    def drawn(rng: np.random.Generator, n: int) -> Any:
        inputs, target = draw(rng, n)
        return (*inputs, rng.uniform(size=(n, count, length, WIDTH)) >= RATE), target

    return drawn


def _encoder(draw: Any, **more: Any) -> ModelSpec:
    dropout = {"rate": RATE} if "variant" in more else {}
    return ModelSpec("encoder", "transformers", ENCODER, draw, "cross_entropy", {"heads": 4, **dropout}, **more)


def _language(shapes: Any, draw: Any, variant: str, heavy: bool = False, **options: Any) -> ModelSpec:
    heads = {"heads": 2, **options}
    return ModelSpec("language", "transformers", shapes, draw, "cross_entropy", heads, variant, heavy=heavy)


TRANSFORMERS = (
    _encoder(_labelled, heavy=True),
    _encoder(_with_masks(_labelled, 2, LENGTH), variant="dropout"),
    _language(TIED, _continued, "tied", tied=True),
    _language(
        {**TIED, **affine("head", WIDTH, TOKENS)},
        _with_masks(_continued, 5, CONTEXT),
        "dropout",
        heavy=True,
        tied=False,
        rate=RATE,
    ),
)
