"""Recurrent layers ported wrongly."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, cause

OPS = "lstm gru rnn_tanh rnn_relu"
GATES = {"lstm": "ifgo", "gru": "rzn"}


def _gate_order(call: Call) -> Iterator[Alternative]:
    gates = GATES[call.name]
    for order in permutations(range(len(gates))):
        if list(order) != sorted(order):
            yield f"gates in the order {','.join(gates[i] for i in order)}", partial(_with, partial(_permuted, order))


def _permuted(order: tuple[int, ...], params: list[Any]) -> list[Any]:
    """JAX reads block k as gate order[k]; torch, with the blocks moved there, computes what JAX does."""
    return [_joined([p.chunk(len(order))[order.index(k)] for k in range(len(order))]) for p in params]


def _joined(blocks: list[Any]) -> Any:
    first = blocks[0]
    whole = first.new_zeros((sum(len(b) for b in blocks), *first.shape[1:]))
    at = 0
    for block in blocks:
        whole[at : at + len(block)] = block
        at += len(block)
    return whole


def _with(change: Callable[[list[Any]], list[Any]], call: Call) -> Any:
    return call.run(params=change(list(call["params"])))


def _biases(call: Call) -> Iterator[Alternative]:
    if call["has_biases"]:
        yield "the recurrent bias left out", partial(_with, lambda ps: _scaled(ps, {3: 0}))
        yield "the input bias left out", partial(_with, lambda ps: _scaled(ps, {2: 0}))
        yield "both biases left out", partial(_with, lambda ps: _scaled(ps, {2: 0, 3: 0}))
        yield "the biases added twice", partial(_with, lambda ps: _scaled(ps, {2: 2, 3: 2}))
        yield "1 added to the forget gate's bias", partial(_with, _forgetting) if call.name == "lstm" else _itself


def _itself(call: Call) -> Any:
    return call.run()


def _scaled(params: list[Any], by: dict[int, float]) -> list[Any]:
    """Each layer and direction has four: two weights, two biases."""
    return [p * by.get(i % 4, 1) for i, p in enumerate(params)]


def _forgetting(params: list[Any]) -> list[Any]:
    return [p + _block(p, 1) if i % 4 == 2 else p for i, p in enumerate(params)]


def _block(like: Any, k: int) -> Any:
    ones = like.new_zeros(like.shape)
    n = len(like) // 4
    ones[k * n : (k + 1) * n] = 1
    return ones


def _weights(call: Call) -> Iterator[Alternative]:
    if all(p.shape[0] // _blocks(call) == p.shape[1] for p in call["params"][1:2]):
        yield "the recurrent weight transposed in each gate", partial(_with, partial(_transposed, _blocks(call), 1))
    if all(p.shape[0] // _blocks(call) == p.shape[1] for p in call["params"][:1]):
        yield "the input weight transposed in each gate", partial(_with, partial(_transposed, _blocks(call), 0))


def _blocks(call: Call) -> int:
    return len(GATES.get(call.name, "h"))


def _transposed(blocks: int, which: int, params: list[Any]) -> list[Any]:
    per_layer = 4 if len(params) % 4 == 0 else 2
    return [_joined([b.T for b in p.chunk(blocks)]) if i % per_layer == which else p for i, p in enumerate(params)]


def _order(call: Call) -> Iterator[Alternative]:
    time = 1 if call["batch_first"] else 0
    yield "time run backward", lambda c: _turned(c.run(input=c["input"].flip(time)), time)
    yield "batch and time exchanged", _exchanged


def _ways(call: Call) -> Iterator[Alternative]:
    """What is easily forgotten of the direction that runs from the end."""
    if call["bidirectional"]:
        yield "the second direction run forward too", partial(_stacked, _one, False, False)
        yield "what the second direction made not turned back", partial(_stacked, _one, True, False)


# One layer and direction: the call, its input, its parameters, its first state.
Layer = Callable[[Call, Any, list[Any], Any], Any]


def _one(call: Call, x: Any, params: list[Any], hx: Any) -> Any:
    return call.run(input=x, hx=hx, params=params, num_layers=1, bidirectional=False)


def _stacked(layer: Layer, turned: bool, turned_back: bool, call: Call) -> Any:
    """All layers and directions, one after the other; ``turned``: the second direction is given its input from the
    end, and what it made is turned back.
    """
    x, time = call["input"], 1 if call["batch_first"] else 0
    ways, states = 2 if call["bidirectional"] else 1, []
    per = len(call["params"]) // (call["num_layers"] * ways)
    for first in range(0, call["num_layers"] * ways, ways):
        sides = []
        for k in range(first, first + ways):
            params, second = list(call["params"][k * per : (k + 1) * per]), k > first
            out, *state = layer(call, x.flip(time) if second and turned else x, params, _state(call["hx"], k))
            sides.append(out.flip(time) if second and turned_back else out)
            states.append(state)
        x = _joined([side.movedim(-1, 0) for side in sides]).movedim(0, -1)
    return (x, *(_joined(list(held)) for held in zip(*states, strict=True)))


def _state(hx: Any, k: int) -> Any:
    return tuple(h[k : k + 1] for h in hx) if isinstance(hx, (tuple, list)) else hx[k : k + 1]


def _turned(out: Any, time: int) -> Any:
    return (out[0].flip(time), *out[1:])


def _exchanged(call: Call) -> Any:
    out = call.run(batch_first=not call["batch_first"])
    return out if out[1].shape == call.run()[1].shape else call.run()


def _reset(call: Call) -> Iterator[Alternative]:
    yield "the reset gate applied to the state before the recurrent weight", _reset_before
    yield "the update gate on the other side, h = z n + (1 - z) h", _updated_otherwise


def _reset_before(call: Call) -> Any:
    return _gru(call, lambda r, z, xn, h, un, bn: ((xn + (r * h) @ un.T + bn).tanh(), z))


def _updated_otherwise(call: Call) -> Any:
    return _gru(call, lambda r, z, xn, h, un, bn: ((xn + r * (h @ un.T + bn)).tanh(), 1 - z))


def _gru(call: Call, step: Callable[..., tuple[Any, Any]]) -> Any:
    """Written out: h' = (1 - z) n + z h with (n, z) of ``step``."""

    def layer(call: Call, x: Any, params: list[Any], hx: Any) -> Any:
        x = x.transpose(0, 1) if call["batch_first"] else x
        w, u, *biases = params
        b, c = biases if biases else (w.new_zeros(len(w)), w.new_zeros(len(w)))
        h, rows = hx[0], []
        for row in x:
            xr, xz, xn = (row @ w.T + b).chunk(3, -1)
            hr, hz, _ = (h @ u.T + c).chunk(3, -1)
            n, z = step((xr + hr).sigmoid(), (xz + hz).sigmoid(), xn, h, u.chunk(3)[2], c.chunk(3)[2])
            h = (1 - z) * n + z * h
            rows.append(h.unsqueeze(0))
        out = _joined(rows)
        return out.transpose(0, 1) if call["batch_first"] else out, h.unsqueeze(0)

    return _stacked(layer, True, True, call)


CAUSES: tuple[Cause, ...] = (
    cause("gate order", "lstm gru", _gate_order),
    cause("reset gate", "gru", _reset),
    cause("recurrent biases", OPS, _biases),
    cause("recurrent weights", OPS, _weights),
    cause("order of time", OPS, _order),
    cause("both directions", OPS, _ways),
)
