"""The two blocks of a transformer between attention and attention: GELU, and the gated SiLU."""

from typing import Any

from ..draws import Rng, normal, weights
from ..table import TINY, Cost, KernelSpec, Sizes


def gelu_block(rng: Rng, *, tokens: int, width: int) -> tuple[Any, ...]:
    """GPT-2's: four times as wide inside."""
    inside = 4 * width
    w_in, w_out = weights(rng, inside, width), weights(rng, width, inside)
    return normal(rng, tokens, width), w_in, 0.1 * normal(rng, inside), w_out, 0.1 * normal(rng, width)


def silu_block(rng: Rng, *, tokens: int, width: int, inside: int) -> tuple[Any, ...]:
    """LLaMA's: a gate, its partner, and the way back, without biases."""
    w_gate, w_up, w_down = weights(rng, inside, width), weights(rng, inside, width), weights(rng, width, inside)
    return normal(rng, tokens, width), w_gate, w_up, w_down


MLP = (
    KernelSpec(
        "gelu_mlp",
        "mlp",
        Sizes("tokens width", cpu=((4, 16), (128, 256), (512, 768)), gpu=((64, 512), (2048, 2048), (8192, 4096))),
        gelu_block,
        # Two products; beside them 2 flops for the biases' sums and one for GELU in every entry.
        lambda tokens, width: Cost(
            16 * tokens * width**2 + 9 * tokens * width, 8 * width**2 + 5 * width + 2 * tokens * width
        ),
        referenced=(TINY,),
    ),
    KernelSpec(
        "silu_mlp",
        "mlp",
        Sizes(
            "tokens width inside",
            cpu=((4, 16, 40), (128, 256, 688), (512, 768, 2048)),
            gpu=((64, 512, 1376), (2048, 2048, 5504), (8192, 4096, 11008)),
        ),
        silu_block,
        lambda tokens, width, inside: Cost(
            6 * tokens * width * inside + 2 * tokens * inside, 3 * width * inside + 2 * tokens * width
        ),
        referenced=(TINY,),
    ),
)
