"""How several modules draw their arguments, which cells most rows name, and rows that repeat another's with options."""

from dataclasses import replace

import numpy as np

SINGLE = ("float64-eager", "float32-eager")
LOW = (*SINGLE, "bfloat16-eager")
JIT64 = ("float64-jit",)
JIT = ("float64-jit", "float32-jit")


def normal(*shapes, scale=1.0, mean=0.0):
    return lambda rng: tuple(mean + scale * rng.normal(size=shape) for shape in shapes)


def uniform(low, high, *shapes):
    return lambda rng: tuple(rng.uniform(low, high, size=shape) for shape in shapes)


def spread_over(low, high, *shapes):
    """Entries of either sign whose magnitudes are uniform on a logarithmic scale, from 10**low to 10**high."""

    def make(rng):
        return tuple(rng.choice([-1, 1], size=s) * 10.0 ** rng.uniform(low, high, size=s) for s in shapes)

    return make


def at(*points, shape=(4, 6), scale=2.0):
    """A third of the entries exactly at one of the points, the rest anywhere."""

    def make(rng):
        x = scale * rng.normal(size=shape)
        third = x.reshape(-1)[::3]
        third[:] = rng.choice(points, size=third.shape)
        return (x,)

    return make


def tied(*shape, values=3):
    """Small integers: nearly every row holds its maximum and its minimum several times."""
    return lambda rng: (rng.integers(values, size=shape).astype(np.float64),)


def with_variants(case):
    """The case, and the same again with other inputs of the same shapes."""
    return case, _again(case, "variants", variants=True)


def twice(case):
    """The case, and the same again with the gradient's gradient."""
    return case, _again(case, "second_order", order=2)


def every_way(case):
    """The case, the same with other inputs, and the same with the gradient's gradient."""
    return case, with_variants(case)[1], twice(case)[1]


def _again(case, suffix, **options):
    name = f"{case.name}_{suffix}"
    return replace(case, name=name, options={**case.options, **options}, cells=("float64-eager",))
