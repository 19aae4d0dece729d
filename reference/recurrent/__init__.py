"""Recurrent cells and sequences: the plain network, long short-term memory, the gated recurrent unit."""

from .elman import rnn, rnn_cell, rnn_cell_vjp, rnn_vjp
from .gru import gru, gru_cell, gru_cell_vjp, gru_vjp
from .lstm import lstm, lstm_cell, lstm_cell_vjp, lstm_vjp

__all__ = [
    "gru",
    "gru_cell",
    "gru_cell_vjp",
    "gru_vjp",
    "lstm",
    "lstm_cell",
    "lstm_cell_vjp",
    "lstm_vjp",
    "rnn",
    "rnn_cell",
    "rnn_cell_vjp",
    "rnn_vjp",
]
