"""Embedding and dropout, the two that select: vjps by the complex step, values by one-hot products and by hand."""

import numpy as np
import pytest

from reference.layers import dropout, dropout_vjp, embedding, embedding_vjp

from .oracle import assert_vjp_by_complex_step

W = np.random.default_rng(35).normal(size=(4, 3))
INDICES = [np.array(2), np.array([0, 3, 1]), np.array([[1, 1, 3], [1, 0, 3]]), np.zeros((2, 0), int)]


@pytest.mark.parametrize("indices", INDICES)
def test_embedding_vjp(indices):
    assert_vjp_by_complex_step(embedding, embedding_vjp, (indices, W))


@pytest.mark.parametrize("indices", INDICES)
def test_embedding_is_the_product_with_the_one_hot_matrix(indices):
    onehot = np.eye(4)[indices.ravel()]
    y = embedding(indices, W)
    np.testing.assert_array_equal(y, (onehot @ W).reshape(*indices.shape, 3))
    g = np.random.default_rng(36).normal(size=y.shape)
    none, dw = embedding_vjp(g, indices, W)
    assert none is None
    np.testing.assert_allclose(dw, onehot.T @ g.reshape(-1, 3), rtol=1e-14)


def test_repeated_indices_add_up():
    _, dw = embedding_vjp(np.array([[1.0], [10.0], [100.0]]), np.array([2, 0, 2]), np.zeros((3, 1)))
    assert dw.tolist() == [[10.0], [0.0], [101.0]]


@pytest.mark.parametrize("wrong", [-1, 4])
def test_an_index_outside_the_table_is_refused(wrong):
    indices, w = np.array([[0, 3], [wrong, 1]]), np.zeros((4, 3))
    for call in (lambda: embedding(indices, w), lambda: embedding_vjp(np.zeros((2, 2, 3)), indices, w)):
        with pytest.raises(ValueError) as refused:
            call()
        assert str(refused.value) == f"indices hold {wrong}; allowed are 0 to 3"


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("shape", [(5,), (3, 4)])
def test_dropout_vjp(shape, rate):
    rng = np.random.default_rng(37)
    x, mask = rng.normal(size=shape), rng.random(shape) >= 0.5
    assert_vjp_by_complex_step(dropout, dropout_vjp, (x, mask), rate=rate)


def test_dropout_by_hand():
    x, mask = np.array([1.0, 2.0, -3.0, 4.0]), np.array([True, False, True, False])
    assert dropout(x, mask, rate=0.75).tolist() == [4.0, 0.0, -12.0, 0.0]
    assert dropout(x, mask, rate=0.0).tolist() == [1.0, 0.0, -3.0, 0.0]


def test_the_mean_over_all_masks_is_x():
    x, rate = np.array([1.0, -2.0, 0.5]), 0.3
    masks = [np.array(np.unravel_index(i, (2, 2, 2)), bool) for i in range(8)]
    mean = sum(dropout(x, m, rate=rate) * (1 - rate) ** m.sum() * rate ** (~m).sum() for m in masks)
    np.testing.assert_allclose(mean, x, rtol=1e-14)


def test_a_dropped_element_is_zero_whatever_it_was():
    x, mask = np.array([np.inf, np.nan, np.inf]), np.array([False, False, True])
    assert dropout(x, mask, rate=0.5).tolist() == [0.0, 0.0, np.inf]
    assert dropout_vjp(x, np.ones(3), mask, rate=0.5)[0].tolist() == [0.0, 0.0, np.inf]


@pytest.mark.parametrize(
    ("mask", "rate", "message"),
    [
        (np.array([True]), 1.0, "rate is 1.0; allowed are numbers from 0 up to, not including, 1"),
        (np.array([True]), -0.1, "rate is -0.1; allowed are numbers from 0 up to, not including, 1"),
        (np.array([1.0]), 0.5, "mask is float64; allowed is bool, True where an element is kept"),
    ],
)
def test_what_dropout_refuses(mask, rate, message):
    x = np.ones(1)
    for call in (lambda: dropout(x, mask, rate=rate), lambda: dropout_vjp(x, x, mask, rate=rate)):
        with pytest.raises(ValueError) as refused:
            call()
        assert str(refused.value) == message
