"""AdamW as a user of JAX writes it: a pure step, mapped over the parameters."""

import math
from typing import Any

import jax
import jax.numpy as jnp

LR, BETAS, EPS, DECAY = 1e-3, (0.9, 0.999), 1e-8, 1e-2


def adamw(p: Any, g: Any, m: Any, v: Any, t: Any) -> tuple[Any, Any, Any, Any]:
    moved = jax.tree.map(_one, p, g, m, v, t)
    return tuple(jax.tree.map(lambda _, new, k=k: new[k], p, moved) for k in range(4))


def _one(p: Any, g: Any, m: Any, v: Any, t: Any) -> tuple[Any, Any, Any, Any]:
    t = t + 1
    m = BETAS[0] * m + (1 - BETAS[0]) * g
    v = BETAS[1] * v + (1 - BETAS[1]) * g * g
    m_hat, v_hat = (s / -jnp.expm1(t * math.log(beta)) for s, beta in zip((m, v), BETAS, strict=True))
    return p - LR * (m_hat / (jnp.sqrt(v_hat) + EPS) + DECAY * p), m, v, t
