"""What the checker of a port speaks of: calls and points of a run, in NumPy, and the form of an output."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Path: TypeAlias = list[dict[str, Array]]

# The names of positional arguments, where an alternative needs to change one.
SIGNATURES = {
    name: tuple(names.split())
    for name, names in {
        "linear": "input weight bias",
        "conv1d": "input weight bias stride padding dilation groups",
        "conv2d": "input weight bias stride padding dilation groups",
        "conv3d": "input weight bias stride padding dilation groups",
        "conv_transpose1d": "input weight bias stride padding output_padding groups dilation",
        "conv_transpose2d": "input weight bias stride padding output_padding groups dilation",
        "layer_norm": "input normalized_shape weight bias eps",
        "rms_norm": "input normalized_shape weight eps",
        "group_norm": "input num_groups weight bias eps",
        "batch_norm": "input running_mean running_var weight bias training momentum eps",
        "instance_norm": "input running_mean running_var weight bias use_input_stats momentum eps",
        "softmax": "input dim",
        "log_softmax": "input dim",
        "gelu": "input",
        "leaky_relu": "input negative_slope",
        "elu": "input alpha",
        "celu": "input alpha",
        "softplus": "input beta threshold",
        "dropout": "input p training",
        "embedding": "input weight padding_idx",
        "flatten": "input start_dim end_dim",
        "masked_fill": "input mask value",
        "where": "condition input other",
        "avg_pool2d": "input kernel_size stride padding ceil_mode count_include_pad",
        "max_pool2d": "input kernel_size stride padding dilation ceil_mode",
        "var": "input dim unbiased",
        "std": "input dim unbiased",
        "mean": "input dim keepdim",
        "sum": "input dim keepdim",
        "lstm": "input hx params has_biases num_layers dropout train bidirectional batch_first",
        "gru": "input hx params has_biases num_layers dropout train bidirectional batch_first",
        "rnn_tanh": "input hx params has_biases num_layers dropout train bidirectional batch_first",
        "rnn_relu": "input hx params has_biases num_layers dropout train bidirectional batch_first",
        "interpolate": "input size scale_factor mode align_corners",
    }.items()
}


@dataclass(frozen=True)
class Call:
    """One call of a torch function: its name, and what it was given."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def tensors(self) -> list[Any]:
        return list(_tensors((self.args, self.kwargs)))

    def __getitem__(self, name: str) -> Any:
        """The argument of this name, None where it was not given."""
        names = SIGNATURES.get(self.name, ())
        return {**dict(zip(names, self.args, strict=False)), **self.kwargs}.get(name)

    def run(self, **changes: Any) -> Any:
        """The call with some arguments changed."""
        names = SIGNATURES.get(self.name, ())[: len(self.args)]
        args = [changes.pop(n) if n in changes else a for n, a in zip(names, self.args, strict=False)]
        return self.function(*args, *self.args[len(names) :], **{**self.kwargs, **changes})

    def put(self, position: int, value: Any) -> Any:
        """The call with one positional argument changed."""
        return self.function(*self.args[:position], value, *self.args[position + 1 :], **self.kwargs)


# What runs in the place of a call.
Edit = Callable[[Call], Any]


def _tensors(x: Any) -> Iterator[Any]:
    if isinstance(x, Mapping):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        for item in x:
            yield from _tensors(item)
    elif hasattr(x, "requires_grad"):
        yield x


@dataclass(frozen=True)
class Point:
    """A value inside the torch module: which call made it, in which submodule, from which earlier points.

    ``closes`` are the submodules whose output it is. ``cotangent`` is None where nothing can be differentiated.
    """

    call: Call
    index: int
    module: str
    closes: tuple[str, ...]
    value: Array
    parents: tuple[int, ...]
    cotangent: Array | None = None

    @property
    def floating(self) -> bool:
        return bool(np.issubdtype(self.value.dtype, np.floating))

    @property
    def place(self) -> str:
        """``encoder.norm`` where the point is that layer's output, ``attn (softmax)`` within one."""
        if self.module in self.closes:
            return self.module
        return f"{self.module} ({self.call.name})" if self.module else self.call.name


@dataclass(frozen=True)
class JaxPoint:
    """A value inside the traced JAX function: the primitive, the scope and the user's line that it comes from."""

    primitive: str
    scope: str
    line: str
    value: Array
    cotangent: Array | None = None

    @property
    def place(self) -> str:
        named = f"{self.scope} ({self.primitive})" if self.scope else self.primitive
        return f"{named} at {self.line}" if self.line else named


@dataclass(frozen=True)
class Narrowing:
    """A step of the JAX function that leaves float64 although everything it was given is float64."""

    dtype: str
    place: str


@dataclass(frozen=True)
class Run:
    """One run of one side. ``start`` is the loss's point; gradients are by name of parameter."""

    points: list[Any]
    output: dict[str, Array]
    structure: str
    loss: Array
    gradients: dict[str, Array]
    input_gradients: list[Array]
    state: dict[str, Array] = field(default_factory=dict)
    start: int | None = None
    taps: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Weights:
    """The linear form that is the loss of an output where the user gives none: every entry has its say."""

    seed: int

    def of(self, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
        rng = np.random.default_rng([self.seed, 7])
        # Multiples of 1/1024: the same numbers in float32.
        return [rng.integers(512, 1536, shape) / 1024 * rng.choice([-1.0, 1.0], shape) for shape in shapes]


@dataclass(frozen=True)
class Trained:
    """What torch's own optimiser did: where the parameters went, with which settings, at which rates (and the next)."""

    path: Path
    kind: str
    settings: dict[str, Any]
    rates: list[float]
