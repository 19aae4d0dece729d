"""Whose change it is: which side of a kernel moved, and what else changed at that run."""

from dataclasses import replace

import numpy as np

from .changes import COMPILER, LIBRARY, OP, Change
from .machine import move
from .model import EAGER, JIT, RATIO, Series, Timeline
from .robust import measured


def blamed(change: Change, series: Series) -> Change:
    """With the side that moved, where both are known: jit alone is the compiler, eager alone the op, both alike what
    they share. The paired ratio says best whether they parted, since the noise of a night hits both.

    A ratio that fell because eager has become faster harms nobody.
    """
    if change.quantity not in (RATIO, JIT, EAGER):
        return change
    moves = {side: move(series.values[side], change) for side in (JIT, EAGER, RATIO)}
    side = _side(**moves) if not np.isnan([moves[JIT], moves[EAGER]]).any() else ""
    harmless = change.quantity == RATIO and side == OP
    return replace(change, blame=side, worse=change.worse and not harmless)


def _side(jit: float, eager: float, ratio: float) -> str:
    parted = eager - jit if np.isnan(ratio) else ratio
    if abs(parted) < max(abs(jit), abs(eager)) / 2:
        return LIBRARY
    return COMPILER if abs(jit) >= abs(eager) else OP


def beside(change: Change, timeline: Timeline, series: Series) -> Change:
    """With what else changed between the last run before the step that measured the series and the first after it."""
    earlier = measured(series.values[change.quantity][: change.run])
    return named(change, timeline, int(earlier[-1]) if len(earlier) else change.run)


def named(change: Change, timeline: Timeline, before: int) -> Change:
    """With versions and commit that changed after the run ``before``, up to the change's."""
    versions = [text for run, text in timeline.marks() if before < run <= change.run]
    old, new = timeline.runs[before].commit, timeline.runs[change.run].commit
    commit = [f"commit {old[:7]} -> {new[:7]}"] if old and new and old != new else []
    return replace(change, beside=(*versions, *commit))
