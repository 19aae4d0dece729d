"""Normalisation: vjps by the complex step, values by scipy.stats and norms, constant inputs, large offsets."""

import numpy as np
import pytest
from scipy import stats

from reference.layers import (
    batch_norm,
    batch_norm_eval,
    batch_norm_eval_vjp,
    batch_norm_running,
    batch_norm_running_vjp,
    batch_norm_vjp,
    layer_norm,
    layer_norm_vjp,
    rms_norm,
    rms_norm_vjp,
)

from .oracle import assert_vjp_by_complex_step

BATCHES = [(5, 3), (2, 3, 4, 5), (1, 3, 2, 2)]
VECTORS = [(5,), (4, 5), (2, 3, 5)]


def normal(*shapes):
    rng = np.random.default_rng(34)
    return [rng.normal(size=shape) for shape in shapes]


VARIANCES = np.array([0.5, 1.25, 2.0])


ROWS = [
    *[
        row
        for shape in BATCHES
        for row in [
            (batch_norm, batch_norm_vjp, normal(shape, 3, 3), {}),
            (batch_norm, batch_norm_vjp, normal(shape, 3, 3), {"eps": 0.3}),
            (batch_norm, batch_norm_vjp, normal(shape, 3, 3), {"eps": 0.0}),
            (batch_norm_running, batch_norm_running_vjp, [*normal(shape, 3), VARIANCES], {}),
            (batch_norm_running, batch_norm_running_vjp, [*normal(shape, 3), VARIANCES], {"momentum": 0.7}),
            (batch_norm_eval, batch_norm_eval_vjp, [*normal(shape, 3, 3, 3), VARIANCES], {}),
            (batch_norm_eval, batch_norm_eval_vjp, [*normal(shape, 3, 3, 3), VARIANCES], {"eps": 0.3}),
        ]
    ],
    *[
        row
        for shape in VECTORS
        for row in [
            (layer_norm, layer_norm_vjp, normal(shape, 5, 5), {}),
            (layer_norm, layer_norm_vjp, normal(shape, 5, 5), {"eps": 0.3}),
            (rms_norm, rms_norm_vjp, normal(shape, 5), {}),
            (rms_norm, rms_norm_vjp, normal(shape, 5), {"eps": 0.3}),
        ]
    ],
]


@pytest.mark.parametrize(("op", "vjp", "primals", "options"), ROWS)
def test_vjp(op, vjp, primals, options):
    assert_vjp_by_complex_step(op, vjp, primals, **options)


def channels_last(x):
    """(N, C, H, W) to (N H W, C): one column for each channel, as scipy.stats takes them."""
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def zscore(rows, eps, axis):
    """The z-score of scipy.stats, shrunk by the factor that eps under the root means."""
    var = np.var(rows, axis=axis, keepdims=True)
    return stats.zscore(rows, axis=axis) * np.sqrt(var / (var + eps))


@pytest.mark.parametrize("options", [{}, {"eps": 0.3}, {"eps": 0.0}])
@pytest.mark.parametrize("shape", BATCHES)
def test_batch_norm_is_the_z_score_of_each_channel(shape, options):
    x, w, b = normal(shape, 3, 3)
    expected = zscore(channels_last(x), options.get("eps", 1e-5), 0) * w + b
    np.testing.assert_allclose(channels_last(batch_norm(x, w, b, **options)), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.7}, {"momentum": 0.0}, {"momentum": 1.0}])
@pytest.mark.parametrize("shape", BATCHES)
def test_running_statistics_take_the_unbiased_variance(shape, options):
    x, mean, var = *normal(shape, 3), VARIANCES
    batch, m = stats.describe(channels_last(x), axis=0, ddof=1), options.get("momentum", 0.1)
    new_mean, new_var = batch_norm_running(x, mean, var, **options)
    np.testing.assert_allclose(new_mean, mean + m * (batch.mean - mean), rtol=1e-12)
    np.testing.assert_allclose(new_var, var + m * (batch.variance - var), rtol=1e-12)


@pytest.mark.parametrize("shape", BATCHES)
def test_eval_with_the_statistics_of_the_batch_is_the_training_form(shape):
    x, w, b = normal(shape, 3, 3)
    mean, var = channels_last(x).mean(axis=0), channels_last(x).var(axis=0)
    y = batch_norm_eval(x, w, b, mean, var, eps=0.3)
    np.testing.assert_allclose(channels_last(y), zscore(channels_last(x), 0.3, 0) * w + b, rtol=1e-11, atol=1e-13)


