"""What a precision setting promises of a float32 product, and whether the product keeps it: value and gradients.

Each factor is read with a relative error ``read``, products of small parts may be dropped (``dropped``), the sums run
in ``accumulator``: |error| <= ((1 + read)^2 - 1 + dropped + gamma_n) sum |terms| + u |y|, u of float32.

Sources: torch.set_float32_matmul_precision and jax.lax.DotAlgorithmPreset (documentation), N. J. Higham, Accuracy and
Stability (2nd edition), section 3.5; G. Henry, P. Tang, A. Heinecke, Leveraging the bfloat16 Artificial Intelligence
Datatype For Higher-Precision Computations (ARITH 2019), for sums of bfloat16 parts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from pytest_dualfw.reference import conv2d, conv2d_vjp, linear, linear_vjp
from pytest_dualfw.reference.precision.bounds import accumulated, magnitude

from pytest_dualfw import Check
from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import UNIT_ROUNDOFF

Array = np.ndarray[Any, Any]

U = UNIT_ROUNDOFF["float32"]
BF16 = UNIT_ROUNDOFF["bfloat16"]
# Ten stored bits; the hardware may cut off the rest instead of rounding, twice the unit roundoff 2^-11.
TF32 = 2.0**-10


@dataclass(frozen=True)
class Promise:
    """The arithmetic that a setting names."""

    read: float
    dropped: float = 0.0
    accumulator: str = "float32"


FLOAT32 = Promise(0.0)
TENSORFLOAT32 = Promise(TF32)
BFLOAT16 = Promise(BF16)
# Two parts of bfloat16 leave BF16^2 of a factor; the product of the two small parts is not taken.
TWO_PARTS = Promise(BF16**2, BF16**2)
# Three parts leave BF16^3; of their nine products the three smallest may not be taken.
THREE_PARTS = Promise(BF16**3, 2 * BF16**3 + BF16**4)
TWO_PARTS_OF_TF32 = Promise(TF32**2, TF32**2)


@dataclass(frozen=True)
class Setting:
    """One value of a framework's setting; ``products`` and ``convolutions`` are what it promises of each."""

    name: str
    products: Promise
    convolutions: Promise

    def __str__(self) -> str:
        return self.name

    @property
    def op_name(self) -> str:
        return self.name


def _of_both(name: str, promise: Promise) -> Setting:
    return Setting(name, promise, promise)


def _of_products(name: str, promise: Promise) -> Setting:
    """An algorithm for products: of convolutions nothing is said, at worst they run as by default."""
    return Setting(name, promise, BFLOAT16)


SETTINGS: dict[str, tuple[Setting, ...]] = {
    "torch": (
        Setting("highest", FLOAT32, FLOAT32),
        Setting("high", TENSORFLOAT32, FLOAT32),  # or two parts of bfloat16, which err less
        Setting("medium", BFLOAT16, FLOAT32),
        Setting("cudnn.allow_tf32", FLOAT32, TENSORFLOAT32),
    ),
    "jax": (
        _of_both("highest", FLOAT32),
        _of_both("high", TENSORFLOAT32),
        _of_both("default", BFLOAT16),
    ),
}

# Other names of JAX's for the same, and what it calls algorithms.
ALGORITHMS: dict[str, tuple[Setting, ...]] = {
    "jax": (
        _of_both("float32", FLOAT32),
        _of_both("tensorfloat32", TENSORFLOAT32),
        _of_both("bfloat16", BFLOAT16),
        _of_products("F32_F32_F32", FLOAT32),
        _of_products("TF32_TF32_F32", TENSORFLOAT32),
        _of_products("TF32_TF32_F32_X3", TWO_PARTS_OF_TF32),
        _of_products("BF16_BF16_F32", BFLOAT16),
        _of_products("BF16_BF16_F32_X3", TWO_PARTS),
        _of_products("BF16_BF16_F32_X6", THREE_PARTS),
        _of_products("BF16_BF16_F32_X9", THREE_PARTS),
        _of_products("F16_F16_F32", Promise(UNIT_ROUNDOFF["float16"])),
        _of_products("F16_F16_F16", Promise(UNIT_ROUNDOFF["float16"], accumulator="float16")),
    ),
}


