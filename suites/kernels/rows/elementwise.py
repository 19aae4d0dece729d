"""Chains of 1, 5 and 20 elementwise operations over the same two arrays: what fusion buys."""

from typing import Any

from ..draws import Rng
from ..table import Cost, KernelSpec, Sizes

LENGTHS = Sizes("n", cpu=((64,), (65536,), (4194304,)), gpu=((4096,), (4194304,), (67108864,)))


def pair(rng: Rng, *, n: int) -> tuple[Any, ...]:
    """Within 1/2, so that no chain grows beyond 3."""
    return tuple(rng.uniform(-0.5, 0.5, n) for _ in range(2))


ELEMENTWISE = tuple(
    KernelSpec(
        f"elementwise_{length}",
        "elementwise",
        LENGTHS,
        pair,
        # Each chain reads the two arrays and writes one, however long it is; its length is bound at once.
        lambda n, length=length: Cost(length * n, 3 * n),
    )
    for length in (1, 5, 20)
)
