"""Mixed precision, layer by layer: parameters in float32, products in a narrow dtype with sums in float32.

The reference is anchored to what the framework had at the named places (``models.judge``). A product reads its factors
rounded to the narrow dtype, accumulates in float32 and stores a narrow result: its value and its gradients lie within
gamma_n sum |terms| + u |y|, gamma_n of float32, u of the narrow dtype (Higham, Accuracy and Stability, 2nd edition,
section 3.5). A compiler may leave the rounding between two ops out, so that a product reads what was not yet rounded
(xla_allow_excess_precision of XLA, which is on): compiled, a product has 2 u sum |terms| more.

Of every other layer the bound is C (S + u max|y|), S from inputs one ulp off, u that of the dtype it stored its result
in, or of the narrow one where products, or ops without a name, are inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from pytest_dualfw.reference import conv2d, layer_norm, linear
from pytest_dualfw.reference.models import Seen, Tape
from pytest_dualfw.reference.models.plumbing import matmul
from pytest_dualfw.reference.precision.bounds import accumulated, magnitude

from pytest_dualfw import Check, observe
from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import JITTER_DRAWS, TINY, UNIT_ROUNDOFF, conditioned_bound, jitter

from ..models.table import ModelSpec, Reference

Array = np.ndarray[Any, Any]

# Linear in each primal: what they read and in what they accumulate is known to the last rounding.
PRODUCTS = (linear, conv2d, matmul)
# Computed in float32 wherever the result is float32.
WIDE = (layer_norm,)


@dataclass(frozen=True)
class Expected:
    """What a leaf should be, how far it may be off, and why."""

    value: Array
    bound: Array
    oracle: str


class Steps(Tape):
    """A tape that tells its steps."""

    def products(self) -> list[Any]:
        """The named products that read nothing but parameters and named places, where the numbers are known."""
        made = {id(y) for s in self._steps for y in s.outs if not s.name and s.op.__name__ not in MOVES}
        return [s for s in self._steps if s.name and s.op in PRODUCTS and not {id(p) for p in s.primals} & made]

    def wide(self) -> list[str]:
        """The places made by an op that is computed in float32, from named places."""
        named = {id(x) for x in self.places().values()}
        return [s.name for s in self._steps if s.name and s.op in WIDE and id(s.primals[0]) in named]

    def readers_of(self, x: Any) -> int:
        return sum(any(p is x for p in s.primals) for s in self._steps)

    def name_of(self, x: Any) -> str:
        return next((name for name, y in self.places().items() if y is x), "")


# Ops that move numbers and compute nothing.
MOVES = ("identity", "reshaped", "transposed", "picked", "picked_at", "stacked")


@dataclass(frozen=True)
class Mixed:
    """A model over one batch in mixed precision: what it did, and what is needed to do it again in NumPy."""

    spec: ModelSpec
    fw: Any
    low: str
    params: dict[str, Array]
    inputs: tuple[Array, ...]
    target: Array
    found: Any

    def expected(self, rng: np.random.Generator) -> dict[str, Expected]:
        """What the loss, each value, each gradient should be."""
        return self._conditioned(rng) | self._sharp()

    @classmethod
    def of(cls, spec: ModelSpec, fw: Any, low: str, rng: np.random.Generator, model: Any = None) -> "Mixed":
        """Draw parameters and a batch of float32 numbers, and run ``model`` (default: the framework's own way)."""
        params = spec.params(rng)
        drawn, target = spec.draw(rng, spec.batch)
        inputs = tuple(_float32(x) for x in drawn)
        target = _float32(target)
        here = import_module(f".in_{fw.name}.mixed", __package__)
        run = model or here.model(spec, fw, low)
        found = observe(fw, run, params, inputs, here.loss(spec, fw, low, target))
        return cls(spec, fw, low, params, inputs, target, found)

    def checks(self, rng: np.random.Generator) -> Iterator[Check]:
        """A check for the loss, for the value and the gradient at each place, and the gradient of each parameter."""
        expected, obtained = self.expected(rng), self._obtained()
        if obtained.keys() != expected.keys():
            alone = ", ".join(sorted(obtained.keys() ^ expected.keys()))
            raise AssertionError(f"{self.spec} on {self.fw.target} and its reference do not share: {alone}")
        for what, e in expected.items():
            yield compare(what, e.oracle, obtained[what], e.value, e.bound)

    def dtypes(self) -> dict[str, str]:
        """What each place is stored in."""
        return {name: x.dtype.name for name, x in self.found.activations.items()}

    def ulps(self, name: str, value: Check) -> float:
        """The error of a value in units of the last place of its largest entry, in the dtype it is stored in."""
        x = self.found.activations[name]
        return float((value.error or 0.0) / (2 * UNIT_ROUNDOFF[x.dtype.name] * float(np.max(np.abs(x))) or 1.0))

    def ran_narrow(self) -> Check:
        """Whether the products were stored in the narrow dtype at all."""
        wide = [s.name for s in self._tape().products() if self.dtypes()[s.name] != self.low]
        if wide:
            return Check("dtypes", "policy", "discrepancy", note=f"left {', '.join(wide)} in float32")
        return Check("dtypes", "policy", "pass")

    def _tape(self) -> Steps:
        tape = Steps(seen=self._seen())
        tape.backward(self.spec.run(tape, self.params, self.inputs, self.target)[1])
        return tape

    def _seen(self) -> Seen:
        def wide(part: dict[str, Array]) -> dict[str, Array]:
            return {name: x if x.dtype.kind in "iub" else x.astype(np.float64) for name, x in part.items()}

        return Seen(wide(self.found.activations), wide(self.found.cotangents))

    def _conditioned(self, rng: np.random.Generator) -> dict[str, Expected]:
        """C (S + u max|y|) for every leaf; the loss and what is computed wide at the u of what they are stored in."""
        exact = self._reference()
        wide = {"loss", *(f"value of {name}" for name in self._tape().wide() if self.dtypes()[name] == "float32")}
        spread = {u: self._spreads(u, exact, rng) for u in (self.low, "float32")}
        found = {}
        for what, y in exact.leaves().items():
            u = "float32" if what in wide else self.low
            bound = conditioned_bound(np.asarray(y, np.float64), spread[u][what], u)
            found[what] = Expected(np.asarray(y, np.float64), bound, f"reference of {exact.maker(what)}")
        return found

    def _spreads(self, dtype: str, exact: Reference, rng: np.random.Generator) -> dict[str, Array]:
        u = UNIT_ROUNDOFF[dtype]
        draws = [self._reference(disturb=lambda x: jitter(x, u, rng)).leaves() for _ in range(JITTER_DRAWS)]
        return {k: np.asarray(np.max([np.abs(d[k] - y) for d in draws], axis=0)) for k, y in exact.leaves().items()}

    def _reference(self, **tape: Any) -> Reference:
        return self.spec.reference(self.params, self.inputs, self.target, seen=self._seen(), **tape)

    def _sharp(self) -> dict[str, Expected]:
        """The products: values, and the gradients of what nobody else reads."""
        tape, found = self._tape(), {}
        names = {id(p): name for name, p in self.params.items()}
        for step in tape.products():
            read = tuple(None if p is None else self._narrow(p) for p in step.primals)
            oracle = f"reference of {step.name}, summed in float32"
            found[f"value of {step.name}"] = self._product(step.op, read, step.options, oracle)[0]
            g = self._narrow(self._seen().cotangents[step.name])
            gradients = self._product(step.vjp, (g, *read), step.options, oracle)
            for primal, expected in zip(step.primals, gradients, strict=True):
                if primal is None or tape.readers_of(primal) > 1:
                    continue
                place = tape.name_of(primal)
                what = f"gradient at {place}" if place else f"gradient of {names.get(id(primal), '')}"
                found[what] = expected
        return {what: e for what, e in found.items() if what in self._obtained()}

    def _product(self, op: Any, primals: tuple[Any, ...], options: Any, oracle: str) -> list[Expected]:
        values, sums = op(*primals, **options), accumulated(op, primals, UNIT_ROUNDOFF["float32"], **options)
        sizes = magnitude(op, primals, **options)
        rows = zip(values, sums, sizes, strict=True) if isinstance(values, tuple) else [(values, sums, sizes)]
        excess = 2 * UNIT_ROUNDOFF[self.low] if self.fw.mode == "jit" else 0.0
        return [Expected(y, self._store(y) + s + excess * m, oracle) for y, s, m in rows if y is not None]

    def _store(self, y: Array) -> Array:
        return np.asarray(UNIT_ROUNDOFF[self.low] * np.abs(y) + TINY[self.low])

    def _narrow(self, x: Array) -> Array:
        """``x`` rounded to the narrow dtype."""
        rounded: Array = self.fw.to_numpy(self.fw.asarray(x, dtype=self.low), dtype=self.low)
        return rounded.astype(np.float64)

    def _obtained(self) -> dict[str, Array]:
        found = self.found
        got = {"loss": found.loss}
        got |= {f"value of {name}": x for name, x in found.activations.items()}
        got |= {f"gradient at {name}": g for name, g in found.cotangents.items()}
        got |= {f"gradient of {name}": g for name, g in found.gradients.items() if name not in self.spec.state}
        return got


def _float32(x: Array) -> Array:
    return x if x.dtype.kind != "f" else x.astype(np.float32).astype(np.float64)
