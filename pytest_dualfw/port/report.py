"""What a comparison of a port found, for a person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..findings import Check, Verdict, worst_verdict
from .diagnose import Diagnosis
from .locate import Parting
from .steps import StepParting

SHOWN = 4
WIDTH = 118


@dataclass(frozen=True)
class GradientParting:
    """Walking back from the loss, the first place whose gradient differs, and the parameter where it shows most."""

    place: str
    error: float
    bound: float
    partner: str = ""


@dataclass
class PortReport:
    """Which value, gradient and step of training of the JAX function was held against the torch module's, and what
    came of it.

    ``forward``, ``backward`` and ``step`` are the first activation, the first gradient (walking back from the loss)
    and the first step that part; None where none does. ``causes`` were each tested: torch, run with the mistake,
    gave JAX's numbers. ``params_map`` is the map that was used, as text that can be pasted.
    """

    checks: list[Check] = field(default_factory=list)
    params_map: str = ""
    suggested: bool = False
    seed: int = 0
    weights: list[str] = field(default_factory=list)
    forward: Parting | None = None
    backward: GradientParting | None = None
    step: StepParting | None = None
    causes: list[Diagnosis] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        return worst_verdict(self.checks)

    @property
    def failures(self) -> list[Check]:
        return [c for c in self.checks if c.verdict == "discrepancy"]

    @property
    def layer(self) -> str:
        """The torch module at which the two part: that of the first cause, else of what parts first."""
        if self.causes:
            return self.causes[0].point.module
        if self.forward:
            return self.forward.point.module
        return self.backward.place.partition(" ")[0] if self.backward else ""

    @property
    def cause(self) -> str:
        """The likely cause in words, empty where none was found."""
        if self.causes:
            return f"{self.causes[0].name}: {self.causes[0].words}"
        return self.step.cause if self.step else ""

    @property
    def parting(self) -> str:
        """Where the two part first, and by how much: ``at fc1 by 3.1e-09``."""
        if self.forward:
            return f"at {self.forward.point.place} by {self.forward.error:.3g}"
        if self.backward:
            return f"in the gradient at {self.backward.place} by {self.backward.error:.3g}"
        return f"in {self.step.words} by {self.step.error:.3g}" if self.step else ""

    def to_json(self) -> dict[str, Any]:
        """Plain data: the verdict, every check, the layer, the cause, the notes and the map."""
        plain = {n: getattr(self, n) for n in ("verdict", "layer", "cause", "params_map", "notes", "weights", "seed")}
        return {**plain, "checks": [c.to_json() for c in self.checks]}

    def __str__(self) -> str:
        return self.message() if self.failures else "\n".join([self._agreed(), *self._noted(), *self._mapped()])

    def _agreed(self) -> str:
        return f"the port agrees with the torch module: {len(self.checks)} checks, seed {self.seed}"

    def message(self) -> str:
        """What parts first in each of three ways, why, and how to see it again."""
        head = f"the port parts from the torch module: {len(self.failures)} of {len(self.checks)} checks disagree"
        lines = [head, *(f"  wrong weight      {w}" for w in self.weights[:SHOWN])]
        lines += self._forward() + self._backward() + self._step() + self._caused()
        lines += ["  worst of each     " + _few([_line(c) for c in _worst(self.failures)], "\n" + " " * 20)]
        passed = [c.what for c in self.checks if c.verdict == "pass"]
        lines += [*self._noted(), f"agreeing: {_few(passed, ', ')}", f"seed: {self.seed}", *self._mapped()]
        return "\n".join(lines)

    def _forward(self) -> list[str]:
        if self.forward is None:
            return []
        found = self.forward
        place = f"in JAX, nearest: {found.partner}" if found.partner else "in JAX nothing has its shape"
        return [f"  first activation  {found.point.place}: {_off(found.error, found.bound)}", f"    {place}"]

    def _backward(self) -> list[str]:
        if self.backward is None:
            return []
        found = self.backward
        told = [f"    in JAX: {found.partner}"] if found.partner else []
        return [f"  first gradient    {found.place}: {_off(found.error, found.bound)}", *told]

    def _step(self) -> list[str]:
        if self.step is None:
            return []
        found = self.step
        told = [f"    cause           {found.cause}"] if found.cause else []
        return [f"  first step        {found.words}: {_off(found.error, found.bound)}", *told]

    def _caused(self) -> list[str]:
        return [f"  likely cause      {c.point.place}: {c}" for c in self.causes] or (
            ["  likely cause      none of the known ones gives JAX's numbers"] if self.forward or self.backward else []
        )

    def _noted(self) -> list[str]:
        return [f"note: {note}" for note in self.notes]

    def _mapped(self) -> list[str]:
        return ["parameters were paired by shapes and names:", self.params_map] if self.suggested else []


def _worst(failures: Sequence[Check]) -> list[Check]:
    """The furthest outside of each kind: output, gradient, step."""
    kinds: dict[str, Check] = {}
    for check in sorted(failures, key=lambda c: -c.ratio):
        kinds.setdefault(check.what.partition(" ")[0], check)
    return list(kinds.values())


def _line(check: Check) -> str:
    found = check.discrepancy
    if found is None or check.error is None:
        return f"{check.what} {check.note}"
    where = f"{found.place}: torch {_digits(found.expected)}, JAX {_digits(found.obtained)}"
    hint = f" ({found.hint})" if found.hint else ""
    return f"{where}, {_off(check.error, found.bound)}, {found.wrong} of {found.size} entries{hint}"


def _digits(x: float | str) -> str:
    return f"{x:.9g}" if isinstance(x, float) else x


def _off(error: float | None, bound: float | None) -> str:
    return f"off by {error:.3g}, allowed {bound:.3g}" if error is not None and bound is not None else ""


def _few(names: Sequence[str], joint: str) -> str:
    shown = list(names[:SHOWN])
    return (joint.join(shown) + (f"{joint}and {len(names) - SHOWN} more" if len(names) > SHOWN else "")) or "none"
