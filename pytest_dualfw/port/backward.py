"""Where gradients part, walking back from the loss."""

from collections.abc import Mapping, Sequence

from ..findings import Check
from . import diagnose
from .diagnose import Diagnosis
from .locate import Located
from .model import Array, Point
from .report import GradientParting


def first(located: Located, failures: Sequence[Check]) -> GradientParting | None:
    """The first point whose cotangent differs, as seen from the loss; where none does, the parameter."""
    for i, agrees, error, bound, partner in located.cotangents():
        if not agrees:
            return GradientParting(_through(located, i), error, bound, partner)
    wrong = [c for c in failures if c.what.startswith("gradient")]
    worst = max(wrong, key=lambda c: c.ratio)
    return GradientParting(worst.what, worst.error or 0.0, worst.bound or 0.0)


def _through(located: Located, i: int) -> str:
    """The layer that hands the wrong gradient back: one that takes the point."""
    users = located.consumers.get(i, [])
    point = located.points[users[-1]] if users else located.points[i]
    return point.place


def diagnosed(located: Located, gradients: Mapping[str, Array], failures: Sequence[Check]) -> Diagnosis | None:
    """The cause of wrong gradients of right values, looked for first where they part."""
    return diagnose.backward(located, suspects(located, failures), gradients)


def suspects(located: Located, failures: Sequence[Check]) -> list[int]:
    """Takers of the first wrong cotangent, takers of the parameters whose gradient is wrong, then all, from the end."""
    users = located.consumers
    wrong = [i for i, agrees, *_ in located.cotangents() if not agrees]
    near = [u for i in wrong[:1] for u in reversed(users.get(i, []))] + wrong[:1]
    named = {c.what.removeprefix("gradient of ").rpartition(".")[0] for c in failures}
    mine = [i for i, p in enumerate(located.points) if p.module in named]
    everything = reversed(range(len(located.points)))
    return _one_for_each_call(located.points, [*near, *reversed(mine), *everything])


def _one_for_each_call(points: Sequence[Point], order: Sequence[int]) -> list[int]:
    seen: dict[int, int] = {}
    for i in order:
        seen.setdefault(points[i].index, i)
    return list(seen.values())[:60]
