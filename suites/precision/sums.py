"""Long sums of narrow numbers: how far each op may be off if it accumulates in float32, and who promises that.

Every op reads numbers of the narrow dtype exactly and stores its result in it (or in float32, where its output is
wide). So the exact sum is off by u |y| for the store and by gamma_n sum |terms| for the accumulation, gamma_n of the
accumulator's unit roundoff: Higham, Accuracy and Stability (2nd edition), section 4.2, for any order of summation.
All numbers are positive: a narrow accumulator stops growing where the next term is below half its last place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from pytest_dualfw.reference.precision.bounds import gamma

from pytest_dualfw import Check
from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import TINY, UNIT_ROUNDOFF

Array = np.ndarray[Any, Any]
# Operations behind the sum: a division, a root, an exponential, a product.
AFTERWARDS = 8
FEATURES, SEGMENTS = 3, 2


@dataclass(frozen=True)
class SumSpec:
    """One op: ``draw(rng, n)`` yields its primals, ``exact(*primals)`` its value in float64, ``condition(*primals)``
    how far the value moves where each sum of n terms moves by gamma_n of the sum of their magnitudes, over gamma_n.

    ``promised`` quotes by framework the documentation that promises a wide accumulator; ``wide`` where the result is
    float32; ``missing`` says why a framework has no such op.
    """

    name: str
    draw: Callable[[np.random.Generator, int], tuple[Array, ...]]
    exact: Callable[..., Array]
    condition: Callable[..., Array]
    promised: dict[str, str] = field(default_factory=dict)
    wide: bool = False
    missing: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def op_name(self) -> str:
        return self.name

    def in_framework(self, name: str) -> Callable[..., Any]:
        """The framework's own op. Imports the framework."""
        op: Callable[..., Any] = getattr(import_module(f".in_{name}.sums", __package__), self.name)
        return op

    def bound(self, primals: tuple[Array, ...], n: int, accumulator: str, stored: str) -> Array:
        """How far the op may be off if it accumulates in one dtype and stores its result in another."""
        store = UNIT_ROUNDOFF[stored] * np.abs(self.exact(*primals)) + TINY[stored]
        return np.asarray(store + gamma(n + AFTERWARDS, UNIT_ROUNDOFF[accumulator]) * self.condition(*primals))


@dataclass(frozen=True)
class Measured:
    """One result of an op over n terms of the dtype ``low``, in NumPy, with the dtype that it was ``stored`` in."""

    spec: SumSpec
    primals: tuple[Array, ...]
    n: int
    low: str
    stored: str
    result: Array

    @classmethod
    def of(cls, spec: SumSpec, fw: Any, low: str, n: int, rng: np.random.Generator, op: Any = None) -> "Measured":
        """Run ``op`` (default: the framework's own) as the target's mode says."""
        given = [fw.asarray(x, dtype=low) for x in spec.draw(rng, n)]
        primals = tuple(_plain(fw, x) for x in given)
        y = fw.compile(op or spec.in_framework(fw.name))(*given)
        return cls(spec, primals, n, low, fw.dtype_of(y), _plain(fw, y))

    def within(self, accumulator: str) -> Check:
        """Whether the error is what a sum in ``accumulator`` may have."""
        oracle = f"bound of {accumulator} sums"
        bound = self.spec.bound(self.primals, self.n, accumulator, self.stored)
        if np.any(np.isinf(self.result) & np.isinf(bound)):  # out of a range that nobody promised
            return Check("value", oracle, "inconclusive", note=f"a sum of {self.n} terms overflowed {self.low}")
        return compare("value", oracle, self.result, self.spec.exact(*self.primals), bound)

    @property
    def accumulates(self) -> str:
        """``float32`` where the error can be explained by it, else ``narrow``."""
        return "float32" if self.within("float32").verdict == "pass" else "narrow"

    def ulps(self) -> float:
        """The largest error in units of the last place of the largest entry."""
        expected = self.spec.exact(*self.primals)
        place = 2 * UNIT_ROUNDOFF[self.stored] * np.max(np.abs(expected))
        return float(np.max(np.abs(self.result - expected)) / place)


def _plain(fw: Any, x: Any) -> Array:
    found: Array = fw.to_numpy(x, dtype=fw.dtype_of(x))
    return found if found.dtype.kind in "iu" else found.astype(np.float64)


def _positive(*shape: int) -> Any:
    """Between 2^-7 and 3 2^-7: the sum of 1e5 of them is finite in float16."""
    return lambda rng: rng.uniform(2**-7, 3 * 2**-7, shape)


