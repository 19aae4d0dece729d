"""check_grads: judge the value and the gradient of a function on one target."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import optree

from .. import frameworks
from ..findings import Check, GradientMismatch
from ..frameworks.base import Framework, SilentFallback, WrongResult, as_float64, is_floating
from ..target import Target
from ..tolerance import Tolerance
from . import oracles
from .oracles import Evidence
from .problem import Arrays, Function, Problem
from .report import GradientReport
from .variants import VARIANTS


@dataclass(frozen=True)
class Request:
    """What the caller asked for, apart from the function and its arguments."""

    reference: Function | None = None
    reference_vjp: Function | None = None
    wrt: tuple[int, ...] | None = None
    order: int = 1
    variants: bool = False
    tolerance: Tolerance | None = None


def check_grads(
    fn: Function,
    *args: Any,
    fw: str | Target | Framework = "torch",
    reference: Function | None = None,
    reference_vjp: Function | None = None,
    wrt: tuple[int, ...] | None = None,
    order: int = 1,
    variants: bool = False,
    tolerance: Tolerance | None = None,
    seed: Any = None,
) -> GradientReport:
    """Judge ``fn(*args)`` and its reverse-mode gradient by independent oracles.

    ``args`` are NumPy arrays or pytrees of them; floating leaves are rounded to the target's dtype. ``fn`` takes and
    returns arrays of the framework ``fw`` (a target's id, ``"jax"`` or ``"torch-gpu-float64-jit"``, or a Framework).
    ``reference`` is the function in NumPy; ``reference_vjp(g, *primals)`` takes the cotangent first and returns one
    gradient for each primal. Without them the float64 function and difference ladders judge. ``wrt`` are positions
    of the arguments to differentiate (default: all floating ones). ``order=2`` judges the gradient's gradient too,
    ``variants=True`` other inputs of the same shapes. ``tolerance`` replaces the bound derived from conditioning.

    Returns a GradientReport; raises GradientMismatch (an AssertionError) that carries it. ValueError for a malformed
    request. An inconclusive report does not raise: its ``verdict`` says so.
    """
    used = fw if isinstance(fw, Framework) else frameworks.framework(fw if isinstance(fw, Target) else Target.parse(fw))
    options = Request(reference, reference_vjp, wrt, order, variants, tolerance)
    with used.scope():
        return _checked(used, fn, args, options, seed, lambda check: check, "")


def check_on(
    fw: Framework,
    fn: Function,
    *args: Any,
    seed: Any = None,
    record: Callable[[Check], Any] = lambda check: check,
    command: str = "",
    **options: Any,
) -> GradientReport:
    """As check_grads, on a framework whose state is set already; ``record`` receives every check."""
    __tracebackhide__ = True
    return _checked(fw, fn, args, Request(**options), seed, record, command)


def _checked(
    fw: Framework, fn: Function, args: Any, asked: Request, seed: Any, record: Callable[[Check], Any], command: str
) -> GradientReport:
    __tracebackhide__ = True
    if asked.order not in (1, 2):
        raise ValueError(f"order is {asked.order}; allowed are 1 and 2")
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    rng = np.random.default_rng(seed)
    report = GradientReport(str(fw.target), getattr(fn, "__name__", type(fn).__name__), [], seed, command)
    for check in _all_checks(Problem.of(fw, fn, args, asked.wrt), args, asked, rng):
        report.checks.append(check)
        record(check)
    if report.verdict == "discrepancy":
        raise GradientMismatch(report.message(), report)
    return report


def _all_checks(problem: Problem, args: Any, asked: Request, rng: np.random.Generator) -> Iterator[Check]:
    evidence = _evidence(problem, asked, rng)
    yield from _checks(evidence, asked)
    if asked.order == 2:
        yield from _second_order(evidence, args, asked)
    if asked.variants:
        for name, change in VARIANTS.items():
            yield from _variant(name, replace(problem, leaves=change(problem.leaves)), asked, rng)


def _evidence(problem: Problem, asked: Request, rng: np.random.Generator) -> Evidence:
    fw = problem.fw
    leaves = problem.on(fw, problem.leaves)
    pulled = problem.puller(fw, None, rng)(leaves)
    evidence = Evidence(problem, pulled, asked.tolerance, rng)
    _expect_unmodified(problem, leaves)
    return evidence


def _checks(evidence: Evidence, asked: Request) -> Iterator[Check]:
    """Values first, then gradients; what could not be judged is said."""
    judged = [check for name, oracle in _oracles(evidence, asked) for check in _asked_of(name, oracle)]
    yield from judged
    names = [*evidence.problem.gradient_names()]
    decided = {
        c.what.strip("<").partition(",")[0] for c in judged if c.verdict in ("pass", "discrepancy", "inconclusive")
    }
    unjudged = [name for name in names if name not in decided]
    if unjudged:
        yield Check(", ".join(unjudged), "every oracle", "inconclusive", note="no oracle could judge it")


def _oracles(evidence: Evidence, asked: Request) -> Iterator[tuple[str, Callable[[], Iterator[Check]]]]:
    """The oracles that this request calls for. A given reference is trusted over differences: it is exact."""
    reference, vjp = asked.reference, asked.reference_vjp
    if reference is not None:
        yield "reference", lambda: oracles.reference_value(evidence, reference)
    if vjp is not None:
        yield "reference vjp", lambda: oracles.reference_gradient(evidence, vjp)
        return
    if evidence.dtype != "float64":
        yield "float64 rerun", lambda: oracles.float64_rerun(evidence)
    yield "difference ladder", lambda: oracles.difference(evidence)


def _asked_of(name: str, oracle: Callable[[], Iterator[Check]]) -> list[Check]:
    """An oracle of ours that cannot run the function is no verdict on it; a reference that fails is the caller's."""
    if name.startswith("reference"):
        return list(oracle())
    try:
        return list(oracle())
    except (SilentFallback, WrongResult):
        raise
    except Exception as error:
        lines = str(error).splitlines() or [""]
        return [Check("gradients", name, "unsupported", note=f"{type(error).__name__}: {lines[0]}")]


def _second_order(evidence: Evidence, args: Any, asked: Request) -> Iterator[Check]:
    """The gradient at fixed cotangents is a function like any other: the same oracles judge it."""
    problem, vjp = evidence.problem, asked.reference_vjp
    chosen = range(len(args)) if asked.wrt is None else asked.wrt
    fixed = evidence.pulled.cotangent_tree()
    reference = (
        None if vjp is None else (lambda *primals: [vjp(fixed, *primals)[i] for i in chosen if _floats(primals[i])])
    )
    gradient = _gradient_function(problem, evidence.pulled.cotangents, [i for i in chosen if _floats(args[i])])
    second = replace(problem, fn=gradient)
    once = Request(reference=reference, wrt=asked.wrt, tolerance=asked.tolerance)
    for check in _checks(_evidence(second, once, evidence.rng), once):
        yield check.under("second order")


def _gradient_function(problem: Problem, cotangents: Arrays, chosen: list[int]) -> Function:
    """``args -> gradients`` of sum(g * fn(args)), in the framework's own arrays."""
    fw = problem.fw
    g = [fw.asarray(c) for c in cotangents]

    def gradient(*args: Any) -> Any:
        def scalar(diff: list[Any]) -> Any:
            full = list(args)
            for i, x in zip(chosen, diff, strict=True):
                full[i] = x
            outs = [y for y in optree.tree_leaves(problem.fn(*full)) if fw.dtype_of(y).startswith(("float", "bfloat"))]
            return sum((c * y).sum() for c, y in zip(g, outs, strict=True))

        return fw.grad(scalar)([args[i] for i in chosen])

    return gradient


def _variant(name: str, problem: Problem, asked: Request, rng: np.random.Generator) -> Iterator[Check]:
    try:
        evidence = _evidence(problem, asked, rng)
    except Exception as error:  # the function does not take such an input
        yield Check(name, "variant", "unsupported", note=f"not accepted: {type(error).__name__}")
        return
    for check in _checks(evidence, asked):
        yield check.under(name)


def _expect_unmodified(problem: Problem, leaves: list[Any]) -> None:
    __tracebackhide__ = True
    for name, x, given in zip(problem.names, leaves, problem.leaves, strict=True):
        after = problem.fw.to_numpy(x)
        now, then = as_float64([after, given.astype(after.dtype)])
        if not np.array_equal(now, then, equal_nan=is_floating(after.dtype)):
            raise GradientMismatch(f"{name} on {problem.fw.target} was modified by the function; compute on a copy")


def _floats(tree: Any) -> bool:
    return any(np.asarray(x).dtype.kind in "fV" for x in optree.tree_leaves(tree))
