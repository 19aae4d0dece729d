"""Matrix products: square, tall, batched, in TF32, in int8. bfloat16 and float16 are dtypes of the run."""

from typing import Any

import numpy as np

from pytest_dualfw import Tolerance

from ..draws import Rng, normal, weights
from ..table import TINY, Cost, KernelSpec, Sizes


def square(rng: Rng, *, n: int) -> tuple[Any, ...]:
    return normal(rng, n, n), weights(rng, n, n)


def tall(rng: Rng, *, rows: int, inner: int, columns: int) -> tuple[Any, ...]:
    return normal(rng, rows, inner), weights(rng, columns, inner).T.copy()


def batched(rng: Rng, *, batch: int, n: int) -> tuple[Any, ...]:
    return normal(rng, batch, n, n), normal(rng, batch, n, n) / np.sqrt(n)


def quantised(rng: Rng, *, n: int) -> tuple[Any, ...]:
    """All values of int8 but the lowest, as symmetric quantisation gives them."""
    return tuple(rng.integers(-127, 128, (n, n), dtype=np.int8) for _ in range(2))


# One run measures it once: its dtypes are its own.
INTEGERS = "int8 is measured beside float32"
NO_TF32 = "TF32 is float32 in the matrix units of a GPU"

MATMUL = (
    KernelSpec(
        "matmul_square",
        "matmul",
        Sizes("n", cpu=((32,), (256,), (1024,)), gpu=((128,), (2048,), (8192,))),
        square,
        lambda n: Cost(2 * n**3, 3 * n**2),
    ),
    KernelSpec(
        "matmul_tall",
        "matmul",
        Sizes(
            "rows inner columns",
            cpu=((256, 8, 8), (8192, 64, 64), (65536, 64, 64)),
            gpu=((2048, 32, 32), (65536, 128, 128), (524288, 128, 128)),
        ),
        tall,
        lambda rows, inner, columns: Cost(2 * rows * inner * columns, rows * inner + inner * columns + rows * columns),
    ),
    KernelSpec(
        "matmul_batched",
        "matmul",
        Sizes("batch n", cpu=((8, 8), (32, 64), (64, 256)), gpu=((32, 32), (64, 512), (16, 2048))),
        batched,
        lambda batch, n: Cost(2 * batch * n**3, 3 * batch * n**2),
    ),
    KernelSpec(
        "matmul_tf32",
        "matmul",
        Sizes("n", cpu=((32,), (256,), (1024,)), gpu=((128,), (2048,), (8192,))),
        square,
        lambda n: Cost(2 * n**3, 3 * n**2),
        numerics={"tf32": True},
        unsupported={
            **{f"{fw}-{device}": NO_TF32 for fw in ("torch", "jax") for device in ("cpu", "tpu")},
            **{f"{fw}-gpu-{dtype}": NO_TF32 for fw in ("torch", "jax") for dtype in ("float64", "bfloat16", "float16")},
        },
        tolerance={
            # Products of entries of size 1, n of them of variance 1/n: the result has the size 1 whatever n is.
            fw: Tolerance(rtol=2**-8, atol=2**-7, why="TF32 keeps 10 bits of each factor, u = 2^-11")
            for fw in ("torch", "jax")
        },
    ),
    KernelSpec(
        "matmul_int8",
        "matmul",
        Sizes("n", cpu=((32,), (256,), (1024,)), gpu=((128,), (2048,), (8192,))),
        quantised,
        lambda n: Cost(2 * n**3, 0, other=2 * n**2 + 4 * n**2),
        backward=False,
        referenced=(TINY,),  # NumPy has no fast product of integers
        unsupported={
            f"{fw}-{device}-{dtype}": INTEGERS
            for fw in ("torch", "jax")
            for device in ("cpu", "gpu", "tpu")
            for dtype in ("float64", "bfloat16", "float16")
        },
    ),
)
