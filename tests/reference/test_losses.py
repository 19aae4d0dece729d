"""Losses: every gradient by complex step or difference ladder, the values of the regression losses, option errors."""

from functools import partial

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special

from reference import losses as ls

from .oracle import assert_vjp_by_complex_step, assert_vjp_by_ladder

N, C = 6, 4
CLASS_WEIGHT = np.array([0.5, 2.0, 1.0, 3.0])
ELEMENT_WEIGHT = np.random.default_rng(5).uniform(0.2, 3, size=(N, C))


def pair(rng):
    return [rng.normal(size=(N, C)), rng.normal(size=(N, C))]


def apart(rng):
    """Distances from 0.1 to 0.9 and from 1.1 to 3: away from the tie and from the delta of 1."""
    y = rng.normal(size=(N, C))
    distance = np.where(rng.random((N, C)) < 0.5, rng.uniform(0.1, 0.9, (N, C)), rng.uniform(1.1, 3, (N, C)))
    return [y, y + rng.choice([-1, 1], size=(N, C)) * distance]


def apart_in_one_dimension(rng):
    return [primal[:, 0] for primal in apart(rng)]


def indices(rng):
    return [rng.normal(scale=3, size=(N, C)), np.array([3, 0, -100, 1, 1, 2])]


def padded(rng):
    return [rng.normal(size=(N, C)), np.array([3, 0, 0, 1, 2, 0])]


def distributions(rng):
    return [rng.normal(scale=3, size=(N, C)), rng.dirichlet(np.ones(C), size=N)]


def probabilities(rng):
    return [rng.uniform(0.05, 0.95, size=(N, C)), rng.uniform(0.05, 0.95, size=(N, C))]


def binary_logits(rng):
    return [rng.normal(scale=4, size=(N, C)), rng.uniform(0.05, 0.95, size=(N, C))]


def log_distributions(rng):
    return [np.log(rng.dirichlet(np.ones(C), size=N)), rng.dirichlet(np.ones(C), size=N)]


def two_log_distributions(rng):
    return [np.log(rng.dirichlet(np.ones(C), size=N)) for _ in range(2)]


def three_dimensions(rng):
    return [rng.normal(size=(2, 3, 4)), rng.uniform(0.1, 0.9, size=(2, 3, 4))]


MSE = (ls.mse, ls.mse_vjp)
MAE = (ls.mae, ls.mae_vjp)
HUBER = (ls.huber, ls.huber_vjp)
CE = (ls.cross_entropy, ls.cross_entropy_vjp)
SOFT = (ls.soft_cross_entropy, ls.soft_cross_entropy_vjp)
BCE = (ls.binary_cross_entropy, ls.binary_cross_entropy_vjp)
LOGITS = (ls.binary_cross_entropy_with_logits, ls.binary_cross_entropy_with_logits_vjp)
KL = (ls.kl_divergence, ls.kl_divergence_vjp)

