"""Three small models as each library keeps them: torch's names and layouts here, those usual in JAX there."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_dualfw.exchange import Renaming, Row
from pytest_dualfw.layouts import FLATTENED, LAYOUTS, RESHAPED, Shape, flattened

_LAYOUT = {layout.name: layout for layout in LAYOUTS}
TRANSPOSED = _LAYOUT["transposed"]
SQUEEZED = _LAYOUT["squeezed"]
GATES = "gates i,f,g,o <-> i,g,f,o"


@dataclass(frozen=True)
class Model:
    """``here`` are the shapes of torch's ``state_dict``, ``there`` those of JAX's parameters, ``inputs`` those of x."""

    name: str
    here: Mapping[str, Shape]
    there: Mapping[str, Shape]
    renaming: Renaming
    inputs: Shape

    def __str__(self) -> str:
        return self.name

    @property
    def op_name(self) -> str:
        return f"exchange {self.name}"


# Two images of three channels; convolved, doubled by a transposed convolution, flattened: two channels of 9 x 9.
CHANNELS, SIDE, OUTPUTS = (3, 4, 2), 9, 5
CNN = Model(
    "cnn",
    {
        "conv.weight": (4, 3, 3, 3),
        "conv.bias": (4,),
        "up.weight": (4, 2, 3, 3),
        "up.bias": (2,),
        "fc.weight": (5, 2 * SIDE**2),
        "fc.bias": (5,),
    },
    {
        "conv/kernel": (3, 3, 3, 4),
        "conv/bias": (4,),
        "up/kernel": (3, 3, 4, 2),
        "up/bias": (2,),
        "fc/kernel": (2 * SIDE**2, 5),
        "fc/bias": (5,),
    },
    Renaming(
        (
            Row("conv.weight", "conv/kernel", _LAYOUT["OIHW <-> HWIO"]),
            Row("conv.bias", "conv/bias"),
            Row("up.weight", "up/kernel", _LAYOUT["IOHW <-> HWIO, flipped"]),
            Row("up.bias", "up/bias"),
            Row("fc.weight", "fc/kernel", flattened(FLATTENED[0], CHANNELS[-1])),
            Row("fc.bias", "fc/bias"),
        )
    ),
    (2, 3, 4, 4),
)

# Three steps, four features. Torch keeps two biases of a cell and stacks i, f, g, o; the other i, g, f, o.
FEATURES, HIDDEN = 4, 4
LSTM = Model(
    "lstm",
    {
        "cell.weight_ih": (16, 4),
        "cell.weight_hh": (16, 4),
        "cell.bias_ih": (16,),
        "cell.bias_hh": (16,),
    },
    {"input/w": (4, 16), "state/w": (4, 16), "input/b": (16,), "state/b": (16,)},
    Renaming(
        (
            Row("cell.weight_ih", "input/w", _LAYOUT[f"{GATES}, transposed"]),
            Row("cell.weight_hh", "state/w", _LAYOUT[f"{GATES}, transposed"]),
            Row("cell.bias_ih", "input/b", _LAYOUT[f"{GATES}, bias"]),
            Row("cell.bias_hh", "state/b", _LAYOUT[f"{GATES}, bias"]),
        )
    ),
    (2, 3, 4),
)

# Five places of eight features, two heads.
EMBEDDING, HEADS = 8, 2
ATTENTION = Model(
    "attention",
    {
        "attention.in_proj_weight": (24, 8),
        "attention.in_proj_bias": (24,),
        "attention.out_proj.weight": (8, 8),
        "attention.out_proj.bias": (8,),
        "norm.weight": (8,),
        "norm.bias": (8,),
    },
    {
        **{f"{part}/kernel": (8, 2, 4) for part in ("query", "key", "value")},
        "qkv/bias": (3, 2, 4),
        "out/kernel": (2, 4, 8),
        "out/bias": (8,),
        "norm/scale": (1, 1, 8),
        "norm/bias": (1, 1, 8),
    },
    Renaming(
        (
            *(
                Row("attention.in_proj_weight", f"{part}/kernel", _LAYOUT["heads (HD,E) <-> (E,H,D)"], (k, 3))
                for k, part in enumerate(("query", "key", "value"))
            ),
            Row("attention.in_proj_bias", "qkv/bias", RESHAPED),
            Row("attention.out_proj.weight", "out/kernel", _LAYOUT["heads (E,HD) <-> (H,D,E)"]),
            Row("attention.out_proj.bias", "out/bias"),
            Row("norm.weight", "norm/scale", SQUEEZED),
            Row("norm.bias", "norm/bias", SQUEEZED),
        )
    ),
    (2, 5, 8),
)

MODELS = (CNN, LSTM, ATTENTION)
