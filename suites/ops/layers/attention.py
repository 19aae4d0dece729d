"""Rows of attention."""

from typing import Any

import numpy as np

from pytest_dualfw import Tolerance

from ...table import Make, OpSpec, Sample
from .._draws import Rng

# Three queries, four keys; every query may attend to something.
MASK = np.array([[1, 0, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]], np.bool_)
NOTHING_TO_SEE = MASK & np.array([[1], [0], [1]], np.bool_)
WIDTH = 6


def attended(*leading: int, values: int = 5) -> Make:
    """Queries, keys and values, ``values`` components to each of the latter."""

    def make(rng: Rng) -> tuple[Any, ...]:
        q, k = (rng.uniform(-1.5, 1.5, (*leading, length, 5)) for length in (3, 4))
        return q, k, rng.uniform(-1.5, 1.5, (*leading, 4, values))

    return make


def large_scores(rng: Rng) -> tuple[Any, ...]:
    """Scores around 100, whose exponential is beyond float32, though the keys differ as ever."""
    q, k, v = (rng.uniform(-1, 1, size=(7, length, 5)) for length in (3, 4, 4))
    q[..., 0] = k[..., 0] = 15
    return q, k, v


def packed(*, bias: bool = True) -> Make:
    """Sequences, the packed projection of queries, keys and values, and the projection of what comes out."""

    def make(rng: Rng) -> tuple[Any, ...]:
        w_in, w_out = rng.uniform(-0.5, 0.5, (3 * WIDTH, WIDTH)), rng.uniform(-0.5, 0.5, (WIDTH, WIDTH))
        b_in, b_out = (rng.uniform(-0.5, 0.5, 3 * WIDTH), rng.normal(size=WIDTH)) if bias else (None, None)
        return rng.uniform(-1, 1, (2, 3, WIDTH)), w_in, b_in, w_out, b_out

    return make


# What jax.nn.dot_product_attention is off by in float64. Of 30 to 40 draws the worst were 4e-7 and 4e-6.
FLOAT32_INSIDE = "jax.nn.dot_product_attention takes the softmax in float32, of float64 too"
IN_FLOAT32 = Tolerance(atol=1.5e-6, why=FLOAT32_INSIDE)
LARGE_IN_FLOAT32 = Tolerance(atol=1e-5, why=f"{FLOAT32_INSIDE}, and rounds scores of 100 to it")
NO_FLOAT16 = {"jax-cpu-float16-jit": "ValueError: The precision 'F16_F16_F32' is not supported by dot_general on CPU"}

ATTENTION = (
    OpSpec(
        "attention",
        "layers",
        (
            # Float32 inside, in JAX, is too coarse for the differences of the second order.
            Sample("plain", attended(2), batched=(0, 1, 2), smooth=False),
            Sample("heads", attended(2, 3)),
            Sample("mask", attended(2), {"mask": MASK}),
            Sample("mask_of_each_head", attended(1, 2), {"mask": np.stack([MASK, MASK[::-1]])}),
            Sample("causal", attended(2), {"causal": True}),
        ),
        unsupported=NO_FLOAT16,
        tolerance={"jax-cpu-float64": IN_FLOAT32, "jax-gpu-float64": IN_FLOAT32},
    ),
    OpSpec(
        "attention",
        "layers",
        (
            Sample("scale", attended(2), {"scale": 0.25}, batched=(0, 1, 2), smooth=False),
            # dq and dk are differences of large terms.
            Sample("large_scores", large_scores, wrt=(2,)),
        ),
        unsupported=NO_FLOAT16,
        tolerance={"jax-cpu-float64": LARGE_IN_FLOAT32, "jax-gpu-float64": LARGE_IN_FLOAT32},
    ),
    OpSpec(
        "attention",
        "layers",
        (
            Sample("width_of_values", attended(2, values=3), batched=(0, 1, 2)),
            Sample("nothing_to_see", attended(2), {"mask": NOTHING_TO_SEE}),
        ),
        unsupported={
            "jax": "values must be as wide as keys, and a query that may attend to nothing gets the mean of the values"
        },
    ),
    OpSpec(
        "multi_head_attention",
        "layers",
        (
            # torch's flash attention on the CPU has no second derivative and no rule for vmap.
            Sample("plain", packed(), {"heads": 3}, batched=(), smooth=False),
            Sample("causal", packed(), {"heads": 2, "causal": True}),
            Sample("one_head", packed(), {"heads": 1}),
            Sample("no_bias", packed(bias=False), {"heads": 2}),
        ),
    ),
)
