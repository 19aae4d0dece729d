"""Steps of training on both sides, and what sets an optimiser apart from torch's."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tolerance import JITTER_DRAWS, UNIT_ROUNDOFF
from . import rules
from .locate import worst
from .model import Array, Path, Trained
from .prepare import Prepared
from .rules import Settings, Slip
from .truth import Given, Truth, allowed

Judge = Callable[[str, Array, Array, Array], bool]

# A first step moves weights by about that share of themselves.
SHARE = 0.01


@dataclass(frozen=True)
class StepParting:
    """The first step after which a parameter is outside its bound."""

    words: str
    error: float
    bound: float
    cause: str = ""


def compared(made: Prepared, truth: Truth, judge: Judge, explain: bool) -> StepParting | None:
    """Judge every step; the first that parts. ``explain``: look for a cause in the optimiser too."""
    if made.asked.optimisers:
        return _users(made, truth.dtype, judge, explain)
    found = [_ours(made, truth, judge, kind, settings) for kind, settings in _defaults(truth).items()]
    return next((f for f in found if f), None)


def _defaults(truth: Truth) -> dict[str, Settings]:
    """The rate of SGD is one under which weights move by a hundredth."""
    run, values = truth.run, truth.given.values
    g = np.sqrt(sum(float(np.sum(x * x)) for x in run.gradients.values()))
    w = np.sqrt(sum(float(np.sum(values[n] ** 2)) for n in run.gradients))
    return {"SGD": {"lr": SHARE * w / g if g else SHARE}, "Adam": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8}}


def _ours(made: Prepared, truth: Truth, judge: Judge, kind: str, settings: Settings) -> StepParting | None:
    """The same rule on both sides, so that only the functions can differ."""
    steps, rates = made.asked.steps, [settings["lr"]] * made.asked.steps
    torch = _torch_gradients(made)
    mine = _walked(truth.given, torch, kind, settings, rates)
    rng = np.random.default_rng([made.asked.seed, 13])
    u = UNIT_ROUNDOFF[truth.dtype]
    moved = [_walked(truth.given.jittered(u, rng), torch, kind, settings, rates) for _ in range(JITTER_DRAWS)]

    def of_jax(given: Given) -> tuple[dict[str, Array], dict[str, Array]]:
        run = made.run_jax(made.map, given)
        return made.pulled(run), made.states(run)

    other = _walked(truth.given, of_jax, kind, settings, rates)
    first = None
    for t in range(steps):
        name, error, bound = _judged(
            f"{kind} step {t + 1}", other[t], mine[t], [m[t] for m in moved], judge, truth.dtype
        )
        if name and first is None:
            first = StepParting(f"{kind} step {t + 1}, {name}", error, bound)
    return first


Gradients = Callable[[Given], tuple[dict[str, Array], dict[str, Array]]]


def _torch_gradients(made: Prepared) -> Gradients:
    def of_torch(given: Given) -> tuple[dict[str, Array], dict[str, Array]]:
        run = made.torch.run(given.values, given.inputs, given.weights)
        return {n: run.gradients[n] for n in made.torch.trained}, run.state

    return of_torch


def _walked(given: Given, gradients: Gradients, kind: str, s: Settings, rates: Sequence[float]) -> Path:
    """Parameters after each step of a rule."""
    states: dict[str, dict[str, Array]] = {}
    path: Path = []
    for t, lr in enumerate(rates, start=1):
        found, state = gradients(given)
        trained = {
            n: rules.RULES[kind]({**s, "lr": lr}, g, given.values[n], t, states.setdefault(n, {}))
            for n, g in found.items()
        }
        given = Given({**given.values, **state, **trained}, given.inputs, given.weights)
        path.append(trained)
    return path


def _judged(
    what: str,
    obtained: Mapping[str, Array],
    expected: Mapping[str, Array],
    moved: Sequence[Mapping[str, Array]],
    judge: Judge,
    dtype: str,
) -> tuple[str, float, float]:
    """The parameter furthest outside its bound, empty where all are within."""
    found = ("", 0.0, 0.0)
    for name, x in obtained.items():
        bound = allowed(expected[name], [m[name] for m in moved], dtype)
        if not judge(f"{what}: {name}", x, expected[name], bound):
            error, limit = worst(x, expected[name], bound)
            found = max(found, (name, error, limit), key=lambda f: f[1] / f[2] if f[2] else 0.0)
    return found


def _users(made: Prepared, dtype: str, judge: Judge, explain: bool) -> StepParting | None:
    """torch's optimiser against the optax-like one, each on its own side."""
    asked, given = made.asked, made.given
    optimisers: Mapping[str, Any] = asked.optimisers or {}
    rng = np.random.default_rng([asked.seed, 17])

    def torch(g: Given) -> Trained:
        found: Trained = made.torch.train(g.values, g.inputs, g.weights, optimisers["torch"], asked.steps)
        return found

    trained = torch(given)
    moved = [torch(given.jittered(UNIT_ROUNDOFF[dtype], rng)).path for _ in range(JITTER_DRAWS)]
    paths = {r.there: r.here for r in made.map.rows if r.here in made.torch.trained}
    leaves = made.map.there(given.values, made.tree.shapes)
    other = made.jax.train(leaves, given.inputs, list(paths), optimisers["jax"], asked.steps)
    # An optimiser whose rate is a float32 is as right as that.
    narrow = made.jax.steps_narrowly(leaves, list(paths), optimisers["jax"])
    dtype = "float32" if narrow else dtype
    sides = [_there(made, p, paths) for p in (trained.path, *moved)]
    for t in range(asked.steps):
        mine = {p: other[t][p] for p in paths}
        name, error, bound = _judged(f"step {t + 1}", mine, sides[0][t], [s[t] for s in sides[1:]], judge, dtype)
        if name:
            cause = _cause(made, trained, other, paths) if explain else ""
            return StepParting(f"step {t + 1} of {trained.kind}, {name}", error, bound, cause)
    return None


