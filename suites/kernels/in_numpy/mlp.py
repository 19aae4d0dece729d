"""y = GELU(x w_in^T + b_in) w_out^T + b_out, and y = (SiLU(x w_gate^T) x w_up^T) w_down^T: chains of references."""

from typing import Any

import numpy as np
from pytest_dualfw.reference import gelu, gelu_vjp, linear, linear_vjp, silu, silu_vjp

Array = np.ndarray[Any, Any]


def gelu_mlp(x: Array, w_in: Array, b_in: Array, w_out: Array, b_out: Array) -> Array:
    """x (N,E), w_in (4E,E), b_in (4E,), w_out (E,4E), b_out (E,); the exact GELU."""
    return linear(gelu(linear(x, w_in, b_in)), w_out, b_out)


def gelu_mlp_vjp(g: Array, x: Array, w_in: Array, b_in: Array, w_out: Array, b_out: Array) -> tuple[Array | None, ...]:
    a = linear(x, w_in, b_in)
    dz, dw_out, db_out = linear_vjp(g, gelu(a), w_out, b_out)
    (da,) = gelu_vjp(dz, a)
    dx, dw_in, db_in = linear_vjp(da, x, w_in, b_in)
    return dx, dw_in, db_in, dw_out, db_out


def silu_mlp(x: Array, w_gate: Array, w_up: Array, w_down: Array) -> Array:
    """x (N,E), w_gate and w_up (H,E), w_down (E,H). Source: N. Shazeer, GLU variants improve transformer (2020)."""
    return linear(silu(linear(x, w_gate)) * linear(x, w_up), w_down)


def silu_mlp_vjp(g: Array, x: Array, w_gate: Array, w_up: Array, w_down: Array) -> tuple[Array, ...]:
    """The product of the two branches hands each the cotangent times the other; x gets a gradient through both."""
    a, up = linear(x, w_gate), linear(x, w_up)
    dz, dw_down, _ = linear_vjp(g, silu(a) * up, w_down)
    (da,) = silu_vjp(dz * up, a)
    dx_gate, dw_gate, _ = linear_vjp(da, x, w_gate)
    dx_up, dw_up, _ = linear_vjp(dz * silu(a), x, w_up)
    return dx_gate + dx_up, dw_gate, dw_up, dw_down
