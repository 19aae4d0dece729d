"""Long short-term memory: one cell, and 20 to 200 of them, by the framework's loop and unrolled."""

from typing import Any

from ..draws import Rng, normal
from ..table import TINY, Cost, KernelSpec, Sizes


def cell(rng: Rng, *, batch: int, inputs: int, hidden: int) -> tuple[Any, ...]:
    """A state in the middle of a sequence, and weights by torch's law: uniform within 1 / sqrt(hidden)."""
    x, h, c = normal(rng, batch, inputs), 0.5 * rng.uniform(-1, 1, (batch, hidden)), 0.5 * normal(rng, batch, hidden)
    return x, h, c, *gates(rng, inputs, hidden)


def sequence(rng: Rng, *, steps: int, batch: int, width: int) -> tuple[Any, ...]:
    """As many inputs as hidden units; the state starts at 0."""
    state = [0 * normal(rng, batch, width) for _ in range(2)]
    return normal(rng, steps, batch, width), *state, *gates(rng, width, width)


def gates(rng: Rng, inputs: int, hidden: int) -> tuple[Any, ...]:
    limit = hidden**-0.5
    shapes = ((4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,))
    return tuple(rng.uniform(-limit, limit, shape) for shape in shapes)


def cell_flops(batch: int, inputs: int, hidden: int) -> int:
    """Two products and their three sums, five elementary functions, and four operations on the state."""
    return 8 * batch * hidden * (inputs + hidden) + (3 * 4 + 5 + 4) * batch * hidden


def weight_floats(inputs: int, hidden: int) -> int:
    return 4 * hidden * (inputs + hidden + 2)


def sequence_cost(*, steps: int, batch: int, width: int) -> Cost:
    """Reads inputs, weights and a state, writes all hidden states and the last cell's."""
    floats = 2 * steps * batch * width + weight_floats(width, width) + 4 * batch * width
    return Cost(steps * cell_flops(batch, width, width), floats)


SEQUENCES = Sizes(
    "steps batch width",
    cpu=((20, 1, 8), (60, 16, 64), (200, 32, 256)),
    gpu=((20, 1, 128), (60, 32, 512), (200, 64, 1024)),
)


def gradient_terms(*, steps: int, batch: int, **_: int) -> int:
    """The gradient of a bias is a sum over all steps of all sequences."""
    return steps * batch


# A compiler meets every step that is unrolled, and its time grows faster than their number: for 40 steps with their
# gradient XLA takes a minute on one core.
UNROLLED = Sizes(
    "steps batch width",
    cpu=((20, 1, 8), (20, 16, 128), (40, 32, 256)),
    gpu=((20, 1, 128), (60, 32, 512), (200, 64, 1024)),
)

RECURRENT = (
    KernelSpec(
        "lstm_cell",
        "recurrent",
        Sizes(
            "batch inputs hidden",
            cpu=((1, 8, 8), (32, 128, 128), (256, 512, 512)),
            gpu=((1, 128, 128), (64, 512, 512), (1024, 2048, 2048)),
        ),
        cell,
        lambda batch, inputs, hidden: Cost(
            cell_flops(batch, inputs, hidden),
            batch * (inputs + 4 * hidden) + weight_floats(inputs, hidden),
        ),
        referenced=(TINY,),
    ),
    KernelSpec("lstm_scan", "recurrent", SEQUENCES, sequence, sequence_cost, referenced=(TINY,), terms=gradient_terms),
    KernelSpec(
        "lstm_unrolled",
        "recurrent",
        UNROLLED,
        sequence,
        sequence_cost,
        referenced=(TINY,),
        terms=gradient_terms,
        slow_to_compile=True,
    ),
)
