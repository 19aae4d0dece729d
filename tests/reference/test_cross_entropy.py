"""Cross-entropies of logits: values by SciPy, weights, ignored rows and smoothing as documented, extreme logits."""

import numpy as np
import pytest
import scipy.special

from reference.losses import (
    cross_entropy,
    cross_entropy_vjp,
    one_hot,
    soft_cross_entropy,
    soft_cross_entropy_vjp,
)

INF, NAN = np.inf, np.nan
WEIGHT = np.array([0.5, 2.0, 1.0, 3.0])
TARGET = np.array([3, 0, -100, 1, 1, 2])


def logits(seed=10):
    return np.random.default_rng(seed).normal(scale=3, size=(6, 4))


def loss_of_row(row, y, w, e):
    """The documented formula, one row and one class at a time; None where the row is ignored."""
    log_p = scipy.special.log_softmax(row)
    smooth = sum(-w[c] * log_p[c] for c in range(4)) / 4
    return None if y == -100 else (1 - e) * -w[y] * log_p[y] + e * smooth


@pytest.mark.parametrize("e", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["even", "weighted"])
def test_values_with_class_indices(weight, e):
    x, w = logits(), np.ones(4) if weight is None else weight
    rows = [loss_of_row(row, y, w, e) for row, y in zip(x, TARGET, strict=True)]
    kept = [loss for loss in rows if loss is not None]
    options = {"weight": weight, "label_smoothing": e}
    none = cross_entropy(x, TARGET, **options, reduction="none")
    np.testing.assert_allclose(none, [loss or 0 for loss in rows], rtol=1e-13)
    np.testing.assert_allclose(cross_entropy(x, TARGET, **options, reduction="sum"), sum(kept), rtol=1e-13)
    divisor = sum(w[y] for y in TARGET if y != -100)
    np.testing.assert_allclose(cross_entropy(x, TARGET, **options), sum(kept) / divisor, rtol=1e-13)


def test_an_ignored_index_may_be_a_class():
    x, target = logits(), np.array([3, 0, 0, 1, 2, 0])
    kept = target != 0
    np.testing.assert_allclose(
        cross_entropy(x, target, ignore_index=0, label_smoothing=0.1),
        cross_entropy(x[kept], target[kept], label_smoothing=0.1),
        rtol=1e-14,
    )


@pytest.mark.parametrize("e", [0.0, 0.3])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["even", "weighted"])
def test_values_with_distributions(weight, e):
    x, w = logits(), np.ones(4) if weight is None else weight
    p = np.random.default_rng(11).dirichlet(np.ones(4), size=6)
    q = (1 - e) * p + e / 4
    rows = ((scipy.special.rel_entr(q, scipy.special.softmax(x, axis=1)) + scipy.special.entr(q)) * w).sum(axis=1)
    options = {"weight": weight, "label_smoothing": e}
    np.testing.assert_allclose(soft_cross_entropy(x, p, **options, reduction="none"), rows, rtol=1e-13)
    np.testing.assert_allclose(soft_cross_entropy(x, p, **options, reduction="sum"), rows.sum(), rtol=1e-13)
    np.testing.assert_allclose(soft_cross_entropy(x, p, **options), rows.sum() / 6, rtol=1e-13)


def test_one_hot_distributions_are_class_indices():
    x, target = logits(), np.array([3, 0, 1, 1, 2, 0])
    for e in (0.0, 0.2):
        hard = cross_entropy(x, target, label_smoothing=e)
        np.testing.assert_allclose(soft_cross_entropy(x, one_hot(target, 4), label_smoothing=e), hard, rtol=1e-14)


def test_one_hot():
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    assert one_hot(np.array([[0, 1, 1]]), 2).shape == (1, 3, 2)
    assert one_hot(np.array([0]), 2).dtype == np.float64
    with pytest.raises(ValueError, match=r"^target holds -1; allowed are 0 to 2$"):
        one_hot(np.array([0, -1]), 3)


HUGE = [
    # logits, target, loss, gradient
    ([1e4, -1e4, 0.0], 0, 0, [0, 0, 0]),
    ([1e4, -1e4, 0.0], 1, 2e4, [1, -1, 0]),
    ([-1e4, -1e4, -1e4], 2, np.log(3), [1 / 3, 1 / 3, -2 / 3]),
    ([50.0, 0.0, -INF], 0, np.exp(-50.0), [0, np.exp(-50.0), 0]),
    ([-INF, 0.0, 0.0], 1, np.log(2), [0, -0.5, 0.5]),
    ([-INF, 0.0, 0.0], 0, INF, [-1, 0.5, 0.5]),
]


@pytest.mark.parametrize(("row", "y", "loss", "gradient"), HUGE)
def test_huge_and_infinite_logits(row, y, loss, gradient):
    x, p = np.array([row]), one_hot(np.array([y]), 3)
    np.testing.assert_allclose(cross_entropy(x, np.array([y])), loss, rtol=1e-15)
    np.testing.assert_allclose(soft_cross_entropy(x, p), loss, rtol=1e-15)
    np.testing.assert_allclose(cross_entropy_vjp(1.0, x, np.array([y]))[0], [gradient], rtol=1e-15)
    np.testing.assert_allclose(soft_cross_entropy_vjp(1.0, x, p)[0], [gradient], rtol=1e-15)


def test_gradient_by_the_distribution_at_huge_and_infinite_logits():
    x, p = np.array([[1e4, -1e4, -INF]]), np.array([[0.5, 0.5, 0.0]])
    np.testing.assert_array_equal(soft_cross_entropy(x, p), 1e4)
    np.testing.assert_array_equal(soft_cross_entropy_vjp(3.0, x, p)[1], [[0, 6e4, INF]])
    np.testing.assert_array_equal(soft_cross_entropy_vjp(3.0, x, p, label_smoothing=1.0)[1], [[0, 0, 0]])


@pytest.mark.parametrize("e", [0.0, 0.1])
def test_a_mean_over_nothing_is_nan_and_moves_nothing(e):
    x, ignored = logits(), np.full(6, -100)
    assert np.isnan(cross_entropy(x, ignored, label_smoothing=e))
    assert cross_entropy(x, ignored, label_smoothing=e, reduction="sum") == 0
    np.testing.assert_array_equal(cross_entropy_vjp(1.0, x, ignored, label_smoothing=e)[0], np.zeros((6, 4)))


@pytest.mark.parametrize("bad", [NAN, INF])
def test_ignored_rows_do_not_count_whatever_they_hold(bad):
    x, target = np.array([[bad, 1.0], [0.0, 0.0]]), np.array([-100, 1])
    np.testing.assert_allclose(cross_entropy(x, target), np.log(2), rtol=1e-15)
    dx, none = cross_entropy_vjp(1.0, x, target)
    np.testing.assert_array_equal(dx, [[0, 0], [0.5, -0.5]])
    assert none is None
