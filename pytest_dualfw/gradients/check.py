"""check_grads: judge the value and the gradient of a function on one target."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from time import perf_counter
from typing import Any

import numpy as np

from .. import frameworks
from ..findings import Check, GradientMismatch
from ..frameworks.base import Framework, SilentFallback, WrongResult
from ..target import Target
from ..tolerance import Tolerance
from . import second_order
from .evidence import Evidence
from .oracles import Oracle, called_for
from .oracles.other_mode import OtherMode
from .problem import Function, Problem
from .report import GradientReport, Spent
from .request import Request
from .script import script_of
from .variants import Variant, of_problem
from .vote import vote

Record = Callable[[Check], Any]


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
    options = {"reference": reference, "reference_vjp": reference_vjp, "wrt": wrt, "order": order}
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
            _examine(problem, asked, report, record)
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


def _examine(problem: Problem, asked: Request, report: GradientReport, record: Record) -> None:
    rng = np.random.default_rng(report.seed)
    try:
        evidence = Evidence.gather(problem, asked, rng)
    except Exception as error:
        error.add_note(f"raised by {report.function} on {report.target} at the given input")
        raise
    for check in _all_checks(evidence, report):
        report.checks.append(check)
        record(check)
    failed = next((c for c in report.failures if ": " not in c.what), None)
    if failed is not None:
        report.vote = vote(evidence, failed)
    if report.failures:
        report.script = script_of(evidence, report.failures[0])


def _all_checks(evidence: Evidence, report: GradientReport) -> Iterator[Check]:
    asked = evidence.asked
    yield from _judged(evidence, report)
    if evidence.pulled.modified:
        return
    if asked.order == 2 or asked.variants:
        yield from _under("second order", _second_order(evidence, report), strict=asked.order == 2)
    if asked.variants:
        yield from _under("other mode", _ask(OtherMode(), evidence, report), strict=False)
        for variant in of_problem(evidence.problem):
            yield from _under(variant.name, _variant(variant, evidence, report), strict=False)


def _judged(evidence: Evidence, report: GradientReport) -> Iterator[Check]:
    """Every oracle that is called for; then, by name, the gradients that none of them could judge."""
    judged: list[Check] = []
    with evidence.in_double():
        for oracle in called_for(evidence.asked, evidence.dtype):
            judged += _ask(oracle, evidence, report)
            if evidence.pulled.modified:
                break
    yield from judged
    decided = {c.what.strip("<").partition(",")[0] for c in judged if c.verdict != "unsupported"}
    unjudged = [name for name in evidence.problem.gradient_names() if name not in decided]
    if unjudged and not evidence.pulled.modified:
        yield Check(", ".join(unjudged), "every oracle", "inconclusive", note="no oracle could judge it")


def _ask(oracle: Oracle, evidence: Evidence, report: GradientReport) -> list[Check]:
    """An oracle of ours that cannot run the function is no verdict on it; a reference that fails is the caller's."""
    start, before = perf_counter(), replace(evidence.cost)
    try:
        reason = oracle.unable(evidence)
        return [Check("gradients", oracle.name, "unsupported", note=reason)] if reason else list(oracle.judge(evidence))
    except (SilentFallback, WrongResult):
        raise
    except Exception as error:
        if oracle.trusted:
            error.add_note(f"raised by the {oracle.name} of {report.function}")
            raise
        return [Check("gradients", oracle.name, "unsupported", note=_in_a_line(error))]
    finally:
        values, pulls = evidence.cost.values - before.values, evidence.cost.pulls - before.pulls
        report.spent.append(Spent(oracle.name, values, pulls, perf_counter() - start))


def _second_order(evidence: Evidence, report: GradientReport) -> Iterator[Check]:
    """As the first order, on the gradient as a function. What cannot be differentiated twice is said."""
    asked = Request(tolerance=evidence.asked.tolerance)
    try:
        twice = Evidence.gather(second_order.problem_of(evidence), asked, evidence.rng, given=False)
    except Exception as error:
        yield Check("gradients", "second order", "unsupported", note=_in_a_line(error))
        return
    yield from _judged(twice, report)
    with twice.in_double():
        yield from second_order.symmetry(twice)


def _variant(variant: Variant, evidence: Evidence, report: GradientReport) -> Iterator[Check]:
    asked = replace(evidence.asked, variants=False, order=1)
    try:
        problem = variant.change(evidence.problem)
        with problem.fw.scope():
            other = Evidence.gather(problem, asked, evidence.rng, given=False)
            if asked.reference is None and not _finite(other):
                yield Check("out", "variant", "unsupported", note="the function is not finite there")
            else:
                yield from _judged(other, report)
    except (SilentFallback, WrongResult):
        raise
    except Exception as error:  # the function, or its reference, does not take such an input
        yield Check("input", "variant", "unsupported", note=f"not accepted: {_in_a_line(error)}")


def _finite(evidence: Evidence) -> bool:
    return all(np.all(np.isfinite(y)) for y in evidence.pulled.outputs if y.dtype.kind in "fcV")


def _under(heading: str, checks: Iterator[Check] | list[Check], *, strict: bool) -> Iterator[Check]:
    """Checks told under a heading. Beside the given input what no oracle can tell is named and has no verdict."""
    for check in checks:
        told = check.under(heading)
        vague = not strict and told.verdict == "inconclusive"
        yield replace(told, verdict="unsupported", note=f"inconclusive: {told.note}") if vague else told


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
