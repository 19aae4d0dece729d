"""Unrolling a cell along time, and backpropagation through time: the same for every cell.

A cell maps ``(x_t, *state, *weights)`` to the next state, and ``state[0]`` is what the sequence puts out. A cell with
one state array returns it bare, and its vjp takes a bare cotangent. T counts the steps.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from ..arrays import Array

State: TypeAlias = tuple[Array, ...]
Weights: TypeAlias = tuple[Array | None, ...]
Gradients: TypeAlias = tuple[Array | None, ...]


def walk(cell: Callable[..., Any], x: Array, state: State, weights: Weights) -> list[State]:
    """The T + 1 states s_0, s_1 = cell(x_1, s_0), ..., s_T = cell(x_T, s_{T-1})."""
    states = [state]
    for x_t in x:
        after = cell(x_t, *states[-1], *weights)
        states.append(after if isinstance(after, tuple) else (after,))
    return states


def outputs(states: list[State]) -> Array:
    """The outputs hs (T,N,H): the first array of every state but s_0."""
    return np.stack([state[0] for state in states])[1:]


def walk_back(
    cell_vjp: Callable[..., Any], g: tuple[Array, ...], x: Array, states: list[State], weights: Weights
) -> Gradients:
    """Gradients of x, s_0 and the weights, where g = (dhs, *ds_T) are the cotangents of the outputs and of s_T.

    s_t acts on the outputs twice: directly as hs_t, and through s_{t+1} = cell(x_{t+1}, s_t). So from last to first

        ds_t = (dhs_t, 0, ...) + (what the cell's vjp at step t+1 gave for its state),   started from ds_T,

    and the vjp at step t, fed with ds_t, gives dx_t and the state's part for step t-1. Every step uses the same
    weights: their gradient is the sum over t.
    """
    dhs, *dstate = g
    dxs: list[Any] = []
    dweights: Gradients = tuple(None if w is None else np.zeros_like(w) for w in weights)
    for t in reversed(range(len(x))):
        dstate[0] = dstate[0] + dhs[t]
        carried = tuple(dstate) if len(dstate) > 1 else dstate[0]
        dx_t, *rest = cell_vjp(carried, x[t], *states[t], *weights)
        dxs.append(dx_t)
        dstate, parts = rest[: len(dstate)], rest[len(dstate) :]
        dweights = tuple(_sum(total, part) for total, part in zip(dweights, parts, strict=True))
    return np.array(dxs[::-1]).reshape(x.shape), *dstate, *dweights


def _sum(total: Array | None, part: Array | None) -> Array | None:
    return None if total is None or part is None else total + part
