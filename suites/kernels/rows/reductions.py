"""Sums along rows and along columns, and a reduction with an elementary function in it."""

from typing import Any

from ..draws import Rng, normal
from ..table import Cost, KernelSpec, Sizes

PLANE = Sizes("rows width", cpu=((8, 32), (512, 1024), (4096, 4096)), gpu=((64, 1024), (4096, 4096), (8192, 8192)))


def plane(rng: Rng, *, rows: int, width: int) -> tuple[Any, ...]:
    return (normal(rng, rows, width),)


REDUCTIONS = (
    KernelSpec(
        "sum_rows", "reductions", PLANE, plane, lambda rows, width: Cost(rows * (width - 1), rows * width + rows)
    ),
    KernelSpec(
        "sum_columns", "reductions", PLANE, plane, lambda rows, width: Cost((rows - 1) * width, rows * width + width)
    ),
    KernelSpec(
        "logsumexp", "reductions", PLANE, plane, lambda rows, width: Cost(4 * rows * width, rows * width + rows)
    ),
)