def _vector(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    return (_positive(n)(rng),)


def _rows(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    return (_positive(n, FEATURES)(rng),)


def _two_vectors(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    return 4 * _positive(n)(rng), 4 * _positive(n)(rng)


def _two_matrices(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    return 4 * _positive(FEATURES, n)(rng), 4 * _positive(n, FEATURES)(rng)


def _two_batches(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    return 4 * _positive(n, FEATURES)(rng), 4 * _positive(n, FEATURES)(rng)


def _image(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    """n / 4 channels under a kernel of 2 x 2."""
    return 4 * _positive(1, n // 4, 3, 2)(rng), 4 * _positive(FEATURES, n // 4, 2, 2)(rng)


def _segments(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    """n rows, and the segment that each belongs to."""
    return _positive(n, FEATURES)(rng), np.arange(n, dtype=np.int32) % SEGMENTS


def _total(x: Array) -> Array:
    return np.asarray(np.sum(x, axis=0))


def _average(x: Array) -> Array:
    return np.asarray(np.mean(x, axis=0))


def _inner(x: Array, w: Array) -> Array:
    return np.asarray(x @ w)


def _outer(x: Array, g: Array) -> Array:
    return np.asarray(g.T @ x)


def _correlation(x: Array, w: Array) -> Array:
    patches = np.stack([x[:, :, i : i + 2, :] for i in range(2)], axis=1)
    return np.asarray(np.einsum("niahb,oahb->noi", patches, w)[..., None])


def _segment_sums(x: Array, segment: Array) -> Array:
    return np.stack([np.sum(x[segment == k], axis=0) for k in range(SEGMENTS)])


def _softmax(x: Array) -> Array:
    return np.asarray(np.exp(x) / np.sum(np.exp(x)))


def _logsumexp(x: Array) -> Array:
    return np.asarray(np.log(np.sum(np.exp(x))))


def _standardised(x: Array) -> Array:
    return np.asarray((x - np.mean(x)) / np.std(x))


def _standardised_condition(x: Array) -> Array:
    """The mean is off by gamma mean|x|, the variance by as much as its two terms mean x^2 and mean^2 together."""
    share = 2 * np.mean(x * x) / np.var(x)
    return np.asarray(np.mean(np.abs(x)) / np.std(x) + np.abs(_standardised(x)) * share)


def _variance_condition(x: Array) -> Array:
    return np.asarray(4 * np.mean(x * x))


_DTYPE_OF_SUM = "torch.sum, dtype: the input tensor is cast to dtype before the operation"
_DTYPE_OF_MEAN = "torch.mean, dtype: the input tensor is cast to dtype before the operation"
_DTYPE_OF_SOFTMAX = "torch.softmax, dtype: the input tensor is cast to dtype before the operation"
_CAST = "the operand is cast before the operation"
_PREFERRED = "jax.lax.dot_general, preferred_element_type: the accumulation type of the products"

SUMS = (
    SumSpec("sum", _vector, _total, _total),
    SumSpec("mean", _vector, _average, _average),
    SumSpec("sum_in_float32", _vector, _total, _total, {"torch": _DTYPE_OF_SUM, "jax": _CAST}, wide=True),
    SumSpec("mean_in_float32", _vector, _average, _average, {"torch": _DTYPE_OF_MEAN, "jax": _CAST}, wide=True),
    SumSpec("cumsum", _vector, np.cumsum, np.cumsum),
    SumSpec("norm", _vector, np.linalg.norm, np.linalg.norm),
    SumSpec("variance", _vector, np.var, _variance_condition),
    SumSpec("softmax", _vector, _softmax, _softmax),
    SumSpec("softmax_in_float32", _vector, _softmax, _softmax, {"torch": _DTYPE_OF_SOFTMAX, "jax": _CAST}, wide=True),
    SumSpec("logsumexp", _vector, _logsumexp, lambda x: 1 + np.abs(_logsumexp(x))),
    SumSpec("layer_norm", _vector, _standardised, _standardised_condition),
    SumSpec("dot", _two_vectors, _inner, _inner),
    SumSpec("matmul", _two_matrices, _inner, _inner),
    SumSpec(
        "matmul_to_float32",
        _two_matrices,
        _inner,
        _inner,
        {"jax": _PREFERRED},
        wide=True,
        missing={"torch": "torch.mm has out_dtype on CUDA alone"},
    ),
    SumSpec("convolution", _image, _correlation, _correlation),
    SumSpec("bias_gradient", _rows, _total, _total),
    SumSpec("weight_gradient", _two_batches, _outer, _outer),
    SumSpec("segment_sum", _segments, _segment_sums, _segment_sums),
    SumSpec("embedding_gradient", _segments, _segment_sums, _segment_sums),
)
