"""Two sides held against each other: two histories, or two revisions measured in turn on one machine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.special import stdtr  # type: ignore[import-untyped, unused-ignore]

from .discovery import FALSE_SHARE, limit
from .machine import FEWEST_SERIES, SIDES, TIMES
from .model import EAGER, JIT, QUANTITIES, RATIO, History, Numbers, Series
from .rank_test import mann_whitney, shift
from .robust import measured, medians
from .rules import RULES, factor, least

# Of a side so many runs count, the last ones.
NIGHTS = 20
# With fewer runs of a side, or rounds, no test can tell: what differs by enough is a suspect then. So is what a test
# would tell if it were the only number, but not among so many.
FEWEST = 5

# The p from which on a step of all benches is no accident of the rounds.
SHARED = 0.001

CONFIRMED, SUSPECT, SAME = VERDICTS = ("confirmed", "suspect", "same")
# Logarithms after, before -> p, or by how much the level moved.
Moves = dict[tuple[str, str], float]
Test = Callable[[Numbers, Numbers], float]


@dataclass(frozen=True)
class Difference:
    """One quantity of one bench on two sides: medians, the factor between them, how sure it is, whether it is worse.

    ``runs`` are those of the side that has fewer; ``verdict`` is one of VERDICTS.
    """

    bench: str
    quantity: str
    before: float
    after: float
    factor: float
    runs: int
    p: float
    verdict: str
    worse: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Comparison:
    """``differences`` of all quantities that both sides have. ``alone``: benches of which only one side has a number.
    ``note`` says what was not compared, and why.
    """

    differences: list[Difference]
    alone: list[str]
    note: str = ""

    def worse(self, verdict: str) -> list[Difference]:
        return [d for d in self.differences if d.worse and d.verdict == verdict]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": "dualfw-comparison/1",
            "differences": [d.to_json() for d in self.differences],
            "alone": self.alone,
            "note": self.note,
        }


@dataclass(frozen=True)
class _Pair:
    """The numbers of one quantity on both sides; ``moved`` and ``p`` as a test saw them."""

    bench: str
    quantity: str
    before: Numbers
    after: Numbers
    moved: float
    p: float

    @property
    def runs(self) -> int:
        return min(len(self.before), len(self.after))


def compared(before: History, after: History) -> Comparison:
    """Runs that have nothing to do with each other, by the exact Mann-Whitney test; on another machine the paired ratio
    alone, since it is all that can be held against another machine's.
    """
    machines = [{t.key for t in history.timelines} for history in (before, after)]
    elsewhere = machines[0] != machines[1]
    note = f"measured on {_named(machines[0])} and on {_named(machines[1])}: times do not compare, ratios do"
    quantities = (RATIO,) if elsewhere else QUANTITIES
    by = _Tested(quantities, mann_whitney, shift, _each_known)
    return _judged(before, after, by, note if elsewhere else "")


def in_turn(before: History, after: History) -> Comparison:
    """Runs of two revisions that took turns on one machine, the n-th of one beside the n-th of the other, by Student's
    test of the paired logarithms. What a round does to all benches alike is the machine's, and is taken out, unless
    all rounds agree on it.
    """
    return _judged(before, after, _Tested(QUANTITIES, _paired_p, _paired_move, _both_known), steady=True)


@dataclass(frozen=True)
class _Tested:
    quantities: Sequence[str]
    p: Test
    moved: Test
    known: Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]

    def pair(self, name: str, quantity: str, raw: tuple[Numbers, Numbers]) -> _Pair | None:
        before, after = self.known(*raw)
        if not (len(before) and len(after)):
            return None
        x, y = np.log(before), np.log(after)
        enough = min(len(x), len(y)) >= FEWEST
        moved = self.moved(y, x) if enough else float(np.median(y) - np.median(x))
        return _Pair(name, quantity, before, after, moved, self.p(y, x) if enough else 1.0)


def _judged(old: History, new: History, by: _Tested, note: str = "", *, steady: bool = False) -> Comparison:
    floor = max((t.floor for history in (old, new) for t in history.timelines), default=0.0)
    before, after = _sides(old), _sides(new)
    after = steadied(before, after) if steady else after
    pairs = list(_pairs(before, after, by))
    bound = limit([pair.p for pair in pairs], max(len(pairs), 1))
    moves = {(pair.bench, pair.quantity): pair.moved for pair in pairs}
    found = [_difference(pair, pair.p <= bound, least(pair.quantity, floor), moves) for pair in pairs]
    known = {pair.bench for pair in pairs}
    return Comparison(found, [name for name in sorted({*before, *after}) if name not in known], note)


def _pairs(before: dict[str, Series], after: dict[str, Series], by: _Tested) -> Iterator[_Pair]:
    for name in before:
        for quantity in by.quantities if name in after else ():
            pair = by.pair(name, quantity, (before[name].values[quantity], after[name].values[quantity]))
            if pair:
                yield pair


def _difference(pair: _Pair, sure: bool, smallest: float, moves: Moves) -> Difference:
    told = CONFIRMED if sure else SUSPECT if pair.runs < FEWEST or pair.p <= FALSE_SHARE else SAME
    verdict = told if abs(pair.moved) >= smallest else SAME
    worse = pair.moved * RULES[pair.quantity].worse > 0 and not _harmless(pair, moves)
    levels = float(np.median(pair.before)), float(np.median(pair.after))
    return Difference(pair.bench, pair.quantity, *levels, factor(pair.moved), pair.runs, pair.p, verdict, worse)


def _harmless(pair: _Pair, moves: Moves) -> bool:
    """A ratio that fell because eager has become faster."""
    jit, eager = (moves.get((pair.bench, side), 0.0) for side in (JIT, EAGER))
    return pair.quantity == RATIO and abs(eager) > abs(jit)


def _sides(history: History) -> dict[str, Series]:
    """By the bench's name; of several timelines the one with the latest run."""
    ordered = sorted(history.timelines, key=lambda t: t.runs[-1].started)
    return {s.bench.name: s for t in ordered for s in t.series}


