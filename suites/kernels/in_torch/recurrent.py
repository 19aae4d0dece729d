"""torch's LSTM: the function behind torch.nn.LSTMCell, the one behind torch.nn.LSTM, and a loop over cells."""

from typing import Any

import torch


def lstm_cell(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    return torch.lstm_cell(x, (h, c), w_ih, w_hh, b_ih, b_hh)


def lstm_scan(x: Any, h0: Any, c0: Any, *weights: Any) -> tuple[Any, Any, Any]:
    """The library's loop: torch has no scan. What torch.nn.LSTM calls, which Dynamo would not take as a module."""
    hs, h, c = torch.lstm(x, (h0[None], c0[None]), weights, True, 1, 0.0, True, False, False)
    return hs, h[0], c[0]


def lstm_unrolled(x: Any, h: Any, c: Any, *weights: Any) -> tuple[Any, Any, Any]:
    hs = []
    for x_t in x:
        h, c = torch.lstm_cell(x_t, (h, c), *weights)
        hs.append(h)
    return torch.stack(hs), h, c
