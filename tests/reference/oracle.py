"""Independent judges of a hand-derived vjp: the complex step where the code is analytic, a difference ladder elsewhere.

Both compare one number, the directional derivative <vjp(g), u> with d/dh <g, op(x + h u)>, for random ``g`` and ``u``
over all real primals together. Several random pairs make a wrong entry show.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

PROBES = 4
COMPLEX_STEP = 1e-30
COMPLEX_STEP_BOUND = 1e-12
LADDER_BOUND = 1e-8


def assert_vjp_by_complex_step(
    op: Callable[..., Any], vjp: Callable[..., Any], primals: Sequence[Any], **options: Any
) -> None:
    """Im <g, op(x + ihu)> / h is the derivative to rounding: Squire and Trapp, SIAM Review 40 (1998) 110."""

    def derivative(g: Any, u: Sequence[Any]) -> float:
        moved = [_moved(p, d, 1j * COMPLEX_STEP) for p, d in zip(primals, u, strict=True)]
        return float(np.imag(_inner(g, op(*moved, **options))) / COMPLEX_STEP)

    _assert_agrees(derivative, op, vjp, primals, options, COMPLEX_STEP_BOUND)


def assert_vjp_by_ladder(
    op: Callable[..., Any], vjp: Callable[..., Any], primals: Sequence[Any], **options: Any
) -> None:
    """Central differences at h, h/4, h/16 with Romberg's extrapolation, away from kinks."""

    def derivative(g: Any, u: Sequence[Any]) -> float:
        def phi(h: float) -> Any:
            return _inner(g, op(*[_moved(p, d, h) for p, d in zip(primals, u, strict=True)], **options))

        def slope(h: float) -> float:
            return float(phi(h) - phi(-h)) / (2 * h)

        a, b, c = (slope(h) for h in (1e-3, 2.5e-4, 6.25e-5))
        ab, bc = b + (b - a) / 15, c + (c - b) / 15
        return bc + (bc - ab) / 255

    _assert_agrees(derivative, op, vjp, primals, options, LADDER_BOUND)


def _assert_agrees(derivative: Any, op: Any, vjp: Any, primals: Any, options: Any, bound: float) -> None:
    rng = np.random.default_rng(20)
    for _ in range(PROBES):
        g = _like(op(*primals, **options), rng)
        u = [_like(p, rng) if _is_real(p) else None for p in primals]
        grads = vjp(g, *primals, **options)
        assert isinstance(grads, tuple) and len(grads) == len(primals), "a vjp returns one gradient for each primal"
        by_hand, scale = _pairing(grads, u)
        expected = derivative(g, u)
        assert abs(by_hand - expected) <= bound * max(scale, abs(expected)), (by_hand, expected)


def _pairing(grads: Any, u: Any) -> tuple[float, float]:
    """<grads, u>, and the same with absolute values: what rounding is measured against."""
    terms = []
    for dx, d in zip(grads, u, strict=True):
        if d is None:
            assert dx is None, "an integer primal has no gradient"
            continue
        for leaf, direction in zip(_leaves(dx), _leaves(d), strict=True):
            assert leaf.shape == direction.shape, (leaf.shape, direction.shape)
            terms.append((leaf * direction).ravel())
    flat = np.concatenate(terms)
    return float(flat.sum()), float(np.abs(flat).sum())


def _leaves(tree: Any) -> list[Any]:
    return [leaf for part in tree for leaf in _leaves(part)] if isinstance(tree, (tuple, list)) else [np.asarray(tree)]


def _is_real(tree: Any) -> bool:
    return all(np.issubdtype(leaf.dtype, np.floating) for leaf in _leaves(tree))


def _like(tree: Any, rng: np.random.Generator) -> Any:
    if isinstance(tree, (tuple, list)):
        return [_like(part, rng) for part in tree]
    return rng.normal(size=np.shape(tree))


def _moved(tree: Any, direction: Any, step: complex) -> Any:
    if direction is None:
        return tree
    if isinstance(tree, (tuple, list)):
        return [_moved(part, d, step) for part, d in zip(tree, direction, strict=True)]
    return tree + step * direction


def _inner(g: Any, out: Any) -> Any:
    return sum((a * b).sum() for a, b in zip(_leaves(g), _leaves(out), strict=True))
