"""Causal attention, spelled out and by the framework's own function, over the same lengths."""

from typing import Any

from pytest_dualfw import Tolerance

from ..draws import Rng, normal
from ..table import TINY, Cost, KernelSpec, Sizes

LENGTHS = Sizes(
    "batch heads length width",
    cpu=((1, 2, 16, 8), (1, 2, 1024, 64), (1, 2, 4096, 64)),
    gpu=((1, 8, 1024, 64), (2, 16, 4096, 64), (1, 8, 8192, 128)),
)
IN_FLOAT32 = Tolerance(atol=1.5e-6, why="jax.nn.dot_product_attention takes the softmax in float32, of float64 too")


def attended(rng: Rng, *, batch: int, heads: int, length: int, width: int) -> tuple[Any, ...]:
    """Queries, keys and values: scores are of variance 1 once they are scaled."""
    return tuple(normal(rng, batch, heads, length, width) for _ in range(3))


def cost(*, batch: int, heads: int, length: int, width: int) -> Cost:
    """A query meets the keys up to its own: two products over length (length + 1) / 2 pairs, and a softmax of them.

    The scores need not be stored.
    """
    pairs = batch * heads * length * (length + 1) // 2
    return Cost(4 * pairs * width + 5 * pairs, 4 * batch * heads * length * width)


ATTENTION = (
    KernelSpec("attention_naive", "attention", LENGTHS, attended, cost, referenced=(TINY,)),
    KernelSpec(
        "attention_fused",
        "attention",
        LENGTHS,
        attended,
        cost,
        referenced=(TINY,),
        unsupported={
            "jax-cpu-float16": "ValueError: The precision 'F16_F16_F32' is not supported by dot_general on CPU"
        },
        tolerance={f"jax-{device}-float64": IN_FLOAT32 for device in ("cpu", "gpu")},
    ),
)