ANALYTIC = [
    (*MSE, pair, {}),
    (*CE, indices, {}),
    (*CE, indices, {"weight": CLASS_WEIGHT}),
    (*CE, indices, {"label_smoothing": 0.2}),
    (*CE, indices, {"label_smoothing": 1.0}),
    (*CE, indices, {"weight": CLASS_WEIGHT, "label_smoothing": 0.2}),
    (*CE, padded, {"weight": CLASS_WEIGHT, "label_smoothing": 0.2, "ignore_index": 0}),
    (*SOFT, distributions, {}),
    (*SOFT, pair, {}),
    (*SOFT, distributions, {"weight": CLASS_WEIGHT}),
    (*SOFT, distributions, {"weight": CLASS_WEIGHT, "label_smoothing": 0.2}),
    (*BCE, probabilities, {}),
    (*BCE, probabilities, {"weight": ELEMENT_WEIGHT}),
    (*BCE, probabilities, {"weight": CLASS_WEIGHT}),
    (*LOGITS, binary_logits, {}),
    (*LOGITS, three_dimensions, {}),
    (*LOGITS, binary_logits, {"weight": ELEMENT_WEIGHT}),
    (*LOGITS, binary_logits, {"pos_weight": CLASS_WEIGHT}),
    (*LOGITS, binary_logits, {"weight": ELEMENT_WEIGHT, "pos_weight": CLASS_WEIGHT}),
    (*KL, log_distributions, {}),
    (*KL, three_dimensions, {}),
    (*KL, two_log_distributions, {"log_target": True}),
]
KINKED = [
    (*MAE, apart, {}),
    (*MAE, apart_in_one_dimension, {}),
    (*HUBER, apart, {}),
    (*HUBER, apart_in_one_dimension, {"delta": 0.05}),
    (*HUBER, apart, {"delta": 10.0}),
]


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize(("op", "vjp", "maker", "options"), ANALYTIC)
def test_analytic_gradient(op, vjp, maker, options, reduction):
    assert_vjp_by_complex_step(op, vjp, maker(np.random.default_rng(4)), **options, reduction=reduction)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize(("op", "vjp", "maker", "options"), KINKED)
def test_kinked_gradient(op, vjp, maker, options, reduction):
    assert_vjp_by_ladder(op, vjp, maker(np.random.default_rng(4)), **options, reduction=reduction)


@pytest.mark.parametrize(
    ("maker", "options"),
    [(log_distributions, {}), (three_dimensions, {}), (two_log_distributions, {"log_target": True})],
)
def test_gradient_of_the_batch_mean(maker, options):
    assert_vjp_by_complex_step(*KL, maker(np.random.default_rng(4)), **options, reduction="batchmean")


@pytest.mark.parametrize(("op", "vjp", "maker", "options"), ANALYTIC + KINKED)
def test_default_reduction_is_the_mean(op, vjp, maker, options):
    primals = maker(np.random.default_rng(6))
    np.testing.assert_array_equal(op(*primals, **options), op(*primals, **options, reduction="mean"))
    default, mean = vjp(2.0, *primals, **options), vjp(2.0, *primals, **options, reduction="mean")
    np.testing.assert_array_equal(default[0], mean[0])


@pytest.mark.parametrize("op", [ls.mse, ls.mae, ls.huber, ls.binary_cross_entropy, ls.binary_cross_entropy_with_logits])
def test_reductions_of_elementwise_losses(op):
    primals = probabilities(np.random.default_rng(7))
    terms = op(*primals, reduction="none")
    assert terms.shape == (N, C)
    np.testing.assert_allclose(op(*primals, reduction="sum"), terms.sum(), rtol=1e-14)
    np.testing.assert_allclose(op(*primals), terms.mean(), rtol=1e-14)


@pytest.mark.parametrize("vjp", [ls.mse_vjp, ls.mae_vjp, ls.huber_vjp])
@pytest.mark.parametrize("shape", [(), (0,), (1,)], ids=str)
def test_shapes_of_one_element_and_of_none(vjp, shape):
    op = {ls.mse_vjp: ls.mse, ls.mae_vjp: ls.mae, ls.huber_vjp: ls.huber}[vjp]
    y, t = np.full(shape, 0.7), np.full(shape, 0.2)
    assert np.isnan(op(y, t)) == (shape == (0,))
    assert op(y, t, reduction="none").shape == shape
    assert [dx.shape for dx in vjp(np.array(1.0), y, t)] == [shape, shape]


@pytest.mark.parametrize(
    ("op", "truth"),
    [
        (ls.mse, lambda y, t: scipy.spatial.distance.sqeuclidean(y, t)),
        (ls.mae, lambda y, t: scipy.spatial.distance.cityblock(y, t)),
        (ls.huber, lambda y, t: scipy.special.huber(1.0, y - t).sum()),
        (partial(ls.huber, delta=0.3), lambda y, t: scipy.special.huber(0.3, y - t).sum()),
    ],
)
def test_values_of_regression_losses(op, truth):
    y, t = np.random.default_rng(8).normal(scale=2, size=(2, 50))
    np.testing.assert_allclose(op(y, t, reduction="sum"), truth(y, t), rtol=1e-14)
    np.testing.assert_allclose(op(y, t), truth(y, t) / 50, rtol=1e-14)


