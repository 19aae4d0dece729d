"""A step of training by hand: backpropagation of the references, then v' = mu v + g, p' = p - lr v'."""

from typing import Any

import numpy as np
from pytest_dualfw.reference import (
    conv2d,
    conv2d_vjp,
    cross_entropy,
    cross_entropy_vjp,
    linear,
    linear_vjp,
    max_pool2d,
    max_pool2d_vjp,
    mlp_loss_and_grads,
    relu,
    relu_vjp,
)
from pytest_dualfw.reference.optimisers import SgdState, sgd_step

Array = np.ndarray[Any, Any]
Params = list[tuple[Array, Array]]

LR, MOMENTUM = 0.1, 0.9
POOL = (2, 2)
SAME = (1, 1)


def training_mlp(params: Params, velocity: Params, x: Array, target: Array) -> tuple[Array, Params, Params]:
    """(loss before the step, parameters, velocities); ReLU between the layers, mean cross-entropy after them."""
    loss, grads = mlp_loss_and_grads(x, target, params, activation="relu")
    return loss, *stepped(params, grads, velocity)


def training_cnn(params: Params, velocity: Params, x: Array, target: Array) -> tuple[Array, Params, Params]:
    loss, grads = cnn_loss_and_grads(params, x, target)
    return loss, *stepped(params, grads, velocity)


def cnn_loss_and_grads(params: Params, x: Array, target: Array) -> tuple[Array, Params]:
    """Two blocks of convolution, ReLU and pooling; a linear layer; the mean cross-entropy. Walked back in reverse."""
    (w1, b1), (w2, b2), (w3, b3) = params
    z1, back1 = _block(x, w1, b1)
    z2, back2 = _block(z1, w2, b2)
    flat = z2.reshape(len(x), -1)
    y = linear(flat, w3, b3)
    dy, _ = cross_entropy_vjp(np.ones(()), y, target)
    dflat, dw3, db3 = linear_vjp(dy, flat, w3, b3)
    dz1, dw2, db2 = back2(dflat.reshape(z2.shape))
    _, dw1, db1 = back1(dz1)
    return cross_entropy(y, target), [(dw1, db1), (dw2, db2), (dw3, db3)]


def _block(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """max_pool(relu(conv(x))), and its pullback to x, w and b."""
    a = conv2d(x, w, b, padding=SAME)
    r = relu(a)

    def back(g: Array) -> Any:
        (dr,) = max_pool2d_vjp(g, r, window=POOL)
        (da,) = relu_vjp(dr, a)
        return conv2d_vjp(da, x, w, b, padding=SAME)

    return max_pool2d(r, window=POOL), back


def stepped(params: Params, grads: Any, velocity: Params) -> tuple[Params, Params]:
    """One step of SGD with momentum on each parameter."""
    moved, kept = [], []
    for ps, gs, vs in zip(params, grads, velocity, strict=True):
        pairs = [sgd_step(p, g, SgdState(v), lr=LR, momentum=MOMENTUM) for p, g, v in zip(ps, gs, vs, strict=True)]
        moved.append(tuple(p for p, _ in pairs))
        kept.append(tuple(state.b for _, state in pairs))
    return moved, kept  # type: ignore[return-value]