def steadied(before: dict[str, Series], after: dict[str, Series]) -> dict[str, Series]:
    """The second side without what each round did to all benches alike; as it is where there are too few of them. What
    the rounds have in common stays if it is beyond their own wobble: then a revision has slowed everything down.
    """
    rows = [_moves(before[n].values[q], after[n].values[q]) for n in before if n in after for q in SIDES]
    if len(rows) < FEWEST_SERIES or len({len(row) for row in rows}) > 1:
        return after
    rounds = medians(np.array(rows).T)
    known = rounds[np.isfinite(rounds)]
    common = float(np.median(known)) if _paired_p(known, np.zeros_like(known)) < SHARED else 0.0
    return {name: _divided(series, np.exp(np.nan_to_num(rounds - common))) for name, series in after.items()}


def _moves(before: Numbers, after: Numbers) -> Numbers:
    n = min(len(before), len(after))
    with np.errstate(all="ignore"):
        return np.asarray(np.log(after[:n]) - np.log(before[:n]))


def _divided(series: Series, wobble: Numbers) -> Series:
    n = len(wobble)
    timed = {q: np.concatenate([series.values[q][:n] / wobble, series.values[q][n:]]) for q in TIMES}
    return replace(series, values={**series.values, **timed})


def _each_known(before: Numbers, after: Numbers) -> tuple[Numbers, Numbers]:
    known = [values[measured(values)][-NIGHTS:] for values in (before, after)]
    return known[0], known[1]


def _both_known(before: Numbers, after: Numbers) -> tuple[Numbers, Numbers]:
    """Of rounds in which both sides were measured."""
    n = min(len(before), len(after))
    rounds = np.intersect1d(measured(before[:n]), measured(after[:n]))
    return before[rounds], after[rounds]


def _paired_p(after: Numbers, before: Numbers) -> float:
    n, moves = len(after), after - before
    if np.ptp(moves) == 0:  # memory, to the byte
        return float(not moves.any())
    t = np.mean(moves) / (np.std(moves, ddof=1) / n**0.5)
    return float(2 * stdtr(n - 1, -abs(t)))


def _paired_move(after: Numbers, before: Numbers) -> float:
    return float(np.median(after - before))


def _named(machines: set[str]) -> str:
    return ", ".join(sorted(machines)) or "no machine"
