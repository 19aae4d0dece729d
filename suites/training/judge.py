"""Judge a training step by step: every loss, gradient, parameter and running statistic within its bound.

A bound is C (S + u max|y|) as everywhere, with S how far runs with rounding have gone from the exact one up to that
step; one number serves a whole array. The runs round C times as much (and more, for what sums err) instead of being
multiplied afterwards. In float32, where rounding may turn a kink over (a ReLU, a maximum), each has a twin that rounds
the other way: one of the two turns it.

Of a long array some entries are followed, and a sum of all of them with random signs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from pytest_dualfw import Check
from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import CONDITIONING_FACTOR, UNIT_ROUNDOFF

from ..models.initial import Array
from .by_hand import Jitter, Moment, train
from .growth import Growth
from .problem import Problem
from .recipes import Recipe

ENTRIES = 64
# A sum of n terms of either sign, taken one after the other, errs 0.35 sqrt(n) times as much as its terms rounded once
# (its partial sums grow like sqrt(k)). The statistics of images here have up to 2700 terms: 18, of which C has 10.
SUMS = 4.0
# The runs with rounding: seeds, and signs. In float64 no kink is within reach, in float32 one may be at any step.
ROUNDINGS = {"float64": ((0, 1), (1, 1), (2, 1)), "float32": ((0, 1), (0, -1), (1, 1), (1, -1))}
# Where rounding may move the loss by this part of it, following step for step means nothing any more.
MEANS_NOTHING = 0.01
LOSS = "loss"
ORACLE = "run in NumPy"


@dataclass(frozen=True)
class Followed:
    """What of an array is followed: entries ``at`` flat indices, and a sum with ``signs``; all where it is short."""

    shape: tuple[int, ...]
    at: Array
    signs: Array | None

    @classmethod
    def of(cls, x: Array, rng: np.random.Generator) -> "Followed":
        if x.size <= ENTRIES:
            return cls(x.shape, np.arange(x.size), None)
        return cls(x.shape, rng.choice(x.size, ENTRIES, replace=False), rng.choice([-1.0, 1.0], x.size))

    def __call__(self, x: Array) -> Array:
        """As one row. The sum is scaled to be as long as an entry."""
        flat = np.asarray(x, np.float64).reshape(-1)
        entries = flat[self.at]
        return entries if self.signs is None else np.append(entries, self.signs @ flat / np.sqrt(flat.size))

    def place(self, i: int) -> str:
        """Which entry of the array the i-th of the row is."""
        if i == len(self.at):
            return ", all entries summed with random signs"
        index = ", ".join(map(str, np.unravel_index(self.at[i], self.shape)))
        return f"[{index}]" if index else ""


@dataclass(frozen=True)
class Curve:
    """A run as far as it is followed: for each quantity a row for each step. ``end`` are the parameters after it."""

    rows: Mapping[str, Array]
    end: Mapping[str, Array]

    @property
    def losses(self) -> Array:
        return self.rows[LOSS][:, 0]


@dataclass(frozen=True)
class Lines:
    """Follows a run: the quantities of a moment by name, in the order in which a step makes them."""

    problem: Problem

    def __call__(self, moment: Moment) -> dict[str, Array]:
        rows = {LOSS: np.array([moment.loss])}
        start = self.problem.start  # in its order: JAX sorts names
        rows |= {f"gradient of {n}": self._followed[n](moment.gradients[n]) for n in self.problem.spec.trained(start)}
        rows |= {f"{self._kind(n)} {n}": self._followed[n](moment.params[n]) for n in start}
        return rows

    def _kind(self, name: str) -> str:
        return "running statistic" if name in self.problem.spec.state else "parameter"

    def place(self, quantity: str, i: int) -> str:
        name = quantity.rpartition(" ")[2]
        return "" if quantity == LOSS else self._followed[name].place(i)

    @cached_property
    def _followed(self) -> dict[str, Followed]:
        rng = np.random.default_rng(7)
        return {name: Followed.of(p, rng) for name, p in self.problem.start.items()}

    def curve(self, moments: Iterable[Moment]) -> Curve:
        steps: list[dict[str, Array]] = []
        end: Mapping[str, Array] = {}
        for moment in moments:
            steps.append(self(moment))
            end = moment.params
        return Curve({quantity: np.array([step[quantity] for step in steps]) for quantity in steps[0]}, end)


@dataclass(frozen=True, eq=False)
class Training:
    """A problem and how it is trained."""

    problem: Problem
    recipe: Recipe

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.problem)

    @cached_property
    def exact(self) -> Curve:
        return self.lines.curve(train(self.problem, self.recipe))


@dataclass(frozen=True)
class Judge:
    """For each quantity and step how far a run in a dtype may leave the exact one, and until when that means something:
    for ``horizon`` steps. ``growth`` is how fast a rounding grows.
    """

    training: Training
    bounds: Mapping[str, Array]
    horizon: int
    growth: Growth

    def checks(self, moments: Iterable[Moment]) -> Iterator[Check]:
        """A check of each quantity of each step up to the horizon. A run is taken no further than it is judged."""
        for t, moment in zip(range(self.horizon), moments, strict=False):
            for quantity, obtained in self.training.lines(moment).items():
                yield self._check(t, quantity, obtained)

    def _check(self, t: int, quantity: str, obtained: Array) -> Check:
        what, bound = f"{quantity} at step {t}", self.bounds[quantity][t]
        expected = self.training.exact.rows[quantity][t]
        error = np.abs(obtained - expected)
        if np.all(error <= bound):  # which is so some thousand times, and compare() costs more than a step
            return Check(what, ORACLE, "pass", float(error.max(initial=0.0)), float(bound))
        check = compare(what, ORACLE, obtained, expected, np.full_like(expected, bound))
        found = check.discrepancy
        if found is None:
            return check
        place = f"{quantity}{self.training.lines.place(quantity, found.index[0])} at step {t}"
        return replace(check, discrepancy=replace(found, leaf=place, index=()))


@cache
def judge(training: Training, dtype: str) -> Judge:
    exact, size = training.exact, SUMS * CONDITIONING_FACTOR * UNIT_ROUNDOFF[dtype]
    runs = [_distances(training, Jitter(sign * size, seed)) for seed, sign in ROUNDINGS[dtype]]
    bounds = {quantity: _bound(y, [run[quantity] for run in runs], size) for quantity, y in exact.rows.items()}
    lost = bounds[LOSS] > MEANS_NOTHING * np.abs(exact.losses)
    horizon = int(np.argmax(lost)) if lost.any() else len(exact.losses)
    apart = np.sqrt(np.mean([run[LOSS] ** 2 for run in runs], axis=0))
    return Judge(training, bounds, horizon, Growth.of(apart / np.abs(exact.losses)))


def _distances(training: Training, rounding: Jitter) -> dict[str, Array]:
    """How far a run with rounding is from the exact one: for each quantity its largest distance at each step."""
    run = training.lines.curve(train(training.problem, training.recipe, rounding))
    return {
        quantity: np.abs(run.rows[quantity] - y).max(axis=1, initial=0.0) for quantity, y in training.exact.rows.items()
    }


def _bound(y: Array, distances: list[Array], size: float) -> Array:
    furthest = np.maximum.accumulate(np.max(distances, axis=0))
    return np.asarray(furthest + size * np.abs(y).max(axis=1, initial=0.0))
