"""Bounds from conditioning: what they accept, what they refuse, and that they do not grow with size."""

import numpy as np
import pytest

from pytest_dualfw.tolerance import (
    CONDITIONING_FACTOR,
    UNIT_ROUNDOFF,
    Tolerance,
    bare_bound,
    conditioned_bound,
    jitter_spread,
)


@pytest.mark.parametrize(
    ("dtype", "finfo"), [("float64", np.float64), ("float32", np.float32), ("float16", np.float16)]
)
def test_unit_roundoff_is_half_of_eps(dtype, finfo):
    assert UNIT_ROUNDOFF[dtype] == float(np.finfo(finfo).eps) / 2


def test_spread_measures_conditioning():
    """x - 1 near 1 amplifies a relative error by 1 / |x - 1|."""
    rng = np.random.default_rng(0)
    x = np.full(50, 1 + 1e-4)
    centre, spread = jitter_spread(lambda leaves: [leaves[0] - 1], [x], "float32", rng)
    u = UNIT_ROUNDOFF["float32"]
    assert np.all(spread[0] <= u * x)
    assert spread[0].max() > 0.5 * u
    assert np.allclose(centre[0], 1e-4)


def test_bound_is_the_spread_and_the_rounding_of_the_result():
    expected, spread = np.array([1.0, -4.0]), np.array([1e-6, 1e-6])
    bound = conditioned_bound(expected, spread, "float32")
    assert np.allclose(bound, CONDITIONING_FACTOR * (1e-6 + 4 * 2.0**-24))


def test_bound_does_not_grow_with_size():
    small, large = (conditioned_bound(np.ones(n), np.zeros(n), "float32")[0] for n in (10, 100_000))
    assert small == large


def test_an_infinite_entry_widens_nobody_elses_bound():
    bound = conditioned_bound(np.array([1.0, np.inf, np.nan]), np.zeros(3), "float64")
    assert np.all(bound < 1e-14)


def test_jitter_across_a_domain_edge_does_not_poison_the_spread():
    with np.errstate(invalid="ignore"):
        _, spread = jitter_spread(
            lambda leaves: [np.sqrt(1 - leaves[0])], [np.array([1.0])], "float32", np.random.default_rng(1)
        )
    assert np.isfinite(spread[0]).all()


def test_empty_arrays_have_an_empty_bound():
    assert conditioned_bound(np.zeros((0, 3)), np.zeros((0, 3)), "float32").shape == (0, 3)


def test_bare_bound_leaves_a_quarter_of_the_digits():
    bound = bare_bound(np.array([1.0, 1e-3]), "float32")
    u = 2.0**-24
    assert np.allclose(bound, [u**0.75 + 16 * u, u**0.75 * 1e-3 + 16 * u])


def test_a_tolerance_by_hand_needs_a_reason():
    with pytest.raises(ValueError, match="carries no reason") as caught:
        Tolerance(rtol=1e-3)
    assert str(caught.value) == (
        "Tolerance(rtol=0.001, atol=0) carries no reason; "
        "pass why=, one clause that says why the derived bound is unfit"
    )
    assert Tolerance(rtol=1e-3, atol=1e-6, why="measured").bound(np.array([2.0])) == pytest.approx(2e-3 + 1e-6)