def test_eval_by_hand():
    x = np.array([[1.0, 2.0]])
    w, b, mean, var = np.array([[10.0, 1.0], [3.0, 4.0], [5.0, 1.0], [15.0, 0.0]])
    assert batch_norm_eval(x, w, b, mean, var, eps=1.0).tolist() == [[10 * (1 - 5) / 4 + 3, (2 - 1) / 1 + 4]]
    default = batch_norm_eval(np.ones((1, 1)), np.ones(1), *np.zeros((3, 1)))
    np.testing.assert_allclose(default, 1e5**0.5, rtol=1e-14)


@pytest.mark.parametrize("options", [{}, {"eps": 0.3}])
@pytest.mark.parametrize("shape", VECTORS)
def test_layer_norm_is_the_z_score_of_each_vector(shape, options):
    x, w, b = normal(shape, 5, 5)
    expected = zscore(x, options.get("eps", 1e-5), -1) * w + b
    np.testing.assert_allclose(layer_norm(x, w, b, **options), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("options", [{}, {"eps": 0.3}, {"eps": 0.0}])
@pytest.mark.parametrize("shape", VECTORS)
def test_rms_norm_by_the_euclidean_norm(shape, options):
    x, w = normal(shape, 5)
    # mean(x^2) + eps = |(x, sqrt(5 eps))|^2 / 5
    longer = np.concatenate([x, np.full((*shape[:-1], 1), np.sqrt(5 * options.get("eps", 1e-6)))], axis=-1)
    expected = x * np.sqrt(5) / np.linalg.norm(longer, axis=-1, keepdims=True) * w
    np.testing.assert_allclose(rms_norm(x, w, **options), expected, rtol=1e-12)


def test_without_spread_only_the_shift_is_left():
    x, w, b = np.full((4, 3), 7.0), *normal(3, 3)
    assert np.array_equal(batch_norm(x, w, b), np.broadcast_to(b, (4, 3)))
    assert np.array_equal(batch_norm(x[:1], w, b), b[None])
    assert np.array_equal(layer_norm(x, w, b), np.broadcast_to(b, (4, 3)))
    assert np.array_equal(rms_norm(0 * x, w), np.zeros((4, 3)))
    assert np.array_equal(batch_norm_vjp(np.ones((4, 3)), x, w, b)[0], np.zeros((4, 3)))


def test_a_large_offset_does_not_cancel():
    x = np.array([[-1.0, 0.0, 1.0]])
    ones, zeros = np.ones(3), np.zeros(3)
    np.testing.assert_allclose(layer_norm(x + 2.0**40, ones, zeros), layer_norm(x, ones, zeros), rtol=1e-14)
    far = batch_norm(x.T + 2.0**40, ones[:1], zeros[:1])
    np.testing.assert_allclose(far, layer_norm(x, ones, zeros).T, rtol=1e-14)


@pytest.mark.parametrize(
    ("op", "vjp", "primals"),
    [
        (batch_norm, batch_norm_vjp, normal((4, 3), 3, 3)),
        (batch_norm_eval, batch_norm_eval_vjp, [*normal((4, 3), 3, 3, 3), VARIANCES]),
        (layer_norm, layer_norm_vjp, normal((4, 3), 3, 3)),
        (rms_norm, rms_norm_vjp, normal((4, 3), 3)),
    ],
)
@pytest.mark.parametrize("eps", [-1.0, float("nan")])
def test_eps_is_not_negative(op, vjp, primals, eps):
    for call in (lambda: op(*primals, eps=eps), lambda: vjp(np.ones((4, 3)), *primals, eps=eps)):
        with pytest.raises(ValueError) as refused:
            call()
        assert str(refused.value) == f"eps is {eps}; allowed are numbers of at least 0"


@pytest.mark.parametrize(
    ("rows", "momentum", "message"),
    [
        (4, 1.5, "momentum is 1.5; allowed are numbers from 0 to 1"),
        (4, -0.1, "momentum is -0.1; allowed are numbers from 0 to 1"),
        (1, 0.1, "the batch has 1 values per channel; the unbiased variance needs 2 or more"),
    ],
)
def test_what_the_running_statistics_refuse(rows, momentum, message):
    primals, g = [*normal((rows, 3), 3), VARIANCES], tuple(normal(3, 3))
    for call in (
        lambda: batch_norm_running(*primals, momentum=momentum),
        lambda: batch_norm_running_vjp(g, *primals, momentum=momentum),
    ):
        with pytest.raises(ValueError) as refused:
            call()
        assert str(refused.value) == message
