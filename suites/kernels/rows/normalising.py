"""Softmax, cross-entropy over a large vocabulary, layer and RMS normalisation."""

from typing import Any

from ..draws import Rng, normal, tokens
from ..table import INDEX_BYTES, TINY, Cost, KernelSpec, Sizes

ROWS = Sizes("rows width", cpu=((8, 32), (512, 768), (4096, 1024)), gpu=((64, 1024), (4096, 4096), (8192, 8192)))


def scores(rng: Rng, *, rows: int, width: int) -> tuple[Any, ...]:
    """Attention scores or logits: one entry stands out by a few units, none saturates."""
    return (2 * normal(rng, rows, width),)


def logits(rng: Rng, *, rows: int, vocabulary: int) -> tuple[Any, ...]:
    """The last layer of a language model and the words that came."""
    return 2 * normal(rng, rows, vocabulary), tokens(rng, vocabulary, rows)


def layer_norm(rng: Rng, *, rows: int, width: int) -> tuple[Any, ...]:
    """A residual stream, whose mean and size wander; scale around 1, shift around 0."""
    x = 3 * normal(rng, rows, width) + normal(rng, rows, 1)
    return x, 1 + 0.1 * normal(rng, width), 0.1 * normal(rng, width)


def rms_norm(rng: Rng, *, rows: int, width: int) -> tuple[Any, ...]:
    return layer_norm(rng, rows=rows, width=width)[:2]


def gradient_terms(*, rows: int, width: int) -> int:
    """The gradients of scale and shift are sums over all rows."""
    return rows


NORMALISING = (
    KernelSpec(
        "softmax",
        "normalising",
        ROWS,
        scores,
        # largest, difference, exponential, sum, quotient
        lambda rows, width: Cost(5 * rows * width, 2 * rows * width),
    ),
    KernelSpec(
        "cross_entropy",
        "normalising",
        Sizes(
            "rows vocabulary",
            cpu=((8, 128), (128, 8192), (512, 50257)),
            gpu=((64, 8192), (1024, 50257), (2048, 50257)),
        ),
        logits,
        # largest, difference, exponential, sum; the rest is one number a row
        lambda rows, vocabulary: Cost(4 * rows * vocabulary, rows * vocabulary + 1, other=INDEX_BYTES * rows),
        referenced=(TINY,),  # the reference compares every target with every class
    ),
    KernelSpec(
        "layer_norm",
        "normalising",
        ROWS,
        layer_norm,
        # two for the mean, three for the variance, one quotient, scale and shift
        lambda rows, width: Cost(8 * rows * width, 2 * rows * width + 2 * width),
        terms=gradient_terms,
    ),
    KernelSpec(
        "rms_norm",
        "normalising",
        ROWS,
        rms_norm,
        lambda rows, width: Cost(4 * rows * width, 2 * rows * width + width),
        terms=gradient_terms,
    ),
)
