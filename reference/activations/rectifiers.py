"""Activations that pass positive inputs unchanged: ReLU, leaky ReLU, ELU; elementwise, of any shape.

``g`` is the cotangent of the output and has its shape. At 0 each vjp takes the slope of the negative side.
"""

import numpy as np

from ..arrays import Array


def relu(x: Array) -> Array:
    """Rectified linear unit max(x, 0).

    Source: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.
    """
    return np.where(x.real <= 0, 0, x)


def relu_vjp(g: Array, x: Array) -> tuple[Array]:
    """1 for x > 0 and 0 for x < 0; at the kink x = 0, where any slope in [0, 1] is a subgradient, 0."""
    return (np.where(x.real <= 0, 0, g),)


def leaky_relu(x: Array, *, slope: float = 0.01) -> Array:
    """Leaky rectified linear unit: x for x > 0, ``slope`` x otherwise.

    Source: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.
    """
    return np.where(x.real > 0, x, slope * x)


def leaky_relu_vjp(g: Array, x: Array, *, slope: float = 0.01) -> tuple[Array]:
    """1 for x > 0 and ``slope`` for x < 0; at the kink x = 0 ``slope``, as torch, where JAX takes 1."""
    return (np.where(x.real > 0, g, slope * g),)


def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """Exponential linear unit: x for x > 0, ``alpha`` (exp(x) - 1) otherwise.

    Source: Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by ELUs, ICLR 2016, eq. 14.
    """
    return np.where(x.real > 0, x, alpha * np.expm1(_negative_part(x)))


def elu_vjp(g: Array, x: Array, *, alpha: float = 1.0) -> tuple[Array]:
    """1 for x > 0 and ``alpha`` exp(x) otherwise; at x = 0 that is ``alpha``, a kink unless ``alpha`` is 1.

    JAX reaches the same exponential as ``alpha`` + elu(x), which cancels: below -38 its gradient is 0.
    """
    return (np.where(x.real > 0, g, g * alpha * np.exp(_negative_part(x))),)


def _negative_part(x: Array) -> Array:
    """x where it is negative, 0 elsewhere, where its exponential is not wanted and could overflow."""
    return np.where(x.real > 0, 0, x)
