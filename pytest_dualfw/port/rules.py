"""The update rules of optimisers, as the documentation of torch.optim writes them, and slips in porting them.

A rule works on one parameter: ``rule(s, g, w, t, state)`` is the new w at step t = 1, 2, ...; ``s`` are its settings.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .model import Array

Settings = Mapping[str, Any]
Rule = Callable[[Settings, Array, Array, int, dict[str, Array]], Array]


def sgd(s: Settings, g: Array, w: Array, t: int, state: dict[str, Array]) -> Array:
    """``first="damped"`` dampens the first gradient as well; torch takes it whole."""
    g, w = _decayed(s, g, w)
    mu = s.get("momentum", 0.0)
    if not mu:
        return np.asarray(w - s["lr"] * g)
    damp = s.get("dampening", 0.0)
    start = (1 - damp) * g if s.get("first") == "damped" else g
    state["buffer"] = mu * state["buffer"] + (1 - damp) * g if "buffer" in state else start
    step = g + mu * state["buffer"] if s.get("nesterov") else state["buffer"]
    return np.asarray(w - s["lr"] * step)


def adam(s: Settings, g: Array, w: Array, t: int, state: dict[str, Array]) -> Array:
    """``place`` says where eps stands: after the root (torch), inside it, or after the uncorrected root."""
    g, w = _decayed(s, g, w)
    b1, b2 = s["betas"]
    m = state["m"] = b1 * state.get("m", 0.0) + (1 - b1) * g
    v = state["v"] = b2 * state.get("v", 0.0) + (1 - b2) * g * g
    k = t + s.get("late", 0)
    c1 = 1 - b1**k if s.get("correct_m", True) else 1.0
    c2 = 1 - b2**k if s.get("correct_v", True) else 1.0
    if s.get("amsgrad"):
        v = state["top"] = np.maximum(state.get("top", 0.0), v)
    place, eps = s.get("place", "after"), s["eps"]
    if place == "inside":
        root = np.sqrt(v / c2 + eps)
    else:
        root = np.sqrt(v / c2) + eps / (np.sqrt(c2) if place == "uncorrected" else 1.0)
    step = g if s.get("no_momentum") else m / c1
    return np.asarray(w - s["lr"] * step / root)


def rmsprop(s: Settings, g: Array, w: Array, t: int, state: dict[str, Array]) -> Array:
    """``start`` is the first average of squares: 0 in torch, 1 in TensorFlow's first form."""
    g, w = _decayed(s, g, w)
    a, mu = s["alpha"], s.get("momentum", 0.0)
    v = state["v"] = a * state.get("v", s.get("start", 0.0)) + (1 - a) * g * g
    if s.get("centered"):
        mean = state["mean"] = a * state.get("mean", 0.0) + (1 - a) * g
        v = v - mean * mean
    root = np.sqrt(v + s["eps"]) if s.get("place") == "inside" else np.sqrt(v) + s["eps"]
    if not mu:
        return np.asarray(w - s["lr"] * g / root)
    state["buffer"] = mu * state.get("buffer", 0.0) + g / root
    return np.asarray(w - s["lr"] * state["buffer"])


def adagrad(s: Settings, g: Array, w: Array, t: int, state: dict[str, Array]) -> Array:
    g, w = _decayed(s, g, w)
    v = state["v"] = state.get("v", s.get("initial_accumulator_value", 0.0)) + g * g
    root = np.sqrt(v + s["eps"]) if s.get("place") == "inside" else np.sqrt(v) + s["eps"]
    return np.asarray(w - s["lr"] / (1 + (t - 1) * s.get("lr_decay", 0.0)) * g / root)


def _decayed(s: Settings, g: Array, w: Array) -> tuple[Array, Array]:
    """Weight decay as a part of the gradient (L2), or of the weight alone (decoupled), times the rate or not."""
    decay = s.get("weight_decay", 0.0)
    if not decay:
        return g, w
    form = s.get("decay", "L2")
    if form == "L2":
        return g + decay * w, w
    return g, w * (1 - decay * (s["lr"] if form == "decoupled" else 1.0))


RULES: dict[str, Rule] = {"SGD": sgd, "Adam": adam, "AdamW": adam, "RMSprop": rmsprop, "Adagrad": adagrad}


@dataclass(frozen=True)
class Slip:
    """A way to port an optimiser wrongly: settings that are other than torch's, or another step's rate."""

    name: str
    changes: Mapping[str, Any]
    shift: int | None = 0


def settings_of(kind: str, group: Mapping[str, Any]) -> dict[str, Any]:
    """torch's settings in the words of the rules."""
    found = dict(group)
    found["decay"] = "decoupled" if kind == "AdamW" or group.get("decoupled_weight_decay") else "L2"
    return found


