"""The references of narrow arithmetic, by closed forms and by complex step."""

from fractions import Fraction

import numpy as np
import pytest
from pytest_dualfw.reference import linear, linear_vjp
from pytest_dualfw.reference.precision import quantisation as q
from pytest_dualfw.reference.precision.bounds import accumulated, gamma, magnitude, terms
from pytest_dualfw.reference.precision.scaling import Rule, clipped_to_norm, scaled_step

SPAN = (-128, 127)


def test_gamma_is_the_closed_form_and_promises_nothing_beyond_its_range():
    assert gamma(100, 2.0**-24) == float(Fraction(100, 2**24 - 100))
    assert np.array_equal(gamma(np.array([0, 255, 256, 300]), 2.0**-8), [0, 255, np.inf, np.inf])


def test_terms_and_magnitudes_of_a_layer_and_of_its_gradients():
    x, w, b, g = np.array([[1.0, -2.0]]), np.array([[3.0, 4.0]]), np.array([-5.0]), np.array([[-1.0]])
    assert terms(linear, (x, w, b)) == 3
    assert magnitude(linear, (x, w, b)) == 3 + 8 + 5
    assert [float(np.max(n)) for n in terms(linear_vjp, (g, x, w, b))] == [1, 1, 1]
    assert accumulated(linear, (x, w, None), 2.0**-24) == gamma(2, 2.0**-24) * 11
    assert accumulated(linear_vjp, (g, x, w), 2.0**-24)[2] is None


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_gradients_of_fake_quantisation_by_complex_step(axis):
    """With the offsets of rounding held fixed the op is analytic: s (x / s + c) inside, s (k - z) outside."""
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=(4, 6)) * 10, rng.normal(size=(4, 6))
    shape = () if axis is None else (x.shape[axis],)
    s, z = rng.uniform(0.05, 0.1, shape), rng.integers(-9, 9, shape).astype(float)
    along = [-1 if i == axis else 1 for i in range(2)] if axis is not None else []
    k = np.round(x / s.reshape(along)) + z.reshape(along)
    c, inside = np.round(x / s.reshape(along)) - x / s.reshape(along), (k >= SPAN[0]) & (k <= SPAN[1])

    def held(x, s, z):
        s, z = s.reshape(along), z.reshape(along)
        return np.sum(g * np.where(inside, s * (x / s + c), s * (np.clip(k, *SPAN) - z)))

    gradients = q.fake_quantise_vjp(g, x, s, z, span=SPAN, axis=axis)
    assert not inside.all()
    for i, (leaf, gradient) in enumerate(zip((x, s, z), gradients, strict=True)):
        u = rng.normal(size=leaf.shape)
        moved = [p + 1e-30j * u if i == j else p + 0j for j, p in enumerate((x, s, z))]
        assert np.imag(held(*moved)) / 1e-30 == pytest.approx(np.sum(gradient * u), rel=1e-11)


def test_halves_round_to_even_and_the_ends_are_kept():
    x = np.array([0.5, 1.5, -0.5, -1.5, 200.0, -200.0])
    assert q.quantise(x, 1.0, 0.0, span=SPAN).tolist() == [0, 2, 0, -2, 127, -128]


def test_scales_reach_the_ends_of_the_span():
    x = np.array([[-1.0, 3.0], [0.5, 2.0]])
    s, z = q.affine_scale(x, (0, 255), axis=0)
    assert q.quantise(x, s, z, span=(0, 255), axis=0).tolist() == [[0, 255], [64, 255]]
    assert q.dequantise(q.quantise(0 * x, s, z, span=(0, 255), axis=0), s, z, axis=0).tolist() == [[0, 0], [0, 0]]
    assert q.symmetric_scale(x, (-127, 127)) == 3 / 127


def test_a_product_of_quantised_numbers_is_the_product_of_their_values():
    rng = np.random.default_rng(0)
    x, w = rng.integers(-128, 128, (3, 8)), rng.integers(-128, 128, (5, 8))
    zw = rng.integers(-9, 9, 5)
    values = q.dequantise(x, 0.5, 7) @ q.dequantise(w, np.full(5, 0.25), zw, axis=0).T
    assert np.array_equal(q.integer_product(x, 7, w, zw) * 0.125, values)


def test_the_rule_halves_after_an_overflow_and_doubles_after_good_steps():
    rule, scale, good, seen = Rule(interval=2), 8.0, 0, []
    for finite in (True, True, False, True, False, True, True):
        scale, good = rule.after(scale, good, finite)
        seen.append(scale)
    assert seen == [8, 16, 8, 8, 4, 4, 8]


def test_a_step_is_unscaled_then_clipped_and_skipped_where_anything_is_infinite():
    w, g = np.zeros(2), np.array([30.0, 40.0])
    (moved,), taken = scaled_step([w], [g], 10.0, lr=1.0, longest=1.0)
    assert taken
    assert moved == pytest.approx([-0.6, -0.8], rel=1e-6)
    same, taken = scaled_step([w], [np.array([1.0, np.inf])], 10.0, lr=1.0)
    assert not taken
    assert same[0] is w
    assert clipped_to_norm([g], 100.0)[0] is not None
    assert np.array_equal(clipped_to_norm([g], 100.0)[0], g)