def _there(made: Prepared, path: Path, paths: Mapping[str, str]) -> Path:
    found = [made.map.there(values, made.tree.shapes) for values in path]
    return [{p: x[p] for p in paths} for x in found]


def _cause(made: Prepared, trained: Trained, other: Path, paths: Mapping[str, str]) -> str:
    """The slip under which torch's gradients lead where JAX's optimiser went."""
    summed = {r.there for r in made.map.rows if r.added} & paths.keys()
    if trained.kind not in rules.RULES:
        return ""
    for slip in rules.slips(trained.kind, trained.settings):
        if _changes_nothing(trained, slip):
            continue
        with suppress(Exception):
            path = _walked(
                made.given,
                _torch_gradients(made),
                trained.kind,
                {**trained.settings, **slip.changes},
                _rates(trained, slip),
            )
            whole = [{**made.given.values, **p} for p in path]
            if _same(_there(made, whole, paths), other):
                return f"{slip.name} (torch stepped with it: every step agrees)"
    return f"{sorted(summed)[0]!r} is one bias in JAX and two in torch, which train twice as fast" if summed else ""


def _changes_nothing(trained: Trained, slip: Slip) -> bool:
    same = all(trained.settings.get(name) == value for name, value in slip.changes.items())
    return same and _rates(trained, slip) == trained.rates[: len(trained.path)]


def _rates(trained: Trained, slip: Slip) -> list[float]:
    factor = slip.changes.get("lr", trained.settings["lr"]) / trained.settings["lr"]
    rates = [trained.rates[0]] * len(trained.rates) if slip.shift is None else trained.rates
    shift, n = slip.shift or 0, len(trained.path)
    return [factor * rates[min(max(t + shift, 0), len(rates) - 1)] for t in range(n)]


def _same(mine: Path, other: Path) -> bool:
    """A rule that is run in NumPy rounds otherwise than an optimiser: to a quarter of the digits of the weights."""
    return all(
        bool(np.all(np.abs(x - b[p]) <= 1e-9 * np.max(np.abs(x), initial=1e-300)))
        for a, b in zip(mine, other, strict=True)
        for p, x in a.items()
    )
