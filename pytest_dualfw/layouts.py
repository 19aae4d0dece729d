"""In which ways the same weight lies in two libraries: a table of layouts, each a line of text.

A pattern names the axes of a weight here and there, those that are stored as one axis in brackets:
``(h d) e -> e h d`` is a projection to h heads of d entries as torch keeps it, and as flax does. A number is an axis
of that length. A new layout is a row of ``LAYOUTS``; two biases that another library adds into one are no layout, since
they cannot be told apart again: that is a matter of a mapping (:mod:`pytest_dualfw.exchange`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from math import isqrt, log2, prod
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Carry = Callable[[Array, Shape], Array]
Group = tuple[str, ...]

# The length of a head that most attention has; a permutation inside heads of another is less plausible.
USUAL_HEAD = 64


@dataclass(frozen=True)
class Layout:
    """``there(array, shape)`` is the array as it lies in the other library, in the ``shape`` that it has there;
    ``back(array, shape)`` the inverse. Any dtype; the result may be a view. Both raise ValueError where
    ``fits(shape here, shape there)`` is False.
    """

    name: str
    there: Carry
    back: Carry
    fits: Callable[[Shape, Shape], bool]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Pattern:
    """``text`` is ``here -> there``. ``order`` says which entries of the axis that is a number stand there, one after
    the other; ``flipped`` names axes that run the other way; ``known`` gives lengths that neither shape shows.
    """

    text: str
    order: tuple[int, ...] = ()
    flipped: str = ""
    known: Mapping[str, int] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
        here, there = self.text.split("->")
        return _groups(here), _groups(there)

    def lengths(self, here: Shape, there: Shape) -> dict[str, int] | None:
        """The length of each axis, None where the shapes are not of this pattern."""
        sides = list(zip(self.sides, (here, there), strict=True))
        if any(len(groups) != len(shape) for groups, shape in sides):
            return None
        axes = [pair for groups, shape in sides for pair in zip(groups, shape, strict=True)]
        found = _solved(axes, {**self.known, **{t: int(t) for group, _ in axes for t in group if t.isdigit()}})
        fit = all(token in found for group, _ in axes for token in group)
        return found if fit and all(prod(found[t] for t in group) == n for group, n in axes) else None


@cache
def _groups(side: str) -> tuple[Group, ...]:
    """``(h d) e`` as (("h", "d"), ("e",))."""
    groups: list[Group] = []
    inside: list[str] | None = None
    for token in side.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(":
            inside = []
        elif token == ")":
            groups.append(tuple(inside or ()))
            inside = None
        elif inside is not None:
            inside.append(token)
        else:
            groups.append((token,))
    return tuple(groups)


def _solved(axes: Sequence[tuple[Group, int]], known: dict[str, int]) -> dict[str, int]:
    """Lengths of axes, of each group the last unknown one by division, until nothing more follows."""
    found = dict(known)
    for _ in axes:
        for group, length in axes:
            unknown = [token for token in group if token not in found]
            rest = prod(found[token] for token in group if token in found)
            if len(unknown) == 1 and rest and length % rest == 0:
                found[unknown[0]] = length // rest
    return found


def _refused(name: str, here: Shape, there: Shape) -> ValueError:
    return ValueError(
        f"layout {name!r} does not lead from shape {here} to {there}; choose one of candidates({here}, {there})"
    )


def of_pattern(name: str, pattern: Pattern) -> Layout:
    """The layout that a pattern describes."""
    left, right = ([t for group in side for t in group] for side in pattern.sides)
    forward, backward = [left.index(t) for t in right], [right.index(t) for t in left]

    def there(x: Array, shape: Shape) -> Array:
        sizes = _lengths_or_raise(x.shape, tuple(shape))
        split = _turned(x.reshape([sizes[t] for t in left]), left, pattern, pattern.order)
        return split.transpose(forward).reshape(shape)

    def back(x: Array, shape: Shape) -> Array:
        sizes = _lengths_or_raise(tuple(shape), x.shape)
        inverse = tuple(int(i) for i in np.argsort(pattern.order))
        split = _turned(x.reshape([sizes[t] for t in right]), right, pattern, inverse)
        return split.transpose(backward).reshape(shape)

    def _lengths_or_raise(here: Shape, other: Shape) -> dict[str, int]:
        sizes = pattern.lengths(here, other)
        if sizes is None:
            raise _refused(name, here, other)
        return sizes

    return Layout(name, there, back, lambda a, b: pattern.lengths(tuple(a), tuple(b)) is not None)


def _turned(x: Array, axes: Sequence[str], pattern: Pattern, order: tuple[int, ...]) -> Array:
    """The entries of the numbered axis in their order, flipped axes flipped."""
    if order:
        x = x.take(order, axis=next(i for i, t in enumerate(axes) if t.isdigit()))
    return np.flip(x, tuple(i for i, t in enumerate(axes) if t in pattern.flipped)) if pattern.flipped else x


def of_reshape(name: str, fits: Callable[[Shape, Shape], bool]) -> Layout:
    """The same entries in the same order, in another shape."""

    def there(x: Array, shape: Shape) -> Array:
        if not fits(x.shape, tuple(shape)):
            raise _refused(name, x.shape, tuple(shape))
        return x.reshape(shape)

    def back(x: Array, shape: Shape) -> Array:
        if not fits(tuple(shape), x.shape):
            raise _refused(name, tuple(shape), x.shape)
        return x.reshape(shape)

    return Layout(name, there, back, lambda a, b: fits(tuple(a), tuple(b)))


def _squeezes(a: Shape, b: Shape) -> bool:
    """They differ by axes of length one."""
    return a != b and [n for n in a if n != 1] == [n for n in b if n != 1]


def _merges(a: Shape, b: Shape) -> bool:
    """Axes of the one are neighbouring axes of the other, stored as one."""
    if prod(a) != prod(b) or a == b or _squeezes(a, b):
        return False
    ends = [set(accumulate(shape, mul)) for shape in (a, b)]
    return ends[0] <= ends[1] or ends[1] <= ends[0]


def _gates(here: str, there: str) -> Iterator[Layout]:
    """Weights and biases of a recurrent cell whose gates are stacked in another order: ``ifgo`` is torch's of LSTM,
    input, forget, cell, output; ``rzn`` of GRU, reset, update, new.
    """
    count, order = len(here), tuple(here.index(gate) for gate in there)
    name = f"gates {','.join(here)} <-> {','.join(there)}"
    yield of_pattern(name, Pattern(f"({count} h) i -> ({count} h) i", order))
    yield of_pattern(f"{name}, transposed", Pattern(f"({count} h) i -> i ({count} h)", order))
    yield of_pattern(f"{name}, bias", Pattern(f"({count} h) -> ({count} h)", order))


# i,g,f,o: haiku; i,f,o,g: cells that apply one sigmoid to three gates; i,o,f,g: ONNX. z,r,n: haiku, Keras, ONNX.
GATES = (("ifgo", "igfo"), ("ifgo", "ifog"), ("ifgo", "iofg"), ("rzn", "zrn"))

SAME = of_reshape("same", lambda a, b: a == b)
TRANSPOSED = of_pattern("transposed", Pattern("o i -> i o"))

LAYOUTS: tuple[Layout, ...] = (
    SAME,
    TRANSPOSED,
    of_pattern("OIW <-> WIO", Pattern("o i w -> w i o")),
    of_pattern("OIHW <-> HWIO", Pattern("o i h w -> h w i o")),
    of_pattern("OIDHW <-> DHWIO", Pattern("o i d h w -> d h w i o")),
    # A transposed convolution in torch is the gradient of one; in flax it is a convolution of the dilated input.
    of_pattern("IOW <-> WIO, flipped", Pattern("i o w -> w i o", flipped="w")),
    of_pattern("IOHW <-> HWIO, flipped", Pattern("i o h w -> h w i o", flipped="hw")),
    of_pattern("IODHW <-> DHWIO, flipped", Pattern("i o d h w -> d h w i o", flipped="dhw")),
    of_reshape("squeezed", _squeezes),
    of_pattern("heads (HD,E) <-> (E,H,D)", Pattern("(h d) e -> e h d")),
    of_pattern("heads (E,HD) <-> (H,D,E)", Pattern("e (h d) -> h d e")),
    of_pattern("packed (3HD,E) <-> (E,3,H,D)", Pattern("(3 h d) e -> e 3 h d")),
    of_pattern("packed (3HD,E) <-> (E,H,3,D)", Pattern("(3 h d) e -> e h 3 d")),
    of_pattern("packed (3HD,E) <-> (E,H,3D)", Pattern("(3 h d) e -> e h (3 d)")),
    of_pattern("packed (3HD) <-> (H,3,D)", Pattern("(3 h d) -> h 3 d")),
    of_pattern("packed (3HD) <-> (H,3D)", Pattern("(3 h d) -> h (3 d)")),
    *(layout for pair in GATES for layout in _gates(*pair)),
)

RESHAPED = of_reshape("reshaped", _merges)

FLATTENED = ("o (c s) -> (s c) o", "o (c s) -> o (s c)", "(c s) i -> i (s c)", "(c s) i -> (s c) i", "(c s) -> (s c)")
ROTARY = ("(h f 2) e -> (h 2 f) e", "(h f 2) e -> e (h 2 f)", "(h f 2) e -> e h (2 f)", "(h f 2) -> (h 2 f)")


def flattened(text: str, channels: int) -> Layout:
    """Features that a convolution's output was flattened to: channels before places in NCHW, after them in NHWC.
    ``text`` is one of ``FLATTENED``, s the number of places.
    """
    return of_pattern(f"flattened {text}, c={channels}", Pattern(text, known={"c": channels}))


def rotary(text: str, head: int) -> Layout:
    """The pairs of features that a rotary embedding turns: neighbours here, the two halves of a head there. ``text``
    is one of ``ROTARY``, ``head`` the length of a head.
    """
    return of_pattern(f"rotary {text}, head={head}", Pattern(text, known={"f": head // 2}))


def candidates(here: Shape, there: Shape) -> list[Layout]:
    """The layouts that can lead from one shape to the other, plausible ones first.

    Lengths that the shapes do not show, channels before a flattening and the length of a head, are each divisor that
    leaves something to permute.
    """
    return [layout for layout in _all(tuple(here)) if layout.fits(tuple(here), tuple(there))]


def _all(here: Shape) -> Iterator[Layout]:
    yield from LAYOUTS
    yield RESHAPED
    divisors = sorted({c for n in here for c in _divisors(n)}, reverse=True) if len(here) <= 2 else []
    for text in FLATTENED:
        for channels in sorted(divisors, key=lambda c: not _square_places(c, here)):
            yield flattened(text, channels)
    heads = [d for d in (*divisors, *here[:2]) if d % 2 == 0 and d > 2]
    for text in ROTARY:
        for head in sorted(dict.fromkeys(heads), key=lambda d: abs(log2(d / USUAL_HEAD))):
            yield rotary(text, head)


@cache
def _divisors(n: int) -> frozenset[int]:
    """All but 1 and n."""
    small = [c for c in range(2, isqrt(n) + 1) if n % c == 0]
    return frozenset(small + [n // c for c in small])


def _square_places(channels: int, here: Shape) -> bool:
    """Whether a square image of so many channels can have been flattened to one of the axes."""
    return any(n % channels == 0 and isqrt(n // channels) ** 2 == n // channels for n in here)
