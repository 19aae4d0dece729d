"""Everything that is asked about one function: the oracles at the given input, then the second order and variants."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from ..findings import Check
from ..frameworks.base import SilentFallback
from ..frameworks.program import ChangedStructure, is_inexact
from . import second_order
from .evidence import Evidence
from .oracles import Oracle, called_for
from .oracles.other_mode import OtherMode
from .problem import Problem
from .report import GradientReport, Spent
from .request import Request
from .script import script_of
from .variants import Variant, of_problem
from .vote import on_value, vote

Record = Callable[[Check], Any]


class Uncompilable(ValueError):
    """The target compiles, and the function cannot be."""


@dataclass(frozen=True)
class Told:
    """A check as the report has it, what it was made on, and whose input a script is to show."""

    check: Check
    judged: Evidence
    shown: Evidence


class Examination:
    """Fills ``report``; every check is handed to ``record`` too."""

    def __init__(self, problem: Problem, asked: Request, report: GradientReport, record: Record) -> None:
        self._problem, self._asked, self._report, self._record = problem, asked, report, record
        self._rng = np.random.default_rng(report.seed)

    def run(self) -> None:
        """What the function raises at the given input is passed on. Uncompilable where it cannot be compiled."""
        wrong = []
        for told in self._all(self._gather()):
            self._report.checks.append(told.check)
            self._record(told.check)
            wrong += [told] if told.check.verdict == "discrepancy" else []
        if wrong:
            first = next(told for told in wrong if told.check is self._report.failures[0])
            self._report.vote = vote(first.judged, first.check) or on_value(first.check, self._report.checks)
            self._report.write_script = partial(script_of, first.shown, first.check)

    def _gather(self) -> Evidence:
        fw, name = self._problem.fw, self._report.function
        try:
            evidence = Evidence.gather(self._problem, self._asked, self._rng)
        except Exception as error:
            if fw.mode == "jit" and fw.cannot_trace(error) and self._runs_eagerly():
                raise Uncompilable(
                    f"{name} cannot be compiled on {fw.target} ({_in_a_line(error)}); let no shape and no branch in it "
                    "depend on values, or check it in eager mode"
                ) from error
            error.add_note(f"raised by {name} on {fw.target} at the given input")
            raise
        _expect_floating(evidence)
        return evidence

    def _runs_eagerly(self) -> bool:
        """Else raises what the function raises, where a compiler may have wrapped it in an error of its own."""
        eager = self._problem.fw.at(mode="eager")
        Evidence.gather(self._problem.on(eager), self._asked, np.random.default_rng(0))
        return True

    def _all(self, evidence: Evidence) -> Iterator[Told]:
        for check in self._judged(evidence):
            yield Told(check, evidence, evidence)
        if evidence.pulled.modified:
            return
        if self._asked.order == 2 or self._asked.variants:
            yield from self._second_order(evidence)
        if self._asked.variants:
            yield from _under(OtherMode.name, self._ask(OtherMode(), evidence), evidence)
            for variant in of_problem(self._problem):
                yield from self._variant(variant, evidence)

    def _judged(self, evidence: Evidence) -> list[Check]:
        """Every oracle that is called for; then, by name, the gradients that none of them could judge."""
        judged: list[Check] = []
        with evidence.in_double():
            for oracle in called_for(evidence.asked, evidence.dtype):
                judged += self._ask(oracle, evidence)
                if evidence.pulled.modified:
                    return judged
        decided = {c.what.strip("<").partition(",")[0] for c in judged if c.verdict != "unsupported"}
        unjudged = [name for name in evidence.problem.gradient_names() if name not in decided]
        if unjudged:
            note = "no oracle could judge it"
            judged.append(Check(", ".join(unjudged), "every oracle", "inconclusive", note=note))
        return judged

    def _ask(self, oracle: Oracle, evidence: Evidence) -> list[Check]:
        """An oracle of ours that cannot run the function is no verdict on it; a failing reference is the caller's."""
        start, before = perf_counter(), replace(evidence.cost)
        try:
            reason = oracle.unable(evidence)
            return [_unsupported("gradients", oracle.name, reason)] if reason else list(oracle.judge(evidence))
        except SilentFallback:
            raise
        except Exception as error:
            if isinstance(error, ChangedStructure):
                evidence.expect_the_same_structure()
            if oracle.trusted:
                error.add_note(f"raised by the {oracle.name} of {self._report.function}")
                raise
            return [_unsupported("gradients", oracle.name, _in_a_line(error))]
        finally:
            values, pulls = evidence.cost.values - before.values, evidence.cost.pulls - before.pulls
            self._report.spent.append(Spent(oracle.name, values, pulls, perf_counter() - start))

    def _second_order(self, evidence: Evidence) -> Iterator[Told]:
        """As the first order, on the gradient as a function. What cannot be differentiated twice is said."""
        strict = self._asked.order == 2
        asked = Request(reference=second_order.reference_of(evidence), tolerance=self._asked.tolerance)
        try:
            twice = Evidence.gather(second_order.problem_of(evidence), asked, self._rng, given=False)
        except Exception as error:
            unable = _unsupported("gradients", second_order.HEADING, _in_a_line(error))
            yield from _under(second_order.HEADING, [unable], evidence, strict=strict)
            return
        with twice.in_double():
            symmetric = list(second_order.symmetry(twice))
        for told in _under(second_order.HEADING, self._judged(twice) + symmetric, twice, strict=strict):
            yield replace(told, shown=evidence)

    def _variant(self, variant: Variant, given: Evidence) -> Iterator[Told]:
        asked = replace(self._asked, variants=False, order=1)
        try:
            problem = variant.change(self._problem)
            with problem.fw.scope():
                evidence = Evidence.gather(problem, asked, self._rng, given=False)
                checks = self._at_a_variant(evidence)
        except SilentFallback:
            raise
        except Exception as error:  # the function, or its reference, does not take such an input
            evidence, checks = given, [_unsupported("input", "variant", f"not accepted: {_in_a_line(error)}")]
        yield from _under(variant.name, checks, evidence)

    def _at_a_variant(self, evidence: Evidence) -> list[Check]:
        if self._asked.reference is None and not _finite(evidence):
            return [_unsupported("out", "variant", "the function is not finite there")]
        return self._judged(evidence)


def _expect_floating(evidence: Evidence) -> None:
    pulled = evidence.pulled
    if evidence.problem.gradient_names() and not any(is_inexact(y.dtype) for y in pulled.outputs):
        rows = zip(pulled.names, pulled.outputs, strict=True)
        kinds = ", ".join(f"{n} is {y.dtype.name}" for n, y in rows) or "no array at all"
        raise ValueError(
            f"fn returned nothing floating ({kinds}); return at least one floating array, or pass wrt=() to check the "
            "value alone"
        )


def _finite(evidence: Evidence) -> bool:
    return all(np.all(np.isfinite(y)) for y in evidence.pulled.outputs if y.dtype.kind in "fcV")


def _under(heading: str, checks: list[Check], evidence: Evidence, *, strict: bool = False) -> Iterator[Told]:
    """Checks told under a heading. Beside the given input what no oracle can tell is named and has no verdict."""
    for check in checks:
        told = check.under(heading)
        vague = not strict and told.verdict == "inconclusive"
        told = replace(told, verdict="unsupported", note=f"inconclusive: {told.note}") if vague else told
        yield Told(told, evidence, evidence)


def _unsupported(what: str, oracle: str, note: str) -> Check:
    return Check(what, oracle, "unsupported", note=note)


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