@dataclass(frozen=True)
class Product:
    """A product of two arrays as the layers have it, with its vjp, bilinear in its primals; ``shapes`` of both."""

    name: str
    op: Callable[..., Any]
    vjp: Callable[..., Any]
    shapes: tuple[tuple[int, ...], tuple[int, ...]]

    def __str__(self) -> str:
        return self.name

    def promised(self, setting: Setting) -> Promise:
        return setting.convolutions if self.name == "convolution" else setting.products


PRODUCTS = (
    Product("product", linear, linear_vjp, ((12, 64), (20, 64))),
    Product("convolution", conv2d, conv2d_vjp, ((2, 8, 6, 6), (10, 8, 3, 3))),
)


class Unsupported(Exception):
    """The device has not what the setting asks for."""


@dataclass(frozen=True)
class Measured:
    """Value and gradients of one product under one setting, in NumPy, with all that they follow from."""

    product: Product
    primals: tuple[Array, ...]
    cotangent: Array
    found: tuple[Array, ...]

    @classmethod
    def of(cls, product: Product, fw: Any, setting: str, rng: np.random.Generator, op: Any = None) -> "Measured":
        """Run ``op`` (default: the framework's own) as the target's mode says, under a setting that is put back.

        Unsupported where the device refuses the setting.
        """
        here = import_module(f".in_{fw.name}.settings", __package__)
        x, w = (hard(rng, shape) for shape in product.shapes)
        b = np.zeros(len(w))
        g = hard(rng, product.op(x, w, b).shape)
        with here.setting(setting):
            run = fw.compile(here.value_and_gradients(op or getattr(here, product.name)))
            try:
                found = run(*map(fw.asarray, (x, w, g)))
            except Exception as error:
                raise Unsupported(str(error)) if here.refused(error) else error from error
        found = tuple(fw.to_numpy(y).astype(np.float64) for y in found)
        return cls(product, (x, w, b), g, found)

    def within(self, promise: Promise) -> Iterator[Check]:
        """A check for the value and each of the two gradients."""
        forward = (self.product.op, self.primals)
        backward = (self.product.vjp, (self.cotangent, *self.primals))
        expected, bounds = zip(_judged(*forward, promise), *_first_two(_judged(*backward, promise)), strict=True)
        for what, y, x, bound in zip(("value", "dx", "dw"), self.found, expected, bounds, strict=True):
            yield compare(f"{what} of the {self.product}", "bound of the setting", y, x, bound)

    def worst(self, promise: Promise) -> float:
        """The largest error over the bound of a promise."""
        return max(check.ratio for check in self.within(promise))


def _judged(op: Callable[..., Any], primals: tuple[Any, ...], promise: Promise) -> tuple[Any, Any]:
    """What the op yields exactly, and how far the promise lets it be off; tuples where it yields several arrays."""
    expected, sizes = op(*primals), magnitude(op, primals)
    sums = accumulated(op, primals, UNIT_ROUNDOFF[promise.accumulator])
    share = (1 + promise.read) ** 2 - 1 + promise.dropped
    store = max(U, UNIT_ROUNDOFF[promise.accumulator])
    if not isinstance(expected, tuple):
        return expected, share * sizes + (1 + share) * sums + store * np.abs(expected)
    bounds = [share * m + (1 + share) * s + store * np.abs(y) for y, m, s in zip(expected, sizes, sums, strict=True)]
    return expected, tuple(bounds)


def _first_two(judged: tuple[Any, Any]) -> list[tuple[Array, Array]]:
    return list(zip(*judged, strict=True))[:2]


def hard(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """float32 numbers that bfloat16 rounds down by almost half its last place, all of one sign: no errors cancel."""
    fraction = BF16 * rng.uniform(0.75, 1, shape)
    return np.asarray(2.0 ** rng.integers(-2, 3, shape) * (1 + fraction), np.float32).astype(np.float64)
