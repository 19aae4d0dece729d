"""Activations: gradients by complex step or ladder, values and slopes by mpmath and SciPy, extreme points."""

from functools import partial

import mpmath
import numpy as np
import pytest
import scipy.special

from reference import activations as a

from .oracle import assert_vjp_by_complex_step, assert_vjp_by_ladder

INF, NAN = np.inf, np.nan

SMOOTH = [
    (a.sigmoid, a.sigmoid_vjp, {}),
    (a.tanh, a.tanh_vjp, {}),
    (a.softplus, a.softplus_vjp, {}),
    (a.elu, a.elu_vjp, {}),
    (a.elu, a.elu_vjp, {"alpha": 0.3}),
    (a.silu, a.silu_vjp, {}),
    (a.gelu, a.gelu_vjp, {}),
    (a.gelu, a.gelu_vjp, {"approximate": "tanh"}),
    (a.softmax, a.softmax_vjp, {}),
    (a.softmax, a.softmax_vjp, {"axis": 0}),
    (a.log_softmax, a.log_softmax_vjp, {}),
    (a.log_softmax, a.log_softmax_vjp, {"axis": 0}),
    (a.logsumexp, a.logsumexp_vjp, {}),
    (a.logsumexp, a.logsumexp_vjp, {"axis": 0}),
    (a.logsumexp, a.logsumexp_vjp, {"axis": 0, "keepdims": True}),
]
KINKED = [
    (a.relu, a.relu_vjp, {}),
    (a.leaky_relu, a.leaky_relu_vjp, {}),
    (a.leaky_relu, a.leaky_relu_vjp, {"slope": 0.3}),
]


def away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.choice([-1, 1], size=shape) * rng.uniform(0.1, 4, size=shape)


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 4), (2, 3, 5)], ids=str)
@pytest.mark.parametrize(("op", "vjp", "options"), SMOOTH)
def test_smooth_gradient(op, vjp, options, shape):
    x = away_from_zero(np.random.default_rng(1), shape)
    x.flat[0] = 0
    assert_vjp_by_complex_step(op, vjp, [x], **options)


@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3, 5)], ids=str)
@pytest.mark.parametrize(("op", "vjp", "options"), KINKED)
def test_kinked_gradient(op, vjp, options, shape):
    assert_vjp_by_ladder(op, vjp, [away_from_zero(np.random.default_rng(1), shape)], **options)


@pytest.mark.parametrize(("op", "vjp", "options"), SMOOTH + KINKED)
def test_no_rows(op, vjp, options):
    x = np.zeros((0, 3))
    assert vjp(op(x, **options), x, **options)[0].shape == (0, 3)


def test_a_middle_axis():
    x = np.random.default_rng(2).normal(size=(2, 3, 4))
    for op, vjp in [(a.softmax, a.softmax_vjp), (a.log_softmax, a.log_softmax_vjp), (a.logsumexp, a.logsumexp_vjp)]:
        assert_vjp_by_complex_step(op, vjp, [x], axis=1)


def mp_gelu_tanh(x):
    return x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf(0.044715) * x**3)))


TRUTH = [
    (a.sigmoid, a.sigmoid_vjp, lambda x: 1 / (1 + mpmath.exp(-x))),
    (a.tanh, a.tanh_vjp, mpmath.tanh),
    (a.softplus, a.softplus_vjp, lambda x: mpmath.log(1 + mpmath.exp(x))),
    (a.relu, a.relu_vjp, lambda x: (x + abs(x)) / 2),
    (partial(a.leaky_relu, slope=0.25), partial(a.leaky_relu_vjp, slope=0.25), lambda x: (5 * x + 3 * abs(x)) / 8),
    (a.elu, a.elu_vjp, lambda x: x if x > 0 else mpmath.expm1(x)),
    (partial(a.elu, alpha=2.0), partial(a.elu_vjp, alpha=2.0), lambda x: x if x > 0 else 2 * mpmath.expm1(x)),
    (a.silu, a.silu_vjp, lambda x: x / (1 + mpmath.exp(-x))),
    (a.gelu, a.gelu_vjp, lambda x: x * mpmath.ncdf(x)),
    (partial(a.gelu, approximate="tanh"), partial(a.gelu_vjp, approximate="tanh"), mp_gelu_tanh),
]


@pytest.mark.parametrize(("op", "vjp", "truth"), TRUTH)
def test_elementwise_value_and_slope_from_the_tails_to_the_middle(op, vjp, truth):
    points = [-1e4, -745.0, -100.0, -39.9, -30.0, -8.5, -2.0, -0.3, -1e-9, 1e-9, 0.3, 2.0, 21.0, 30.0, 100.0, 1e4]
    x = np.array(points)
    with mpmath.workdps(350):  # what cancels against 1 is lost only below 1e-350, which is 0 in float64
        values = [float(truth(mpmath.mpf(p))) for p in points]
        slopes = [float(mpmath.diff(truth, mpmath.mpf(p))) for p in points]
    np.testing.assert_allclose(op(x), values, rtol=2e-13, atol=1e-300)
    np.testing.assert_allclose(vjp(np.full(x.shape, 2.0), x)[0], 2 * np.array(slopes), rtol=2e-13, atol=1e-300)