def slips(kind: str, s: Settings) -> Iterator[Slip]:
    """What to try, the likeliest first."""
    yield from (slip for slip in _of_all(s))
    yield from {"SGD": _of_sgd, "RMSprop": _of_rmsprop, "Adagrad": _of_adagrad}.get(kind, _of_adam)(s)
    yield from (Slip(f"learning rate times {f:g}", {"lr": s["lr"] * f}) for f in (0.1, 10.0, 0.5, 2.0))


def _of_all(s: Settings) -> Iterator[Slip]:
    yield Slip("the learning rate of the step after: the schedule runs one step early", {}, 1)
    yield Slip("the learning rate of the step before: the schedule runs one step late", {}, -1)
    yield Slip("the learning rate of the first step throughout: no schedule", {}, None)
    if s.get("weight_decay"):
        for form, words in (
            ("L2", "weight decay as L2, a part of the gradient, instead of decoupled"),
            ("decoupled", "decoupled weight decay instead of L2"),
            ("alone", "decoupled weight decay not multiplied by the learning rate"),
        ):
            yield Slip(words, {"decay": form})
        yield Slip("weight decay left out", {"weight_decay": 0.0})
    else:
        for decay in (1e-2, 1e-4, 5e-4, 1e-3, 0.1):
            yield Slip(
                f"weight decay {decay:g}, decoupled, instead of none", {"weight_decay": decay, "decay": "decoupled"}
            )
            yield Slip(f"weight decay {decay:g}, L2, instead of none", {"weight_decay": decay, "decay": "L2"})


def _of_sgd(s: Settings) -> Iterator[Slip]:
    mu = s.get("momentum", 0.0)
    yield Slip(
        "Nesterov's momentum left out" if s.get("nesterov") else "Nesterov's momentum",
        {"nesterov": not s.get("nesterov")},
    )
    yield Slip("momentum left out", {"momentum": 0.0})
    yield Slip("momentum as a mean, dampened by 1 - momentum", {"dampening": mu, "first": "damped"})
    yield Slip("momentum dampened by 1 - momentum but for the first step", {"dampening": mu})
    for other in (0.9, 0.99, 0.95, 0.5):
        yield Slip(f"momentum {other:g} instead of {mu:g}", {"momentum": other})


def _of_adam(s: Settings) -> Iterator[Slip]:
    yield Slip("epsilon inside the root", {"place": "inside"})
    yield Slip("epsilon beside the root that is not corrected for bias", {"place": "uncorrected"})
    yield Slip("no correction for bias", {"correct_m": False, "correct_v": False})
    yield Slip("no correction for bias of the second moment", {"correct_v": False})
    yield Slip("no correction for bias of the first moment", {"correct_m": False})
    yield Slip("the correction for bias one step late", {"late": 1})
    yield Slip("AMSGrad left out" if s.get("amsgrad") else "AMSGrad", {"amsgrad": not s.get("amsgrad")})
    yield Slip("the gradient instead of its mean", {"no_momentum": True})
    for eps in (1e-8, 1e-7, 1e-6, 1e-5, 1e-3, 1e-16, 0.0):
        yield Slip(f"epsilon {eps:g} instead of {s['eps']:g}", {"eps": eps})
    b1, b2 = s["betas"]
    for other in ((b1, 0.99), (b1, 0.95), (b1, 0.999), (b1, 0.98), (0.9, b2), (0.95, b2), (0.0, b2), (b2, b1)):
        yield Slip(f"betas {other} instead of {(b1, b2)}", {"betas": other})


def _of_rmsprop(s: Settings) -> Iterator[Slip]:
    yield Slip("epsilon inside the root", {"place": "inside"})
    yield Slip("the average of squares begun at 1", {"start": 1.0})
    yield Slip("the other of centered and not centered", {"centered": not s.get("centered")})
    yield Slip("momentum left out", {"momentum": 0.0})
    for alpha in (0.9, 0.99, 0.95):
        yield Slip(f"decay {alpha:g} instead of alpha {s['alpha']:g}", {"alpha": alpha})
        yield Slip(f"decay {alpha:g} and epsilon inside the root", {"alpha": alpha, "place": "inside"})
    for eps in (1e-8, 1e-7, 1e-6, 1e-5, 1e-3):
        yield Slip(f"epsilon {eps:g} instead of {s['eps']:g}", {"eps": eps})


def _of_adagrad(s: Settings) -> Iterator[Slip]:
    yield Slip("epsilon inside the root", {"place": "inside"})
    for start in (0.1, 1.0, 0.0):
        yield Slip(f"the sum of squares begun at {start:g}", {"initial_accumulator_value": start})
