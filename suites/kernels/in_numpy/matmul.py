"""y = a b, also of stacks of matrices: dy = da b + a db, so da = g b^T and db = a^T g."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def matmul_square(a: Array, b: Array) -> Array:
    return np.asarray(a @ b)


def matmul_square_vjp(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    return g @ np.swapaxes(b, -1, -2), np.swapaxes(a, -1, -2) @ g


matmul_tall, matmul_tall_vjp = matmul_square, matmul_square_vjp
matmul_batched, matmul_batched_vjp = matmul_square, matmul_square_vjp
matmul_tf32, matmul_tf32_vjp = matmul_square, matmul_square_vjp


def matmul_int8(a: Array, b: Array) -> Array:
    """Sums of products of int8, in int32: 127^2 n fits up to n = 133 000."""
    return np.asarray(a.astype(np.int64) @ b.astype(np.int64)).astype(np.int32)
