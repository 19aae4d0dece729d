"""Pooling: vjps by the ladder (maximum) and the complex step (mean), values by sliding windows, ties, NaN, padding."""

import numpy as np
import pytest

from reference.layers import avg_pool2d, avg_pool2d_vjp, max_pool2d, max_pool2d_vjp

from .oracle import assert_vjp_by_complex_step, assert_vjp_by_ladder

CASES = [
    ((2, 3, 4, 6), {"window": (2, 3)}),
    ((1, 1, 3, 3), {"window": (3, 3)}),
    ((2, 2, 4, 5), {"window": (1, 1)}),
    ((2, 3, 5, 7), {"window": (2, 3)}),
    ((2, 3, 6, 5), {"window": (3, 2), "stride": (1, 2)}),
    ((2, 3, 5, 4), {"window": (2, 3), "padding": (1, 0)}),
    ((2, 3, 5, 6), {"window": (3, 4), "stride": (2, 1), "padding": (1, 2)}),
    ((2, 1, 2, 2), {"window": (4, 3), "stride": (1, 1), "padding": (3, 2)}),
]
AVERAGES = [(shape, options | {"count_include_pad": flag}) for shape, options in CASES for flag in (True, False)]


def picture(shape):
    """All elements apart, further than the ladder's step, in random order."""
    rng = np.random.default_rng(33)
    return rng.permutation(np.prod(shape)).reshape(shape) / 8 - 3


def windows(x, fill, window, stride=None, padding=(0, 0)):
    """Every window of the padded picture: N,C,OH,OW,KH,KW."""
    s = stride or window
    X = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)], constant_values=fill)
    return np.lib.stride_tricks.sliding_window_view(X, window, axis=(2, 3))[:, :, :: s[0], :: s[1]]


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_max_vjp(shape, options):
    assert_vjp_by_ladder(max_pool2d, max_pool2d_vjp, (picture(shape),), **options)


@pytest.mark.parametrize(("shape", "options"), AVERAGES)
def test_avg_vjp(shape, options):
    assert_vjp_by_complex_step(avg_pool2d, avg_pool2d_vjp, (picture(shape),), **options)


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_max_value(shape, options):
    x = picture(shape)
    assert np.array_equal(max_pool2d(x, **options), windows(x, -np.inf, **options).max(axis=(-2, -1)))
    assert np.iscomplexobj(max_pool2d(x + 0j, **options)), "a complex step passes through"


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_avg_value(shape, options):
    x = picture(shape)
    with_padding = windows(x, 0.0, **options).mean(axis=(-2, -1))
    without = np.nanmean(windows(x, np.nan, **options), axis=(-2, -1))
    np.testing.assert_allclose(avg_pool2d(x, **options), with_padding, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(avg_pool2d(x, **options, count_include_pad=False), without, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    ("x", "options", "dx"),
    [
        ([[1, 1], [1, 1]], {"window": (2, 2)}, [[1, 0], [0, 0]]),
        ([[0, 1], [1, 1]], {"window": (2, 2)}, [[0, 1], [0, 0]]),
        ([[1, 1, 1], [1, 1, 1]], {"window": (2, 2), "stride": (1, 1)}, [[1, 1, 0], [0, 0, 0]]),
        ([[0, 9, 0], [0, 0, 0]], {"window": (2, 2), "stride": (1, 1)}, [[0, 2, 0], [0, 0, 0]]),
        ([[0, np.nan], [np.nan, 9]], {"window": (2, 2)}, [[0, 1], [0, 0]]),
        ([[-np.inf, -np.inf]], {"window": (3, 3), "padding": (1, 1)}, [[1, 0]]),
    ],
)
def test_the_first_of_the_largest_takes_the_gradient(x, options, dx):
    x = np.array([[x]], float)
    g = np.ones_like(max_pool2d(x, **options))
    assert max_pool2d_vjp(g, x, **options)[0][0, 0].tolist() == dx


def test_max_keeps_an_infinite_cotangent_to_one_element():
    g = np.full((1, 1, 1, 1), np.inf)
    (dx,) = max_pool2d_vjp(g, np.arange(4.0).reshape(1, 1, 2, 2), window=(2, 2))
    assert dx.ravel().tolist() == [0, 0, 0, np.inf]


def test_negative_pictures_beat_the_padding():
    assert max_pool2d(np.full((1, 1, 2, 2), -5.0), window=(2, 2), padding=(1, 1)).ravel().tolist() == [-5.0] * 4


def test_nan_under_a_window_gives_nan():
    x = np.array([[[[1.0, np.nan, 2.0, 3.0]]]])
    np.testing.assert_array_equal(max_pool2d(x, window=(1, 2)), [[[[np.nan, 3.0]]]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": (2, 0)}, "window is (2, 0); allowed are two integers of at least 1"),
        ({"window": (2, 2), "stride": (0, 1)}, "stride is (0, 1); allowed are two integers of at least 1"),
        ({"window": (2, 2), "stride": ()}, "stride is (); allowed are two integers of at least 1"),
        ({"window": (2, 2), "padding": (-1, 0)}, "padding is (-1, 0); allowed are two integers of at least 0"),
        (
            {"window": (2, 3), "padding": (2, 0)},
            "padding is (2, 0); allowed is less than the window (2, 3) on each axis",
        ),
        (
            {"window": (3, 2), "padding": (0, 2)},
            "padding is (0, 2); allowed is less than the window (3, 2) on each axis",
        ),
        ({"window": (5, 2)}, "the window spans 5 x 2; the padded input allows 4 x 4"),
    ],
)
@pytest.mark.parametrize(("op", "vjp"), [(max_pool2d, max_pool2d_vjp), (avg_pool2d, avg_pool2d_vjp)])
def test_what_is_refused(op, vjp, options, message):
    x = np.zeros((1, 1, 4, 4))
    with pytest.raises(ValueError) as refused:
        op(x, **options)
    assert str(refused.value) == message
    with pytest.raises(ValueError) as refused:
        vjp(x, x, **options)
    assert str(refused.value) == message
