"""Training in JAX, and how much of it is in memory."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp

from ..memory import BETAS, EPS, LR, MOMENTUM, Array, Loop, Peak


def loss_of(params: Any, x: Any, y: Any) -> Any:
    w1, b1, w2, b2 = params
    rows = jax.nn.log_softmax(jnp.tanh(x @ w1.T + b1) @ w2.T + b2)
    return -jnp.mean(jnp.take_along_axis(rows, y[:, None], axis=1))


def sgd(p: Any, g: Any, means: Any, t: Any) -> Any:
    velocity = MOMENTUM * means[0] + g
    return p - LR * velocity, (velocity,)


def adam(p: Any, g: Any, means: Any, t: Any) -> Any:
    m, v = (beta * mean + (1 - beta) * d for beta, mean, d in zip(BETAS, means, (g, g * g), strict=True))
    first, second = (mean / (1 - beta**t) for beta, mean in zip(BETAS, (m, v), strict=True))
    return p - LR * first / (jnp.sqrt(second) + EPS), (m, v)


OPTIMISERS: dict[str, tuple[Callable[..., Any], int]] = {"sgd": (sgd, 1), "adam": (adam, 2)}


def loop(fw: Any, optimiser: str, params: list[Array], x: Array, y: Array) -> Loop:
    rule, count = OPTIMISERS[optimiser]
    given = [fw.asarray(p) for p in params]
    means = [tuple(jnp.zeros_like(p) for _ in range(count)) for p in given]
    state = SimpleNamespace(params=given, means=means, t=fw.asarray(0.0))
    batch = fw.asarray(x), fw.asarray(y)

    def update(params: Any, means: Any, t: Any, x: Any, y: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(params, x, y)
        stepped = [rule(p, g, m, t + 1) for p, g, m in zip(params, gradients, means, strict=True)]
        return loss, [p for p, _ in stepped], [m for _, m in stepped], t + 1

    compiled = fw.compile(update)

    def step() -> Any:
        loss, state.params, state.means, state.t = compiled(state.params, state.means, state.t, *batch)
        return fw.synchronize(loss)

    planned = jax.jit(update) if fw.mode == "jit" else update

    def peak() -> Peak:
        most = fw.timer().peak_bytes(planned, (state.params, state.means, state.t, *batch))
        return Peak(most, None)

    return Loop(step, peak, state)


def census(fw: Any) -> Callable[[], dict[str, int]]:
    """Arrays that are alive, their bytes, programs compiled; of a device that tells, what is in use of its memory."""
    timer = fw.timer()
    (device,) = fw.asarray(0.0).devices()

    def count() -> dict[str, int]:
        arrays: list[Any] = jax.live_arrays()  # type: ignore[no-untyped-call]
        found = {"arrays": len(arrays), "bytes of arrays": sum(x.nbytes for x in arrays)}
        found["programs"] = timer.compilations()
        told = device.memory_stats()
        return {**found, "bytes of the device": told["bytes_in_use"]} if told else found

    return count
