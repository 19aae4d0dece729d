"""Why the two sides part: each cause of the table is run in torch, and believed where it gives JAX's numbers."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from .causes import CAUSES, Alternative, Cause
from .causes.attention import other_heads
from .causes.gradients import GRADIENT_CAUSES
from .causes.rotary import turned_otherwise
from .causes.states import STATE_CAUSES
from .causes.wiring import rewirings
from .locate import Located, worst
from .model import Array, Edit, Point, Run
from .truth import is_plain

# Calls after the first that parts are suspects too, up to so many: what JAX does in another order has no partner.
SUSPECTS = 24
# So many values after an edited call are looked at for new agreement.
AFTER = 4
# So many causes that did not make all agree are looked at again, for whether they made more agree.
TRIED_AGAIN = 400
# Functions that only move numbers: what goes wrong in one shows where the numbers are used.
MOVES = frozenset(
    """view reshape transpose permute chunk split getitem flatten unflatten unbind select narrow contiguous T mT
    expand squeeze unsqueeze movedim swapaxes clone""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Diagnosis:
    """A cause that was tested. ``whole``: with it everything that was compared agrees; otherwise the two sides agree
    further than before, and part again for another reason.
    """

    point: Point
    name: str
    words: str
    whole: bool
    run: str = "torch run with it"

    def __str__(self) -> str:
        tested = "all agrees" if self.whole else "this layer agrees, and a later one parts"
        return f"{self.name}: {self.words} ({self.run}: {tested})"


Trial = tuple[Point, str, str, Mapping[int, Edit]]


def forward(located: Located, outputs: Mapping[str, Array]) -> Diagnosis | None:
    """The first cause under which the outputs agree; else the first under which the two agree further than they did."""
    wanted = _wanted(located, outputs)
    tried: list[Trial] = []
    for trial in _trials(located):
        point, name, words, edits = trial
        run = _attempt(located, edits)
        if run is not None and _agree(run, wanted):
            return Diagnosis(point, name, words, True)
        if run is not None and (name == "wiring" or len(edits) == 1):
            tried.append(trial)
    return _partly(located, tried)


def _partly(located: Located, tried: list[Trial]) -> Diagnosis | None:
    """A value taken elsewhere comes last: what is left out or done otherwise says more."""
    for point, name, words, edits in sorted(tried, key=lambda t: t[1] == "wiring")[:TRIED_AGAIN]:
        run = _attempt(located, edits, look=True)
        after = 1 if name == "wiring" else AFTER  # which calls hang on which is changed itself
        if run is not None and _further(located, run, point, after) and located.parts_later(run):
            return Diagnosis(point, name, words, False)
    return None


def _trials(located: Located) -> Iterator[Trial]:
    """Causes of certain functions first, then mistakes of several calls, then what any call may suffer."""
    first, region = located.frontier[:2], located.region[:SUSPECTS]
    near = [*first, *_passed_through(located), *_handed_on(located, located.frontier)]
    suspects = _calls(located, [*near, *region, *_handed_on(located, region)])
    table = _Table(located)
    for i in suspects:
        for cause in [c for c in CAUSES if c.ops]:
            yield from table.trials(i, cause)
    yield from _throughout(located, suspects)
    for i in suspects:
        yield from ((located.points[i], *rewiring) for rewiring in _quiet(rewirings(located.points, i)))
    for i in suspects:
        for cause in [c for c in CAUSES if not c.ops]:
            yield from table.trials(i, cause) if cause.name == "left out" else table.alone(i, cause)


def _numbered(module: str) -> str:
    """``layers.*.norm1`` of the first of ``layers.0.norm1``, ``layers.1.norm1``, and so on."""
    return ".".join("*" if part.isdigit() else part for part in module.split("."))


# Slips that concern calls all over the model, made once: a name, and words with what runs in the place of the calls.
THROUGHOUT = (("rotary order", turned_otherwise), ("number of heads", other_heads))


def _throughout(located: Located, suspects: list[int]) -> Iterator[Trial]:
    """Named after the first suspect that is among the calls concerned."""
    for name, slips in THROUGHOUT:
        for words, edits in _quiet(slips(located.points)):
            concerned = [located.points[i] for i in suspects if located.points[i].index in edits]
            if concerned:
                yield concerned[0], name, words, edits


class _Table:
    """Alternatives of the calls, each made once; the same slip is tried in one call, in its layer, and everywhere."""

    def __init__(self, located: Located) -> None:
        self._points = located.points
        self._calls = _calls(located, list(range(len(located.points))))
        self._made: dict[tuple[int, int], list[Alternative]] = {}

    def _alternatives(self, i: int, cause: Cause) -> list[Alternative]:
        key = (i, id(cause))
        if key not in self._made:
            call = self._points[i].call
            self._made[key] = list(_quiet(cause.alternatives(call))) if cause.applies_to(call) else []
        return self._made[key]

    def alone(self, i: int, cause: Cause) -> Iterator[Trial]:
        point = self._points[i]
        yield from ((point, cause.name, words, {point.index: edit}) for words, edit in self._alternatives(i, cause))

    def trials(self, i: int, cause: Cause) -> Iterator[Trial]:
        point = self._points[i]
        for words, edit in self._alternatives(i, cause):
            yield point, cause.name, words, {point.index: edit}
            everywhere = self._everywhere(cause, words, point)
            tried = {1, len(everywhere)}
            for scope, where in ((point.module, "calls there"), (_numbered(point.module), "layers like it")):
                edits = {k: e for k, (module, e) in everywhere.items() if scope in (module, _numbered(module))}
                if len(edits) not in tried:
                    yield self._first(edits), cause.name, f"{words}, in all {len(edits)} {where}", edits
                tried.add(len(edits))
            if len(everywhere) > 1:
                told = f"{words}, in all {len(everywhere)} calls of {point.call.name}"
                yield self._first(everywhere), cause.name, told, {k: e for k, (_, e) in everywhere.items()}

    def _first(self, calls: Mapping[int, Any]) -> Point:
        return next(self._points[i] for i in self._calls if self._points[i].index == min(calls))

    def _everywhere(self, cause: Cause, words: str, like: Point) -> dict[int, tuple[str, Edit]]:
        same = [j for j in self._calls if self._points[j].call.name == like.call.name]
        return {
            self._points[j].index: (self._points[j].module, edit)
            for j in same
            for other, edit in self._alternatives(j, cause)
            if other == words
        }


