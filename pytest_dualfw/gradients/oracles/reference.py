"""The NumPy reference, and its hand-derived vjp."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import optree

from ...findings import Check
from ...frameworks.program import Arrays, Direction
from ..evidence import Evidence
from ..judging import Expectation, judge
from ..ladder import Slope
from ..problem import Problem
from ..products import inner, inner_error


class ReferenceValue:
    """Each output against ``reference(*args)`` in float64 on the rounded inputs.

    Bound: C (S + u max|y|), S the spread of the reference under one-ulp jitter of its inputs. Cost: 4 evaluations of
    the reference, none of the function.
    """

    name: ClassVar[str] = "reference"
    trusted: ClassVar[bool] = True
    family: ClassVar[str] = "reference"

    def __init__(self, reference: Callable[..., Any]) -> None:
        self._reference = reference

    def unable(self, evidence: Evidence) -> str:
        return ""

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        yield from judge(evidence, list(evidence.pulled.outputs), self.expectation(evidence))

    def expectation(self, evidence: Evidence) -> Expectation:
        """Of the outputs. ValueError where the reference returns another number of arrays."""
        problem = evidence.problem

        def f(leaves: Arrays) -> Arrays:
            with np.errstate(all="ignore"):
                return [np.asarray(y) for y in optree.tree_leaves(self._reference(*problem.args(leaves)))]

        names = evidence.pulled.names
        expected, spread = evidence.spread(f)
        if len(expected) != len(names):
            raise ValueError(
                f"reference returned {len(expected)} arrays; allowed is one for each of the {len(names)} outputs"
            )
        return Expectation(self.name, names, expected, spread)

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        return None


class ReferenceVjp:
    """Each gradient against ``reference_vjp(g, *primals)`` in float64 at the same cotangents, entry by entry.

    Bound: as for values, with the spread of the vjp. Cost: 4 evaluations of the vjp.
    """

    name: ClassVar[str] = "reference vjp"
    trusted: ClassVar[bool] = True
    family: ClassVar[str] = "reference"

    def __init__(self, vjp: Callable[..., Any]) -> None:
        self._vjp = vjp

    def unable(self, evidence: Evidence) -> str:
        return ""

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        yield from judge(evidence, list(evidence.pulled.gradients), self.expectation(evidence))

    def expectation(self, evidence: Evidence) -> Expectation:
        """Of the gradients. ValueError where the vjp does not return one for each primal."""
        expected, spread = evidence.spread(lambda leaves: self._gradients(evidence, leaves))
        first = len(evidence.pulled.outputs)
        return Expectation(self.name, evidence.problem.gradient_names(), expected, spread, first)

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        expected, spread = evidence.spread(lambda leaves: self._gradients(evidence, leaves))
        bounds = [evidence.bound(y, s) for y, s in zip(expected, spread, strict=True)]
        return Slope(inner(expected, direction), inner_error(bounds, direction))

    def _gradients(self, evidence: Evidence, leaves: Arrays) -> Arrays:
        problem = evidence.problem
        with np.errstate(all="ignore"):
            return one_for_each(self._vjp(evidence.pulled.cotangent_tree(), *problem.args(leaves)), problem)


def one_for_each(grads: Any, problem: Problem) -> Arrays:
    """The vjp's gradients of the differentiated leaves. ValueError unless there is one for each primal."""
    primals = problem.tree.children()
    if not isinstance(grads, (tuple, list)) or len(grads) != len(primals):
        got = f"{len(grads)} gradients" if isinstance(grads, (tuple, list)) else type(grads).__name__
        raise ValueError(
            f"reference_vjp returned {got}; allowed is a tuple of one for each of the {len(primals)} primals"
        )
    turn, kept = iter(problem.differentiated), []
    for dx, primal in zip(grads, primals, strict=True):
        leaves = optree.tree_leaves(dx, none_is_leaf=True)
        wanted = [next(turn) for _ in range(primal.num_leaves)]
        if any(wanted):
            kept += [np.asarray(d) for d, w in zip(leaves, wanted, strict=True) if w]
    return kept
