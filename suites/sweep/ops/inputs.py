"""Inputs that several tables of rows share."""

import numpy as np

from ..tensors import HUGE, INFINITE, NAN_INSIDE, TIES, TINY, ZEROS, Array, Input, fixed, shaped
from ..truth import LEAST_EXPONENT


def products(*shapes: tuple[int, ...], skip: tuple[str, ...] = ()) -> tuple[Input, ...]:
    """The usual inputs of products: in the place of all huge, which overflows, the first huge and the others tiny."""
    usual = shaped(*shapes, skip=(HUGE, *skip))

    def balanced(dtype: str) -> tuple[Array, ...]:
        first, *others = usual[0].make(dtype)
        k = int(-0.6 * LEAST_EXPONENT[dtype])
        return first * 2.0**k, *(x * 2.0**-k for x in others)

    return *usual, Input("huge by tiny", balanced)


def without(inputs: tuple[Input, ...], *names: str) -> tuple[Input, ...]:
    return tuple(i for i in inputs if i.name not in names)


NOT_FINITE = (INFINITE, NAN_INSIDE)
HILBERT = [[1 / (i + j + 1) for j in range(3)] for i in range(3)]
NEARLY_SINGULAR = [[1.0, 1.0], [1.0, 1.0 + 2.0**-20]]
SINGULAR = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
# Half of a symmetric matrix with the eigenvalues 1, 1 + 1e-5 and 2.
_V = np.array([[1.0], [2.0], [-2.0]]) / 3
_Q = np.eye(3) - 2 * _V @ _V.T
CLOSE = _Q @ np.diag([0.5, 0.5 + 0.5e-5, 1.0]) @ _Q.T
REGULAR = [[2.0, -1.0, 0.5], [1.0, 3.0, -1.5], [-0.75, 1.0, 1.25]]
MATRIX = shaped((3, 3), skip=(HUGE,))
FULL_RANK = (*shaped((3, 2), skip=(TIES, ZEROS, *NOT_FINITE)), fixed("square", REGULAR))
# torch raises an error for a singular matrix. The slope of the inverse of a tiny matrix overflows.
INVERTIBLE = (
    *shaped((3, 3), skip=(TIES, ZEROS, TINY, *NOT_FINITE)),
    fixed("one by one", [[0.25]]),
    fixed("Hilbert", HILBERT),
    fixed("nearly singular", NEARLY_SINGULAR),
)
