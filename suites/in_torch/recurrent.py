"""torch's recurrent networks: the functions behind torch.nn's cells, and the modules of torch.nn for sequences."""

from collections.abc import Callable
from typing import Any

import torch

PARAMETERS = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def rnn_cell(x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    return torch.rnn_tanh_cell(x, h, w_ih, w_hh, b_ih, b_hh)


def lstm_cell(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    return torch.lstm_cell(x, (h, c), w_ih, w_hh, b_ih, b_hh)


def gru_cell(x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    return torch.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh)


def rnn(x: Any, h0: Any, *weights: Any) -> tuple[Any, Any]:
    hs, h = _sequence(torch.nn.RNN, torch.rnn_tanh, x, h0[None], weights)
    return hs, h[0]


def lstm(x: Any, h0: Any, c0: Any, *weights: Any) -> tuple[Any, Any, Any]:
    hs, *state = _sequence(torch.nn.LSTM, torch.lstm, x, (h0[None], c0[None]), weights)
    h, c = state if len(state) == 2 else state[0]
    return hs, h[0], c[0]


def gru(x: Any, h0: Any, *weights: Any) -> tuple[Any, Any]:
    hs, h = _sequence(torch.nn.GRU, torch.gru, x, h0[None], weights)
    return hs, h[0]


def _sequence(module: Any, function: Callable[..., Any], x: Any, state: Any, weights: Any) -> Any:
    """``module`` in eager mode; compiled, the function that the module calls: Dynamo takes no module of these."""
    given = [w for w in weights if w is not None]
    biased = len(given) == len(PARAMETERS)
    if torch.compiler.is_compiling():
        return function(x, state, given, biased, 1, 0.0, True, False, False)
    net = module(x.shape[-1], weights[1].shape[-1], bias=biased, device="meta")
    return torch.func.functional_call(net, dict(zip(PARAMETERS, given, strict=False)), (x, state))
