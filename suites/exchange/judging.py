"""What a model's output may be: parameters that are drawn, a run in the target's dtype, the float64 run and a bound."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pytest_dualfw.tolerance import Floats, conditioned_bound, jitter_spread

from .models import Model

Array = np.ndarray[Any, Any]
Params = dict[str, Array]


def drawn(model: Model, fw: Any, rng: np.random.Generator) -> Params:
    """Parameters of torch's names in the target's dtype; scaled so that nothing saturates."""
    params = {name: rng.normal(size=shape) / max(shape[-1], 4) ** 0.5 for name, shape in model.here.items()}
    return {name: fw.to_numpy(fw.asarray(p)) for name, p in params.items()}


def same_bits(a: Params, b: Params) -> bool:
    return a.keys() == b.keys() and all(
        (x.dtype, x.shape, x.tobytes()) == (b[name].dtype, b[name].shape, b[name].tobytes()) for name, x in a.items()
    )


def ran(fw: Any, f: Callable[..., Any], params: Any, x: Array) -> Array:
    output: Array = fw.to_numpy(fw.compile(f)(params, fw.asarray(x)))
    return output


def judged(fw: Any, module: Any, params: Params, x: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """The output in float64, and how far one in the target's dtype may lie from it."""
    exact = fw.at(dtype="float64", mode="eager")
    model = exact.functional(module)

    def run(leaves: list[Any]) -> list[Any]:
        *values, last = [exact.asarray(leaf) for leaf in leaves]
        return [exact.to_numpy(model(dict(zip(params, values, strict=True)), last))]

    with exact.scope():
        leaves: list[Floats] = [leaf.astype(np.float64) for leaf in (*params.values(), x)]
        (expected,), (spread,) = jitter_spread(run, leaves, fw.dtype, rng)
    return expected, conditioned_bound(expected, spread, fw.dtype)
