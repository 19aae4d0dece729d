"""Convolution: vjp by the complex step, values by scipy.signal, every option."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from reference.layers import conv2d, conv2d_vjp

from .oracle import assert_vjp_by_complex_step

# x, w, options; no two sizes alike, so that no axis can stand in for another
CASES = [
    ((2, 3, 5, 4), (4, 3, 3, 2), {}),
    ((1, 1, 3, 3), (1, 1, 3, 3), {}),
    ((2, 1, 4, 5), (3, 1, 1, 1), {}),
    ((2, 3, 7, 6), (2, 3, 3, 2), {"stride": (2, 3)}),
    ((2, 2, 4, 3), (3, 2, 3, 2), {"padding": (2, 1)}),
    ((2, 2, 7, 6), (3, 2, 3, 2), {"dilation": (2, 3)}),
    ((2, 4, 5, 4), (6, 2, 2, 3), {"groups": 2}),
    ((1, 3, 4, 4), (6, 1, 2, 2), {"groups": 3}),
    ((2, 4, 8, 9), (6, 2, 3, 2), {"stride": (3, 2), "padding": (1, 2), "dilation": (2, 3), "groups": 2}),
]


def primals_of(x_shape, w_shape):
    rng = np.random.default_rng(32)
    return rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])


@pytest.mark.parametrize(("x_shape", "w_shape", "options"), CASES)
def test_vjp(x_shape, w_shape, options):
    x, w, b = primals_of(x_shape, w_shape)
    assert_vjp_by_complex_step(conv2d, conv2d_vjp, (x, w, b), **options)
    assert_vjp_by_complex_step(conv2d, conv2d_vjp, (x, w, None), **options)


@pytest.mark.parametrize(("x_shape", "w_shape", "options"), CASES)
def test_value_is_scipys_correlation(x_shape, w_shape, options):
    x, w, b = primals_of(x_shape, w_shape)
    expected = by_scipy(x, w, **options)
    np.testing.assert_allclose(conv2d(x, w, **options), expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(conv2d(x, w, b, **options), expected + b.reshape(1, -1, 1, 1), rtol=1e-12, atol=1e-13)


def by_scipy(x, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    per_group, filters = w.shape[1], w.shape[0] // groups
    return np.array(
        [
            [
                sum(
                    plane(picture[o // filters * per_group + c], w[o, c], stride, padding, dilation)
                    for c in range(per_group)
                )
                for o in range(w.shape[0])
            ]
            for picture in x
        ]
    )


def plane(picture, kernel, stride, padding, dilation):
    """All overlaps of the picture with the kernel holed by zeros, then those that padding and stride leave."""
    holed = np.zeros([d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation, strict=True)])
    holed[:: dilation[0], :: dilation[1]] = kernel
    full = correlate2d(picture, holed, mode="full")
    rows, cols = (
        slice(k - 1 - p, n - (k - 1 - p), s)
        for k, p, n, s in zip(holed.shape, padding, full.shape, stride, strict=True)
    )
    return full[rows, cols]


def test_the_kernel_is_not_flipped():
    x = np.arange(4.0).reshape(1, 1, 2, 2)
    w = np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(1, 1, 2, 2)
    assert conv2d(x, w).item() == 0 * 1 + 1 * 10 + 2 * 100 + 3 * 1000


def test_groups_keep_channels_apart():
    x = np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
    assert conv2d(x, np.ones((2, 1, 1, 1)), groups=2).ravel().tolist() == [1.0, 10.0]


def test_an_empty_batch_gives_an_empty_output():
    x, w, b = np.zeros((0, 3, 5, 4)), np.ones((2, 3, 2, 2)), np.ones(2)
    assert conv2d(x, w, b).shape == (0, 2, 4, 3)
    dx, dw, db = conv2d_vjp(np.zeros((0, 2, 4, 3)), x, w, b)
    assert dx.shape == x.shape
    assert not dw.any()
    assert not db.any()


@pytest.mark.parametrize(
    ("w_shape", "options", "message"),
    [
        ((6, 4, 3, 3), {"stride": (0, 1)}, "stride is (0, 1); allowed are two integers of at least 1"),
        ((6, 4, 3, 3), {"stride": (1,)}, "stride is (1,); allowed are two integers of at least 1"),
        ((6, 4, 3, 3), {"padding": (0, -1)}, "padding is (0, -1); allowed are two integers of at least 0"),
        ((6, 4, 3, 3), {"dilation": (1, 0)}, "dilation is (1, 0); allowed are two integers of at least 1"),
        ((6, 4, 0, 3), {}, "window is (0, 3); allowed are two integers of at least 1"),
        ((6, 4, 3, 3), {"dilation": (1, 3)}, "the window spans 3 x 7; the padded input allows 5 x 6"),
        ((6, 4, 3, 3), {"dilation": (3, 1)}, "the window spans 7 x 3; the padded input allows 5 x 6"),
        ((6, 1, 3, 3), {"groups": 4}, "groups is 4; allowed are divisors of the 4 channels and of the 6 filters"),
        ((6, 1, 3, 3), {"groups": 3}, "groups is 3; allowed are divisors of the 4 channels and of the 6 filters"),
        ((6, 4, 3, 3), {"groups": 0}, "groups is 0; allowed are divisors of the 4 channels and of the 6 filters"),
        ((6, 4, 3, 3), {"groups": 2}, "w has 4 channels per filter; allowed is 2, that is 4 / 2"),
    ],
)
def test_what_is_refused(w_shape, options, message):
    x, w = np.zeros((1, 4, 5, 6)), np.zeros(w_shape)
    with pytest.raises(ValueError) as refused:
        conv2d(x, w, **options)
    assert str(refused.value) == message
    with pytest.raises(ValueError) as refused:
        conv2d_vjp(np.zeros((1, 1, 1, 1)), x, w, **options)
    assert str(refused.value) == message