def _handed_on(located: Located, region: list[int]) -> list[int]:
    """Calls whose result JAX has too and may use otherwise: those that feed what parts, up through mere moves and
    through what no float is to be compared of, as complex numbers.
    """
    found: list[int] = []
    todo = [p for i in region for p in located.points[i].parents if p in located.matched]
    while todo:
        i = todo.pop(0)
        if i not in found:
            found.append(i)
            point = located.points[i]
            todo += point.parents if point.call.name in MOVES or not point.floating else ()
    return found


def _passed_through(located: Located) -> list[int]:
    """Calls before the region that change nothing in torch, as dropout in eval mode, and may do so in JAX."""
    found: list[int] = []
    todo = [p for i in located.frontier for p in located.points[i].parents]
    while todo:
        i = todo.pop()
        point = located.points[i]
        same = [p for p in point.parents if np.array_equal(located.points[p].value, point.value)]
        if same and i not in found:
            found.append(i)
            todo += same
    return found


def _calls(located: Located, points: list[int]) -> list[int]:
    """One point for each call."""
    by_call: dict[int, int] = {}
    for i in points:
        by_call.setdefault(located.points[i].index, i)
    return list(by_call.values())


def _quiet(found: Iterator[Any]) -> Iterator[Any]:
    """A row of the table that cannot make sense of a call has nothing to say of it."""
    with suppress(Exception):
        yield from found


def _attempt(located: Located, edits: Mapping[int, Edit], backward: bool = False, look: bool = False) -> Run | None:
    """None where torch cannot run so: a shape does not fit, a value has no such property."""
    with suppress(Exception), np.errstate(all="ignore"):
        return located.truth.edited(edits, backward, look)
    return None


Wanted = dict[str, tuple[Array, Array]]


def _wanted(located: Located, outputs: Mapping[str, Array]) -> Wanted:
    """JAX's outputs and loss, each with its bound."""
    truth = located.truth
    found = {k: (x, truth.bound(lambda r, k=k: r.output[k])) for k, x in outputs.items()}
    return {**found, "loss": (located.jax.loss, truth.bound(lambda r: r.loss))}


def _agree(run: Run, wanted: Wanted) -> bool:
    made = {**run.output, "loss": run.loss}
    return all(made[k].shape == x.shape and _within(made[k], x, bound) for k, (x, bound) in wanted.items())


def _within(obtained: Array, expected: Array, bound: Array) -> bool:
    if expected.dtype.kind != "f":
        return bool(np.array_equal(obtained, expected))
    error, allowed = worst(obtained, expected, bound)
    return error <= allowed


def _further(located: Located, run: Run, point: Point, after: int) -> bool:
    """Whether a value that changed by the edit is one that JAX has and torch alone had not."""
    if len(run.points) != len(located.points):
        return False
    first = next(i for i, p in enumerate(located.points) if p is point)
    for i in sorted(_followers(located, first))[:after]:
        new, old = run.points[i], located.points[i]
        if is_plain(new) or not old.floating or new.value.shape != old.value.shape:
            continue
        bound = located.truth.point_bound(i)
        changed = not _within(new.value, old.value, bound)
        known = any(
            located.points[j].value.shape == new.value.shape and _within(new.value, located.points[j].value, bound)
            for j in located.matched
            if located.points[j].floating
        )
        if changed and not known and located.alignment.has(new.value, bound):
            return True
    return False


def _followers(located: Located, first: int) -> set[int]:
    users, found, todo = located.consumers, {first}, [first]
    while todo:
        for user in users.get(todo.pop(), []):
            if user not in found:
                found.add(user)
                todo.append(user)
    return found


def backward(located: Located, suspects: list[int], gradients: Mapping[str, Array]) -> Diagnosis | None:
    """The first cause under which all gradients agree. ``suspects`` are points, the likeliest first."""
    table = _Table(located)
    bounds = {n: located.truth.bound(lambda r, n=n: r.gradients[n]) for n in gradients}
    for cause in GRADIENT_CAUSES:
        for i in suspects:
            for point, name, words, edits in table.alone(i, cause):
                run = _attempt(located, edits, backward=True)
                if run is not None and all(_within(run.gradients[n], g, bounds[n]) for n, g in gradients.items()):
                    return Diagnosis(point, name, words, True)
    return None


def of_state(located: Located, state: Mapping[str, Array]) -> Diagnosis | None:
    """The first cause under which new values of buffers agree; ``state`` are JAX's, by torch's names."""
    table = _Table(located)
    bounds = {n: located.truth.bound(lambda r, n=n: r.state[n]) for n in state}
    for cause in STATE_CAUSES:
        for i in range(len(located.points)):
            for point, name, words, edits in table.trials(i, cause):
                run = _attempt(located, edits)
                mine = [n for n in state if n.startswith(f"{point.module}.")] if len(edits) == 1 else list(state)
                if run is not None and mine and all(_within(run.state[n], state[n], bounds[n]) for n in mine):
                    return Diagnosis(point, name, words, len(mine) == len(state))
    return None
