"""The reference's step of AdamW on each parameter in turn."""

from typing import Any

import numpy as np
from pytest_dualfw.reference.optimisers import AdamState, adamw_step

Arrays = list[np.ndarray[Any, Any]]

LR = 1e-3


def adamw(p: Arrays, g: Arrays, m: Arrays, v: Arrays, t: Arrays) -> tuple[Arrays, Arrays, Arrays, Arrays]:
    """(p, m, v, t) after one more step; t counts the steps, one number for each parameter."""
    moved, states = [], []
    for p_i, g_i, m_i, v_i, t_i in zip(p, g, m, v, t, strict=True):
        p_i, state = adamw_step(p_i, g_i, AdamState(round(float(t_i)), m_i, v_i), lr=LR)
        moved.append(p_i)
        states.append(state)
    return moved, [s.m for s in states], [s.v for s in states], [np.array(float(s.t)) for s in states]


adamw_foreach = adamw_fused = adamw