@pytest.mark.parametrize(
    ("op", "vjp", "values", "slopes"),
    [
        (a.sigmoid, a.sigmoid_vjp, [0, 1], [0, 0]),
        (a.tanh, a.tanh_vjp, [-1, 1], [0, 0]),
        (a.softplus, a.softplus_vjp, [0, INF], [0, 1]),
        (a.relu, a.relu_vjp, [0, INF], [0, 1]),
        (a.leaky_relu, a.leaky_relu_vjp, [-INF, INF], [0.01, 1]),
        (a.elu, a.elu_vjp, [-1, INF], [0, 1]),
        (a.silu, a.silu_vjp, [0, INF], [0, 1]),
        (a.gelu, a.gelu_vjp, [0, INF], [0, 1]),
        (partial(a.gelu, approximate="tanh"), partial(a.gelu_vjp, approximate="tanh"), [0, INF], [0, 1]),
    ],
)
def test_limits_at_infinity_and_nan(op, vjp, values, slopes):
    x = np.array([-INF, INF, -1e300, 1e300, NAN])
    np.testing.assert_array_equal(op(x)[[0, 1, 4]], [*values, NAN])
    np.testing.assert_array_equal(vjp(np.ones(5), x)[0][:4], [*slopes, *slopes])


@pytest.mark.parametrize(
    ("vjp", "options", "slope"),
    [
        (a.relu_vjp, {}, 0),
        (a.leaky_relu_vjp, {}, 0.01),
        (a.leaky_relu_vjp, {"slope": 0.3}, 0.3),
        (a.elu_vjp, {}, 1),
        (a.elu_vjp, {"alpha": 0.3}, 0.3),
    ],
)
def test_slope_at_the_kink(vjp, options, slope):
    (dx,) = vjp(np.array([3.0, 3.0]), np.array([0.0, -0.0]), **options)
    np.testing.assert_allclose(dx, [3 * slope] * 2, rtol=1e-15)


def test_gelu_names_the_forms_it_knows():
    for call in (partial(a.gelu, np.ones(2)), partial(a.gelu_vjp, np.ones(2), np.ones(2))):
        with pytest.raises(ValueError) as error:
            call(approximate="sigmoid")
        assert str(error.value) == "approximate is 'sigmoid'; allowed are none and tanh"


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_softmax_family_values(name, axis):
    x = np.random.default_rng(3).normal(scale=5, size=(3, 4, 5))
    expected = getattr(scipy.special, name)(x, axis=axis)
    np.testing.assert_allclose(getattr(a, name)(x, axis=axis), expected, rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(
        a.logsumexp(x, axis=axis, keepdims=True), np.expand_dims(a.logsumexp(x, axis=axis), axis)
    )


def test_softmax_family_keeps_the_digits_of_a_small_rest():
    x = np.array([50.0, 0.0, 0.0])
    rest = 2 * np.exp(-50.0)
    np.testing.assert_allclose(a.log_softmax(x), [-rest, -50, -50], rtol=1e-14)
    np.testing.assert_allclose(a.logsumexp(x - 50), rest, rtol=1e-14)
    np.testing.assert_allclose(a.softmax(x), [1, rest / 2, rest / 2], rtol=1e-14)


HUGE = [
    ([1e4, -1e4, 0.0], [1, 0, 0], [0, -2e4, -1e4], 1e4),
    ([1e4, 1e4, -1e4], [0.5, 0.5, 0], [-np.log(2), -np.log(2), -2e4 - np.log(2)], 1e4 + np.log(2)),
    ([-1e4, -1e4, -1e4], [1 / 3] * 3, [-np.log(3)] * 3, -1e4 + np.log(3)),
    ([-INF, 0.0, 0.0], [0, 0.5, 0.5], [-INF, -np.log(2), -np.log(2)], np.log(2)),
    ([-INF, -INF, 1e4], [0, 0, 1], [-INF, -INF, 0], 1e4),
    ([-INF, -INF, -INF], [NAN] * 3, [NAN] * 3, -INF),
    ([INF, 1e4, -INF], [NAN] * 3, [NAN] * 3, INF),
    ([INF, INF, 0.0], [NAN] * 3, [NAN] * 3, INF),
    ([NAN, 1e4, 0.0], [NAN] * 3, [NAN] * 3, NAN),
]


@pytest.mark.parametrize(("row", "p", "log_p", "total"), HUGE, ids=[str(row[0]) for row in HUGE])
def test_softmax_family_at_huge_and_infinite_entries(row, p, log_p, total):
    x = np.array([row, [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(a.softmax(x), [p, [1 / 3] * 3], rtol=1e-15)
    np.testing.assert_allclose(a.log_softmax(x), [log_p, [-np.log(3)] * 3], rtol=1e-15)
    np.testing.assert_allclose(a.logsumexp(x), [total, np.log(3)], rtol=1e-15)


@pytest.mark.parametrize(("row", "p"), [row[:2] for row in HUGE[:6]], ids=[str(row[0]) for row in HUGE[:6]])
def test_softmax_family_gradients_at_huge_entries(row, p):
    x, p, g = np.array(row), np.array(p), np.array([1.0, -2.0, 4.0])
    np.testing.assert_allclose(a.softmax_vjp(g, x)[0], (np.diag(p) - np.outer(p, p)) @ g, rtol=1e-14)
    np.testing.assert_allclose(a.log_softmax_vjp(g, x)[0], g - 3 * p, rtol=1e-14)
    np.testing.assert_allclose(a.logsumexp_vjp(np.array(2.0), x)[0], 2 * p, rtol=1e-14)


def test_gradient_of_logsumexp_beside_an_infinite_entry():
    x = np.array([[INF, 1e4, -INF], [INF, INF, 0.0], [NAN, 1e4, 0.0]])
    expected = [[NAN, 0, 0], [NAN, NAN, 0], [NAN, NAN, NAN]]
    np.testing.assert_array_equal(a.logsumexp_vjp(np.ones(3), x)[0], expected)


def test_softmax_family_along_an_empty_axis():
    x = np.zeros((2, 0))
    np.testing.assert_array_equal(a.logsumexp(x), [-INF, -INF])
    assert a.softmax(x).shape == a.log_softmax(x).shape == a.logsumexp_vjp(np.ones(2), x)[0].shape == (2, 0)
