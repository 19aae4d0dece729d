"""Binary cross-entropies and the Kullback-Leibler divergence: values by SciPy, certain predictions, huge logits."""

import numpy as np
import pytest
import scipy.special
import scipy.stats

from reference.losses import (
    binary_cross_entropy,
    binary_cross_entropy_vjp,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_vjp,
    kl_divergence,
    kl_divergence_vjp,
)

INF, NAN = np.inf, np.nan


def entropy_and_divergence(t, p):
    """Cross-entropy of two Bernoulli distributions as entropy plus divergence."""
    return sum(scipy.special.entr(a) + scipy.special.rel_entr(a, b) for a, b in [(t, p), (1 - t, 1 - p)])


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_cross_entropy(weighted):
    p, t, w = np.random.default_rng(12).uniform(size=(3, 4, 5))
    w = w if weighted else np.ones((4, 5))
    weight = w if weighted else None
    terms = w * entropy_and_divergence(t, p)
    np.testing.assert_allclose(binary_cross_entropy(p, t, weight=weight, reduction="none"), terms, rtol=1e-13)
    np.testing.assert_allclose(binary_cross_entropy(p, t, weight=weight), terms.sum() / 20, rtol=1e-13)


def test_binary_cross_entropy_is_the_likelihood_of_a_toss():
    p, t = np.array([0.1, 0.6, 0.6, 1e-20]), np.array([0, 1, 0, 0])
    expected = -scipy.stats.bernoulli.logpmf(t[:3], p[:3])
    np.testing.assert_allclose(
        binary_cross_entropy(p, t.astype(float), reduction="none"), [*expected, 1e-20], rtol=1e-14
    )


CERTAIN = [
    # p, t, loss, dp, dt
    (0.0, 0.0, 0, 1, INF),
    (1.0, 1.0, 0, -1, -INF),
    (0.0, 1.0, INF, -INF, INF),
    (1.0, 0.0, INF, INF, -INF),
    (0.0, 0.25, INF, -INF, INF),
    (1.0, 0.25, INF, INF, -INF),
    (5e-324, 0.0, 5e-324, 1, -np.log(5e-324)),
    (5e-324, 1.0, -np.log(5e-324), -INF, -np.log(5e-324)),
    (0.5, 0.0, np.log(2), 2, 0),
    (0.5, 1.0, np.log(2), -2, 0),
]


@pytest.mark.parametrize(("p", "t", "loss", "dp", "dt"), CERTAIN)
def test_certain_predictions(p, t, loss, dp, dt):
    p, t = np.array([p]), np.array([t])
    np.testing.assert_allclose(binary_cross_entropy(p, t), loss, rtol=1e-15)
    np.testing.assert_allclose(np.concatenate(binary_cross_entropy_vjp(3.0, p, t)), [3 * dp, 3 * dt], rtol=1e-15)
    zero = np.zeros(1)
    assert binary_cross_entropy(p, t, weight=zero) == 0
    np.testing.assert_array_equal(binary_cross_entropy_vjp(1.0, p, t, weight=zero), [zero, zero])


@pytest.mark.parametrize("weight", [None, np.array([0.5, 2.0, 3.0])], ids=["even", "weighted"])
@pytest.mark.parametrize("pos_weight", [None, np.array([4.0, 1.0, 0.5])], ids=["even", "positive"])
def test_binary_cross_entropy_with_logits(weight, pos_weight):
    rng = np.random.default_rng(13)
    x, t = rng.normal(scale=5, size=(4, 3)), rng.uniform(size=(4, 3))
    w, v = (1 if array is None else array for array in (weight, pos_weight))
    terms = -w * (v * t * scipy.special.log_expit(x) + (1 - t) * scipy.special.log_expit(-x))
    options = {"weight": weight, "pos_weight": pos_weight}
    none = binary_cross_entropy_with_logits(x, t, **options, reduction="none")
    np.testing.assert_allclose(none, terms, rtol=1e-13)
    np.testing.assert_allclose(binary_cross_entropy_with_logits(x, t, **options), terms.sum() / 12, rtol=1e-13)


HUGE = [
    # x, t, loss, dx, dt
    (1e4, 1.0, 0, 0, -1e4),
    (1e4, 0.0, 1e4, 1, -1e4),
    (1e4, 0.25, 7500, 0.75, -1e4),
    (-1e4, 0.0, 0, 0, 1e4),
    (-1e4, 1.0, 1e4, -1, 1e4),
    (50.0, 1.0, np.exp(-50.0), -np.exp(-50.0), -50),
    (INF, 1.0, 0, 0, -INF),
    (INF, 0.0, INF, 1, -INF),
    (-INF, 0.0, 0, 0, INF),
    (-INF, 1.0, INF, -1, INF),
]


@pytest.mark.parametrize(("x", "t", "loss", "dx", "dt"), HUGE)
def test_huge_and_infinite_logits(x, t, loss, dx, dt):
    x, t = np.array([x]), np.array([t])
    np.testing.assert_allclose(binary_cross_entropy_with_logits(x, t), loss, rtol=1e-15)
    by_hand = binary_cross_entropy_with_logits_vjp(3.0, x, t)
    np.testing.assert_allclose(np.concatenate(by_hand), [3 * dx, 3 * dt], rtol=1e-15)


@pytest.mark.parametrize("log_target", [False, True])
def test_kl_divergence(log_target):
    p, q = np.random.default_rng(14).dirichlet(np.ones(5), size=(2, 4))
    rows = scipy.stats.entropy(p, q, axis=1)
    primals = [np.log(q), np.log(p) if log_target else p]
    terms = scipy.special.rel_entr(p, q)
    expected = {"none": terms, "sum": rows.sum(), "batchmean": rows.sum() / 4, "mean": rows.sum() / 20}
    for reduction, value in expected.items():
        by_hand = kl_divergence(*primals, log_target=log_target, reduction=reduction)
        np.testing.assert_allclose(by_hand, value, rtol=1e-12, atol=1e-15)
    assert kl_divergence(*primals, log_target=log_target) == kl_divergence(
        *primals, log_target=log_target, reduction="mean"
    )


ZERO = [
    # log q, p, loss, dlog q, dp, dlog p
    (-2.0, 0.0, 0, 0, -INF, 0),
    (-INF, 0.0, 0, 0, NAN, 0),
    (-INF, 1.0, INF, -1, INF, INF),
    (0.0, 1.0, 0, -1, 1, 1),
    (-1e4, 1.0, 1e4, -1, 10001, 10001),
]


@pytest.mark.parametrize(("log_q", "p", "loss", "dlog_q", "dp", "dlog_p"), ZERO)
def test_zero_probabilities(log_q, p, loss, dlog_q, dp, dlog_p):
    log_q, p = np.array([log_q]), np.array([p])
    log_p = np.array([0.0 if p[0] else -INF])
    assert kl_divergence(log_q, p) == kl_divergence(log_q, log_p, log_target=True) == loss
    np.testing.assert_array_equal(np.concatenate(kl_divergence_vjp(3.0, log_q, p)), [3 * dlog_q, 3 * dp])
    by_log = kl_divergence_vjp(3.0, log_q, log_p, log_target=True)
    np.testing.assert_array_equal(np.concatenate(by_log), [3 * dlog_q, 3 * dlog_p])
