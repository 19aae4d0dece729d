"""One round is z y, z + x, z - y, z z, z x, started from z = x; a chain is that many of its operations.

No operation undoes another, and no compiler may reorder them: a chain of 20 is 20 operations.
"""

from itertools import cycle, islice
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

ROUND = ("times y", "plus x", "minus y", "squared", "times x")


def chain(x: Array, y: Array, length: int) -> list[Array]:
    """z_0 = x and every z after it."""
    forward = {
        "times y": lambda z: z * y,
        "plus x": lambda z: z + x,
        "minus y": lambda z: z - y,
        "squared": lambda z: z * z,
        "times x": lambda z: z * x,
    }
    values = [x]
    for step in islice(cycle(ROUND), length):
        values.append(forward[step](values[-1]))
    return values


def chain_vjp(g: Array, x: Array, y: Array, length: int) -> tuple[Array, Array]:
    """Backwards along the chain: dz of each step from the dz after it, and what x and y get on the way."""
    dx, dy = np.zeros_like(g), np.zeros_like(g)
    steps, values = list(islice(cycle(ROUND), length)), chain(x, y, length)
    for step, z in zip(reversed(steps), reversed(values[:-1]), strict=True):
        dx = dx + {"plus x": g, "times x": g * z}.get(step, 0)
        dy = dy + {"times y": g * z, "minus y": -g}.get(step, 0)
        g = g * {"times y": y, "squared": 2 * z, "times x": x}.get(step, 1)
    return dx + g, dy


def elementwise_1(x: Array, y: Array) -> Array:
    return chain(x, y, 1)[-1]


def elementwise_1_vjp(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
    return chain_vjp(g, x, y, 1)


def elementwise_5(x: Array, y: Array) -> Array:
    return chain(x, y, 5)[-1]


def elementwise_5_vjp(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
    return chain_vjp(g, x, y, 5)


def elementwise_20(x: Array, y: Array) -> Array:
    return chain(x, y, 20)[-1]


def elementwise_20_vjp(g: Array, x: Array, y: Array) -> tuple[Array, Array]:
    return chain_vjp(g, x, y, 20)
