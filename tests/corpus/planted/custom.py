"""One piece of maths for both frameworks: a value and a pullback over an array namespace ``xp``.

``value(xp, *args)`` returns an array or a tuple of them; ``pullback(xp, g, *args)`` one gradient for each argument,
None for an integer one. ``model(xp, op, *args)`` sets the operation into a larger function.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..table import Case, Function, Rng

try:
    import array_api_compat.torch as torch_xp
    import torch
except ImportError:
    torch = None
try:
    import jax
    import jax.numpy as jnp
except ImportError:
    jax = None

EAGER = ("float64-eager",)
BOTH = ("float64-eager", "float64-jit")
SINGLE = ("float32-eager",)
VARIANTS = {"variants": True}


def bug(
    name: str,
    family: str,
    make: Callable[[Rng], tuple[Any, ...]],
    value: Function,
    pullback: Function,
    model: Function | None = None,
    cells: tuple[str, ...] = EAGER,
    **options: Any,
) -> Case:
    """A case whose gradient ``pullback`` is wrong for its ``value``."""
    on_torch = torch and _in(torch_xp, _torch_op(value, pullback), model, name)
    on_jax = jax and _in(jnp, _jax_op(value, pullback), model, name)
    return Case(name, family, make, on_torch, on_jax, options, cells)


def plain(
    name: str,
    family: str,
    make: Callable[[Rng], tuple[Any, ...]],
    f: Function,
    cells: tuple[str, ...] = EAGER,
    **options: Any,
) -> Case:
    """A case whose function ``f(xp, *args)`` is differentiated by the framework itself."""
    on_torch = torch and _in(torch_xp, f, None, name, bound=False)
    on_jax = jax and _in(jnp, f, None, name, bound=False)
    return Case(name, family, make, on_torch, on_jax, options, cells)


def _in(xp: Any, op: Function, model: Function | None, name: str, bound: bool = True) -> Function:
    def function(*args: Any) -> Any:
        if model is not None:
            return model(xp, op, *args)
        return op(*args) if bound else op(xp, *args)

    function.__name__ = function.__qualname__ = name
    return function


def _torch_op(value: Function, pullback: Function) -> Function:
    class Op(torch.autograd.Function):
        @staticmethod
        def forward(*args: Any) -> Any:
            return value(torch_xp, *args)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, *g: Any) -> Any:
            return pullback(torch_xp, g[0] if len(g) == 1 else g, *ctx.saved_tensors)

    def op(*args: Any) -> Any:
        return Op.apply(*args)

    return op


def _jax_op(value: Function, pullback: Function) -> Function:
    def primal(*args: Any) -> Any:
        return value(jnp, *args)

    op = jax.custom_vjp(primal)
    op.defvjp(lambda *args: (primal(*args), args), lambda args, g: pullback(jnp, g, *args))
    return op


def is_torch(x: Any) -> bool:
    return torch is not None and isinstance(x, torch.Tensor)


def stop_gradient(x: Any) -> Any:
    return x.detach() if is_torch(x) else jax.lax.stop_gradient(x)


def compiling(x: Any) -> bool:
    """Whether ``x`` is being traced into a compiled program; differentiation alone wraps numbers that are known."""
    if is_torch(x):
        return torch.compiler.is_compiling()
    while hasattr(x, "primal"):
        x = x.primal
    return isinstance(x, jax.core.Tracer)


def put(a: Any, index: Any, values: Any) -> Any:
    """``a`` with ``values`` written at ``index``: of duplicates one stays."""
    return a.index_put((index,), values) if is_torch(a) else a.at[index].set(values)


def add(a: Any, index: Any, values: Any) -> Any:
    """``a`` with ``values`` added at ``index``: duplicates add up."""
    return a.index_put((index,), values, accumulate=True) if is_torch(a) else a.at[index].add(values)


def sigmoid(xp: Any, x: Any) -> Any:
    return 1 / (1 + xp.exp(-x))


def softmax(xp: Any, x: Any, axis: int = -1) -> Any:
    e = xp.exp(x - stop_gradient(xp.max(x, axis=axis, keepdims=True)))
    return e / xp.sum(e, axis=axis, keepdims=True)


def log_softmax(xp: Any, x: Any) -> Any:
    shifted = x - stop_gradient(xp.max(x, axis=-1, keepdims=True))
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def one_hot(xp: Any, index: Any, like: Any) -> Any:
    """Rows of the identity, as wide as ``like`` and of its dtype."""
    return xp.astype(index[:, None] == xp.arange(like.shape[-1]), like.dtype)


def normal(*shapes: tuple[int, ...], scale: float = 1.0) -> Callable[[Rng], tuple[Any, ...]]:
    return lambda rng: tuple(scale * rng.standard_normal(s) for s in shapes)


def uniform(low: float, high: float, *shapes: tuple[int, ...]) -> Callable[[Rng], tuple[Any, ...]]:
    return lambda rng: tuple(np.asarray(rng.uniform(low, high, s)) for s in shapes)
