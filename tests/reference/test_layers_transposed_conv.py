"""Transposed convolution: vjp by complex step, values by scipy.signal, the adjoint of convolution, what is refused."""

import numpy as np
import pytest
from scipy.signal import convolve2d

from reference.layers import conv2d, conv_transpose2d, conv_transpose2d_vjp

from .oracle import assert_vjp_by_complex_step

# x, w, options; no two sizes alike, so that no axis can stand in for another
CASES = [
    ((2, 3, 5, 4), (3, 4, 3, 2), {}),
    ((1, 1, 1, 1), (1, 1, 3, 3), {}),
    ((2, 3, 4, 5), (3, 2, 1, 1), {"stride": (2, 3)}),
    ((2, 3, 3, 4), (3, 5, 4, 2), {"stride": (2, 3)}),
    ((2, 2, 3, 4), (2, 3, 5, 4), {"padding": (2, 1)}),
    ((2, 4, 3, 2), (4, 1, 4, 5), {"stride": (3, 2), "padding": (1, 2)}),
]


def primals_of(x_shape, w_shape):
    rng = np.random.default_rng(34)
    return rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[1])


@pytest.mark.parametrize(("x_shape", "w_shape", "options"), CASES)
def test_vjp(x_shape, w_shape, options):
    x, w, b = primals_of(x_shape, w_shape)
    assert_vjp_by_complex_step(conv_transpose2d, conv_transpose2d_vjp, (x, w, b), **options)
    assert_vjp_by_complex_step(conv_transpose2d, conv_transpose2d_vjp, (x, w, None), **options)


@pytest.mark.parametrize(("x_shape", "w_shape", "options"), CASES)
def test_value_is_scipys_convolution_of_the_widened_picture(x_shape, w_shape, options):
    x, w, b = primals_of(x_shape, w_shape)
    expected = by_scipy(x, w, **options)
    np.testing.assert_allclose(conv_transpose2d(x, w, **options), expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(conv_transpose2d(x, w, b, **options), expected + b[:, None, None], rtol=1e-12)


def by_scipy(x, w, stride=(1, 1), padding=(0, 0)):
    N, C, H, W = x.shape
    wide = np.zeros((N, C, stride[0] * (H - 1) + 1, stride[1] * (W - 1) + 1))
    wide[:, :, :: stride[0], :: stride[1]] = x
    whole = np.array(
        [[sum(convolve2d(p[c], w[c, o]) for c in range(C)) for o in range(w.shape[1])] for p in wide],
    )
    return whole[:, :, padding[0] : whole.shape[2] - padding[0], padding[1] : whole.shape[3] - padding[1]]


def test_it_is_the_adjoint_of_convolution():
    """<conv(x), y> = <x, conv_transpose(y)> with one and the same kernel."""
    rng = np.random.default_rng(35)
    x, w, y = rng.normal(size=(2, 3, 9, 8)), rng.normal(size=(4, 3, 3, 4)), rng.normal(size=(2, 4, 5, 3))
    options = {"stride": (2, 3), "padding": (1, 1)}
    there = np.sum(conv2d(x, w, **options) * y)
    assert np.sum(x * conv_transpose2d(y, w, **options)) == pytest.approx(there, rel=1e-12)


@pytest.mark.parametrize(
    ("w_shape", "options", "message"),
    [
        ((2, 1, 2, 2), {}, "w takes 2 channels; allowed are the 3 of x"),
        ((3, 1, 2, 2), {"stride": (1, 0)}, "stride is (1, 0); allowed are two integers of at least 1"),
        (
            (3, 1, 2, 2),
            {"padding": (-1, 0)},
            "padding is (-1, 0); allowed is from 0 to what leaves some of the 5 x 6 picture",
        ),
        (
            (3, 1, 2, 2),
            {"padding": (0, 3)},
            "padding is (0, 3); allowed is from 0 to what leaves some of the 5 x 6 picture",
        ),
    ],
)
def test_what_is_refused(w_shape, options, message):
    x, w = np.zeros((1, 3, 4, 5)), np.zeros(w_shape)
    with pytest.raises(ValueError) as refused:
        conv_transpose2d(x, w, **options)
    assert str(refused.value) == message
    with pytest.raises(ValueError) as refused:
        conv_transpose2d_vjp(x, x, w, **options)
    assert str(refused.value) == message
