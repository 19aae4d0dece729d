"""torch.nn.Module as a function of its parameters, seen from inside."""

import copy
from collections.abc import Mapping
from typing import Any

import torch

from ..taps import tap
from .base import Function


def functional(module: torch.nn.Module) -> Function:
    """``f(params, *inputs)``: ``params`` by the names of ``state_dict``; what is not there is the module's own.

    The output of every submodule is tapped under its dotted name, and in train mode the new value of every floating
    buffer under the buffer's (running statistics). The module itself stays as it is: a copy of it carries the hooks.
    """
    hooked = copy.deepcopy(module)
    for name, submodule in hooked.named_modules():
        if name:
            submodule.register_forward_hook(_tapping(name))
    own = dict(hooked.named_buffers())
    training = hooked.training

    def call(params: Mapping[str, Any], *inputs: Any) -> Any:
        # A step of training writes into the buffers, which have no gradient: into copies of them.
        buffers = {name: params.get(name, b).detach().clone() for name, b in own.items()}
        out = torch.func.functional_call(hooked, {**params, **buffers}, inputs)
        if training:
            for name, buffer in buffers.items():
                if buffer.is_floating_point():
                    tap(name, buffer)
        return out

    return call


def _tapping(name: str) -> Function:
    def hook(module: torch.nn.Module, inputs: Any, output: Any) -> Any:
        return tap(name, output)

    return hook
