"""Judge a model on a target by its NumPy reference: layer by layer, and as a whole.

Layer by layer the reference is anchored to what the framework had at the named places, so that every layer is judged
by its own inputs: the first place outside its bound is where the fault is made. As a whole nothing is shared but
parameters and batch. In float64 only: in narrower dtypes one of many ReLUs may turn over, which is nobody's fault.

A bound is C (S + u max|y|) as everywhere, S the spread over runs in which every op reads its inputs one ulp off. Where
a layer is a sum of n products S is at least u sum |x w|, the most that inputs one ulp off can move it: random draws
show 1/sqrt(n) of that, and the rounding of partial sums up to all of it, whatever n is, for terms of random sign
(N. J. Higham, T. Mary, Sharper Probabilistic Backward Error Analysis for Basic Linear Algebra Kernels with Random
Data, SIAM J. Sci. Comput. 42 (2020) A3427).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pytest_dualfw import Check, observe
from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import JITTER_DRAWS, UNIT_ROUNDOFF, conditioned_bound, jitter

from .initial import Array
from .table import ModelSpec, Reference, seen

# Layers that are sums of products, and whose vjps are: of absolute values they make sum |x w|.
SUMS = ("linear", "conv2d", "conv_transpose2d")

# What judges a leaf, as a message names it.
Oracle = Callable[[Reference, str], str]


@dataclass(frozen=True)
class Run:
    """A model on a target over one batch: what it did, and what is needed to do it again in NumPy."""

    spec: ModelSpec
    fw: Any
    params: Mapping[str, Array]
    inputs: tuple[Array, ...]
    target: Array
    found: Any

    @classmethod
    def of(cls, spec: ModelSpec, fw: Any, rng: np.random.Generator, model: Callable[..., Any] | None = None) -> "Run":
        """Draw parameters and a batch, and run ``model`` (default: the framework's own) forward and backward."""
        params = spec.params(rng)
        inputs, target = spec.draw(rng, spec.batch)
        exact = tuple(rounded(fw, x) for x in inputs)
        params = {name: rounded(fw, p) for name, p in params.items()}
        target = rounded(fw, target)
        found = observe(fw, model or spec.in_framework(fw), params, exact, spec.loss_in_framework(fw, target))
        return cls(spec, fw, params, exact, target, found)

    def layers(self, rng: np.random.Generator) -> Iterator[Check]:
        """A check for the value and the gradient at every place, and for the gradient of every parameter."""
        yield from self._against(lambda r, what: f"reference of {r.maker(what)}", rng, seen=seen(self.found))

    def whole(self, rng: np.random.Generator) -> Iterator[Check]:
        """The same without anchors."""
        yield from self._against(lambda r, what: "reference of the model", rng)

    def _against(self, oracle: Oracle, rng: np.random.Generator, **tape: Any) -> Iterator[Check]:
        exact = self._reference(**tape)
        expected = exact.leaves()
        u = UNIT_ROUNDOFF[self.fw.dtype]
        draws = [self._reference(disturb=lambda x: jitter(x, u, rng), **tape).leaves() for _ in range(JITTER_DRAWS)]
        for what, obtained in self._obtained(expected).items():
            y = np.asarray(expected[what], np.float64)
            spread = np.max([u * np.abs(self._sizes[what]), *(np.abs(draw[what] - y) for draw in draws)], axis=0)
            bound = conditioned_bound(y, np.asarray(spread), self.fw.dtype)
            yield compare(what, oracle(exact, what), obtained, y, bound)

    @cached_property
    def _sizes(self) -> dict[str, Array]:
        """For each leaf that a sum of products makes, the sum of their absolute values; for any other its value."""
        return self._reference(seen=seen(self.found), disturb=np.abs, disturbed=SUMS).leaves()

    def _reference(self, **tape: Any) -> Reference:
        return self.spec.reference(self.params, self.inputs, self.target, **tape)

    def _obtained(self, expected: Mapping[str, Array]) -> dict[str, Array]:
        """What the framework had, in the order of the reference. A place that one of them has not is an error."""
        found = self.found
        got = {"loss": found.loss}
        got |= {f"value of {name}": x for name, x in found.activations.items()}
        got |= {f"gradient at {name}": g for name, g in found.cotangents.items()}
        got |= {f"gradient of {name}": g for name, g in found.gradients.items() if name not in self.spec.state}
        if got.keys() != expected.keys():
            alone = ", ".join(sorted(got.keys() ^ expected.keys()))
            raise AssertionError(f"{self.spec} on {self.fw.target} and its reference do not share: {alone}")
        return {what: got[what] for what in expected}


def rounded(fw: Any, x: Array) -> Array:
    """``x`` as the target sees it; integers and booleans as they are."""
    return x if x.dtype.kind != "f" else np.asarray(fw.to_numpy(fw.asarray(x)), np.float64)


def first_apart(checks: list[Check]) -> Check | None:
    """Where the fault is made: values come in order of execution, then gradients backwards."""
    return next((c for c in checks if c.verdict == "discrepancy" and c.what != "loss"), None)
