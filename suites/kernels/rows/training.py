"""A step of training: forward, loss, backward, SGD with momentum; of an MLP and of a small CNN."""

from itertools import pairwise
from typing import Any

from ..draws import Rng, normal, weights
from ..table import INDEX_BYTES, TINY, Cost, KernelSpec, Sizes


def mlp(rng: Rng, *, batch: int, inputs: int, hidden: int, classes: int) -> tuple[Any, ...]:
    widths = (inputs, hidden, hidden, classes)
    params = [(weights(rng, out, into), 0.1 * normal(rng, out)) for into, out in pairwise(widths)]
    return params, velocities(rng, params), normal(rng, batch, inputs), rng.integers(0, classes, batch)


def cnn(rng: Rng, *, batch: int, channels: int, side: int, classes: int) -> tuple[Any, ...]:
    """Two convolutions of 3 x 3, each followed by ReLU and pooling, and a linear layer."""
    flat = 2 * channels * (side // 4) ** 2
    shapes = ((channels, 3, 3, 3), (2 * channels, channels, 3, 3), (classes, flat))
    params = [(weights(rng, *shape), 0.1 * normal(rng, shape[0])) for shape in shapes]
    return params, velocities(rng, params), normal(rng, batch, 3, side, side), rng.integers(0, classes, batch)


def velocities(rng: Rng, params: Any) -> Any:
    """The momentum of gradients met before."""
    return [tuple(1e-2 * normal(rng, *p.shape) for p in pair) for pair in params]


def mlp_cost(*, batch: int, inputs: int, hidden: int, classes: int) -> Cost:
    """Each product of the forward pass comes back as two, but for the first, whose input needs no gradient.

    A parameter takes 4 operations of SGD; parameters and velocities are read and written.
    """
    products = [into * out for into, out in pairwise((inputs, hidden, hidden, classes))]
    entries = sum(products) + 2 * hidden + classes
    flops = 2 * batch * (3 * sum(products) - products[0]) + 4 * entries
    return Cost(flops, 4 * entries + batch * inputs + 1, other=INDEX_BYTES * batch)


def cnn_cost(*, batch: int, channels: int, side: int, classes: int) -> Cost:
    """As for the MLP: the taps of each convolution at each place forward, twice backward, the first one once."""
    first = 27 * channels * side**2
    second = 18 * channels**2 * (side // 2) ** 2
    flat = 2 * channels * (side // 4) ** 2
    entries = 27 * channels + 18 * channels**2 + flat * classes + 3 * channels + classes
    flops = 2 * batch * (2 * first + 3 * second + 3 * flat * classes) + 4 * entries
    return Cost(flops, 4 * entries + batch * 3 * side**2 + 1, other=INDEX_BYTES * batch)


TRAINING = (
    KernelSpec(
        "training_mlp",
        "training",
        Sizes(
            "batch inputs hidden classes",
            cpu=((4, 8, 8, 4), (64, 64, 128, 10), (512, 784, 512, 10)),
            gpu=((64, 64, 128, 10), (512, 784, 1024, 10), (8192, 784, 4096, 10)),
        ),
        mlp,
        mlp_cost,
        backward=False,
        donate=(0, 1),
    ),
    KernelSpec(
        "training_cnn",
        "training",
        Sizes(
            "batch channels side classes",
            cpu=((2, 2, 8, 4), (16, 8, 32, 10), (64, 32, 32, 10)),
            gpu=((16, 16, 32, 10), (128, 32, 32, 10), (1024, 64, 32, 10)),
        ),
        cnn,
        cnn_cost,
        backward=False,
        donate=(0, 1),
        referenced=(TINY,),
        # of a mean over the batch: what the places of one picture add up to
        terms=lambda batch, channels, side, classes: side,
        # one place's part of the mean over the batch: what flows back there, up to 0.05, times what goes in, up to 5
        turnover=lambda batch, channels, side, classes: 1 / (4 * batch),
    ),
)
