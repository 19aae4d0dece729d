"""check_grads: judge the value and the gradient of a function on one target."""

import random
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .. import frameworks
from ..findings import GradientMismatch
from ..frameworks.base import Framework
from ..target import Target
from ..tolerance import Tolerance
from .examine import Examination, Record
from .problem import Problem
from .report import GradientReport
from .request import Function, Request


def check_grads(
    fn: Function | Mapping[str, Function],
    *args: Any,
    fw: str | Target | Framework = "torch",
    reference: Function | None = None,
    reference_vjp: Function | None = None,
    wrt: int | tuple[int, ...] | None = None,
    order: int = 1,
    variants: bool = False,
    tolerance: Tolerance | None = None,
    seed: Any = None,
) -> GradientReport:
    """Judge ``fn(*args)`` and its reverse-mode gradient by independent oracles.

    ``args`` are NumPy arrays or pytrees of them; floating leaves are rounded to the target's dtype, complex ones to
    the complex dtype of that precision, integers and booleans pass through. ``fn`` takes and returns arrays of the
    framework ``fw`` (a target's id, ``"jax"`` or ``"torch-gpu-float64-jit"``, or a Framework); a mapping of one
    function for each framework has the others testify too. ``reference`` is the function in NumPy;
    ``reference_vjp(g, *primals)`` takes the cotangent first and returns one gradient for each primal. Without them
    the float64 function and difference ladders judge. ``wrt`` are positions of the arguments to differentiate
    (default: all floating ones; ``()`` for the value alone). ``order=2`` judges the gradient's gradient too,
    ``variants=True`` other inputs of the same shapes, layouts, float32, the other mode, forward mode and second
    order. ``tolerance`` replaces the bound derived from conditioning. ``seed`` replays the probes of an earlier run.

    Returns a GradientReport; raises GradientMismatch (an AssertionError) that carries it. TypeError or ValueError for
    a malformed request; what ``fn`` or a reference raises at the given input is passed on. An inconclusive report
    does not raise: its ``verdict`` says so.
    """
    __tracebackhide__ = True
    used = fw if isinstance(fw, Framework) else _framework(fw if isinstance(fw, Target) else Target.parse(fw))
    options: dict[str, Any] = {"reference": reference, "reference_vjp": reference_vjp, "wrt": wrt, "order": order}
    with used.scope():
        return check_on(used, fn, *args, seed=seed, variants=variants, tolerance=tolerance, **options)


@cache
def _framework(target: Target) -> Framework:
    """One for each target, so that what it compiled is found again."""
    return frameworks.framework(target)


def check_on(
    fw: Framework,
    fn: Function | Mapping[str, Function],
    *args: Any,
    seed: Any = None,
    record: Record = lambda check: check,
    command: str = "",
    **options: Any,
) -> GradientReport:
    """As check_grads, on a framework whose state is set already; ``record`` receives every check."""
    __tracebackhide__ = True
    mine, others = _of_each(fw, fn)
    asked = Request(others=others, **options)
    problem = Problem.of(fw, mine, args, asked.wrt)
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    name = getattr(mine, "__name__", type(mine).__name__)
    report = GradientReport(str(fw.target), name, [], seed, command)
    generator = fw.generator_state()
    try:
        with np.errstate(all="ignore"):
            Examination(problem, asked, report, record).run()
    finally:
        fw.set_generator_state(generator)
    if report.verdict == "discrepancy":
        raise GradientMismatch(report.message(), report)
    return report


def _of_each(fw: Framework, fn: Any) -> tuple[Function, dict[str, Function]]:
    if not isinstance(fn, Mapping):
        return fn, {}
    if fw.name not in fn:
        raise ValueError(f"fn has no function for {fw.name}; it has {', '.join(map(repr, sorted(fn)))}")
    return fn[fw.name], {name: f for name, f in fn.items() if name != fw.name}
