"""torch.nn.utils.prune and torch.optim.SGD."""

from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune

from ..pruning import SGD, SIZES, Problem, Step


def trainer(fw: Any, problem: Problem) -> Step:
    """``step()``: dL/dp of both weights, p after the step, and the weights that the layers compute with."""
    layers: Any = [nn.Linear(n, m) for n, m in pairwise(SIZES)]
    for layer, w, b, mask in zip(layers, problem.weights, problem.biases, problem.masks, strict=True):
        layer.weight, layer.bias = nn.Parameter(fw.asarray(w)), nn.Parameter(fw.asarray(b))
        prune.custom_from_mask(layer, "weight", fw.asarray(mask))  # type: ignore[no-untyped-call]
    network = nn.Sequential(layers[0], nn.Tanh(), layers[1])
    settings: Any = SGD
    optimiser = torch.optim.SGD(network.parameters(), **settings)
    x, y = fw.asarray(problem.x), fw.asarray(problem.y)
    loss_of = fw.compile(lambda x, y: F.cross_entropy(network(x), y))

    def step() -> tuple[list[Any], list[Any], list[Any]]:
        optimiser.zero_grad()
        loss_of(x, y).backward()
        gradients = [layer.weight_orig.grad.clone() for layer in layers]
        optimiser.step()
        with torch.no_grad():
            network(x)  # its hook computes the weights anew
        kept = [layer.weight_orig.detach().clone() for layer in layers]
        return gradients, kept, [layer.weight.detach().clone() for layer in layers]

    return step
