"""A closed form, and the inputs at which it is well conditioned."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Draw = Callable[[np.random.Generator, list], list]


def spaced(rng, shapes):
    """Numbers of both signs, no two of one size and none near zero: no step of a difference quotient meets a kink."""
    n = sum(int(np.prod(shape)) for shape in shapes)
    sizes = rng.permutation(0.25 + 1.75 * (np.arange(n) + rng.uniform(0, 0.5, n)) / max(n, 1))
    numbers = iter(np.split(sizes * rng.choice([-1, 1], n), np.cumsum([int(np.prod(s)) for s in shapes])[:-1]))
    return [next(numbers).reshape(shape) for shape in shapes]


def positive(rng, shapes):
    return [abs(x) for x in spaced(rng, shapes)]


def regular(rng, shapes):
    """The first array: matrices with a large diagonal, whose determinants are positive."""
    first, *others = spaced(rng, shapes)
    return [first / 2 + 3 * np.eye(*first.shape[-2:]), *others]


def with_zeros(rng, shapes):
    return [x * (rng.random(x.shape) < 0.5) for x in spaced(rng, shapes)]


def integers(rng, shapes):
    """From 0 to 4; the commonest is one alone."""
    return [np.array([3, 0, 3, 1, 3, 4, 0, 2])[rng.permutation(8)].astype(float) for _ in shapes]


def repeated(rng, shapes):
    """Four different numbers, seven in all."""
    four = spaced(rng, [(4,)])[0]
    return [four[rng.permutation([0, 1, 2, 3, 3, 1, 3])] for _ in shapes]


@dataclass(frozen=True)
class Form:
    value: Callable
    draw: Draw = spaced

    def inputs(self, name, shapes):
        """The same in every run."""
        return self.draw(np.random.default_rng(zlib.crc32(name.encode())), shapes)


def table(values, draw=spaced):
    return {name: Form(value, draw) for name, value in values.items()}


def rows(f):
    """A function of a list of numbers, for every row of a matrix."""
    return lambda x: np.array([f(row.tolist()) for row in x])


def columns(f):
    return lambda x: rows(f)(x.T)


def parts(name, f):
    """The real and the imaginary part."""
    return {f"{name}: real part": lambda *xs: f(*xs).real, f"{name}: imaginary part": lambda *xs: f(*xs).imag}
