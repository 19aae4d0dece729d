"""Rows of the recurrent cells, and of sequences of them."""

from typing import Any

import numpy as np

from ..table import Make, OpSpec, Sample
from ._draws import Rng

BATCH, INPUTS, HIDDEN = 2, 3, 5


def cell(gates: int, states: int = 1, *, bias: bool = True) -> Make:
    """One step's input and states, and the weights of ``gates`` gates."""
    return drawn((BATCH, INPUTS), gates, states, bias)


def sequence(steps: int, gates: int, states: int = 1, *, bias: bool = True) -> Make:
    return drawn((steps, BATCH, INPUTS), gates, states, bias)


def saturated(gates: int, states: int = 1) -> Make:
    """The gates of every other unit are pushed to one of their ends, where the slope of a gate is next to nothing."""

    def make(rng: Rng) -> tuple[Any, ...]:
        *before, b_ih, b_hh = cell(gates, states)(rng)
        push = rng.choice([-30.0, 30.0], size=gates * HIDDEN) * np.tile(np.arange(HIDDEN) % 2, gates)
        return *before, b_ih + push, b_hh

    return make


def drawn(shape: tuple[int, ...], gates: int, states: int, bias: bool) -> Make:
    def make(rng: Rng) -> tuple[Any, ...]:
        before = [rng.uniform(-1, 1, size=(BATCH, HIDDEN)) for _ in range(states)]
        w_ih, w_hh = (rng.normal(size=(gates * HIDDEN, width)) / 2 for width in (INPUTS, HIDDEN))
        b_ih, b_hh = (rng.normal(size=gates * HIDDEN) / 2 if bias else None for _ in range(2))
        return rng.normal(size=shape), *before, w_ih, w_hh, b_ih, b_hh

    return make


def cell_row(name: str, gates: int, states: int = 1) -> OpSpec:
    """torch.func.vmap knows none of these operators, hence no primal is ``batched``."""
    samples = (
        Sample("plain", cell(gates, states), batched=()),
        Sample("saturated", saturated(gates, states), batched=()),
        Sample("no_bias", cell(gates, states, bias=False), batched=()),
    )
    return OpSpec(name, "recurrent", samples)


def sequence_row(name: str, gates: int, states: int = 1) -> OpSpec:
    """As ``cell_row``."""
    samples = (
        Sample("5_steps", sequence(5, gates, states), batched=()),
        Sample("1_step", sequence(1, gates, states), batched=()),
        Sample("12_steps", sequence(12, gates, states), batched=()),
        Sample("no_bias", sequence(5, gates, states, bias=False), batched=()),
    )
    return OpSpec(name, "recurrent", samples)


RECURRENT = (
    cell_row("rnn_cell", 1),
    cell_row("lstm_cell", 4, 2),
    cell_row("gru_cell", 3),
    sequence_row("rnn", 1),
    sequence_row("lstm", 4, 2),
    sequence_row("gru", 3),
)