def test_slopes_at_the_tie_and_at_delta():
    y, t, g = np.array([2.0, 1.0, -1.0, 0.5]), np.array([2.0, 0.5, -0.5, 0.0]), np.full(4, 3.0)
    dy, dt = ls.mae_vjp(g, y, t, reduction="none")
    np.testing.assert_array_equal([dy, dt], [[0, 3, -3, 3], [0, -3, 3, -3]])
    dy, dt = ls.huber_vjp(g, y, t, delta=0.5, reduction="none")
    np.testing.assert_array_equal([dy, dt], [[0, 1.5, -1.5, 1.5], [0, -1.5, 1.5, -1.5]])
    np.testing.assert_array_equal(ls.huber(y, t, delta=0.5, reduction="none"), [0, 0.125, 0.125, 0.125])


def test_huber_of_far_and_infinite_distances():
    y, t = np.array([1e300, -np.inf, np.nan]), np.zeros(3)
    np.testing.assert_allclose(ls.huber(y, t, delta=2.0, reduction="none"), [2e300, np.inf, np.nan], rtol=1e-15)
    dy, _ = ls.huber_vjp(np.ones(3), y, t, delta=2.0, reduction="none")
    np.testing.assert_array_equal(dy, [2, -2, np.nan])


REDUCTIONS = "reduction is 'avg'; allowed are none, sum and mean"
SMOOTHING = "label_smoothing is 1.5; allowed are numbers from 0 to 1"
ERRORS = [
    (MSE, pair, {"reduction": "avg"}, REDUCTIONS),
    (MAE, pair, {"reduction": "avg"}, REDUCTIONS),
    (HUBER, pair, {"reduction": "avg"}, REDUCTIONS),
    (CE, indices, {"reduction": "avg"}, REDUCTIONS),
    (CE, indices, {"reduction": "batchmean"}, "reduction is 'batchmean'; allowed are none, sum and mean"),
    (SOFT, distributions, {"reduction": "avg"}, REDUCTIONS),
    (BCE, probabilities, {"reduction": "avg"}, REDUCTIONS),
    (LOGITS, binary_logits, {"reduction": "avg"}, REDUCTIONS),
    (KL, log_distributions, {"reduction": "avg"}, "reduction is 'avg'; allowed are none, sum, mean and batchmean"),
    (HUBER, pair, {"delta": 0.0}, "delta is 0.0; allowed are positive numbers"),
    (HUBER, pair, {"delta": -1.0}, "delta is -1.0; allowed are positive numbers"),
    (CE, indices, {"label_smoothing": 1.5}, SMOOTHING),
    (SOFT, distributions, {"label_smoothing": 1.5}, SMOOTHING),
    (SOFT, distributions, {"label_smoothing": -0.1}, "label_smoothing is -0.1; allowed are numbers from 0 to 1"),
    (CE, indices, {"ignore_index": -1}, "target holds -100; allowed are 0 to 3"),
    (CE, lambda rng: [np.ones((2, 4)), np.array([0, 4])], {}, "target holds 4; allowed are 0 to 3"),
]


@pytest.mark.parametrize(("pair_of", "maker", "options", "message"), ERRORS)
def test_errors_say_what_was_got_and_what_is_allowed(pair_of, maker, options, message):
    op, vjp = pair_of
    primals = maker(np.random.default_rng(9))
    for call in (partial(op, *primals), partial(vjp, 1.0, *primals)):
        with pytest.raises(ValueError) as error:
            call(**options)
        assert str(error.value) == message
