"""Running statistics ported wrongly: what batch norm keeps for later, which no output shows in train mode."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, argument, cause
from .norms import parts

MOMENTA = (0.1, 0.9, 0.01, 0.99, 0.05, 0.001)


def _convention(call: Call) -> Iterator[Alternative]:
    m = call["momentum"]
    if m is not None:
        words = f"momentum {m:g} as the share of the old value, as flax and Keras mean it, instead of the new"
        yield words, lambda c: c.run(momentum=1 - c["momentum"])


def _kept(call: Call) -> Iterator[Alternative]:
    yield "the running variance from the biased variance, divided by n", partial(_updated, 0)
    yield "the running statistics not updated", lambda c: c.run(momentum=0.0)


def _updated(correction: int, call: Call) -> Any:
    running, m = call["running_var"], call["momentum"]
    before = running.detach().clone()
    out = call.run()
    p = parts(call)
    var = p.x.detach().var(p.axes, correction=correction)
    running.data.copy_((1 - m) * before + m * var)
    return out


STATE_CAUSES: tuple[Cause, ...] = (
    cause("convention of momentum", "batch_norm instance_norm", _convention),
    cause("running statistics", "batch_norm", _kept),
    cause("momentum", "batch_norm instance_norm", argument("momentum", "momentum", *MOMENTA)),
)
