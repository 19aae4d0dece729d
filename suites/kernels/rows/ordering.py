"""Running sums, sorting, and a copy in another order."""

from math import log2

from ..table import Cost, KernelSpec, Sizes
from .reductions import PLANE, plane

ORDERING = (
    KernelSpec("cumsum", "ordering", PLANE, plane, lambda rows, width: Cost(rows * (width - 1), 2 * rows * width)),
    KernelSpec(
        "sort",
        "ordering",
        Sizes("rows width", cpu=((8, 32), (64, 1024), (256, 8192)), gpu=((64, 1024), (256, 16384), (1024, 65536))),
        plane,
        # No sort by comparisons needs fewer than log2(n!), about n (log2 n - 1.44): Knuth, volume 3, 5.3.1.
        lambda rows, width: Cost(rows * width * (log2(width) - 1.44), 2 * rows * width),
    ),
    KernelSpec("transpose_copy", "ordering", PLANE, plane, lambda rows, width: Cost(0, 2 * rows * width)),
)
