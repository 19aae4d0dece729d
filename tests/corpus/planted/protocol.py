"""The contract of a pullback: linear in the cotangent, the saved values left alone, the forward pass's own mask."""

from typing import Any

from ..table import Case, Function
from .custom import BOTH, bug, jax, normal, softmax, torch, uniform
from .elementwise import tanh
from .entries import cosine, sine
from .losses import mse
from .precision import logsumexp

COTANGENT = "cotangent ignored or changed"
SAVED = "saved values changed"
MASK = "mask redrawn"


def ignored(slope: Function) -> Function:
    """The gradient for the cotangent one."""
    return lambda xp, g, x: (slope(xp, x),)


def mse_ignored_vjp(xp: Any, g: Any, y: Any, t: Any) -> Any:
    """A scalar loss whose cotangent is taken for one."""
    dy = 2 * (y - t) / (y.shape[0] * y.shape[1])
    return dy, -dy


def sine_and_cosine(xp: Any, x: Any) -> Any:
    return xp.sin(x), xp.cos(x)


def second_ignored(xp: Any, g: Any, x: Any) -> Any:
    """The second output's cotangent is ignored."""
    return (g[0] * xp.cos(x),)


def averaged_cotangent(xp: Any, g: Any, x: Any) -> Any:
    """Every entry gets the cotangents' mean."""
    return (xp.mean(g) * xp.cos(x),)


def clipped_entries(xp: Any, g: Any, x: Any) -> Any:
    """The cotangent is clipped to [-1, 1]."""
    return (xp.clip(g, -1, 1) * xp.cos(x),)


def clipped_norm(xp: Any, g: Any, x: Any) -> Any:
    """The gradient is scaled to norm one."""
    d = g * (1 - xp.tanh(x) ** 2)
    return (d / xp.clip(xp.sqrt(xp.sum(d**2)), 1, None),)


def magnified(xp: Any, op: Function, x: Any) -> Any:
    return 50 * op(x)


def overwritten(xp: Any, x: Any, y: Any) -> Any:
    return xp.sin(x) + xp.sin(y)


def overwritten_vjp(xp: Any, g: Any, x: Any, y: Any) -> Any:
    """The value saved for x was overwritten by the second call's."""
    return g * xp.cos(y), g * xp.cos(y)


def saved_after_step(xp: Any, g: Any, x: Any) -> Any:
    """exp reads its own result after that was doubled in place."""
    return (2 * g * xp.exp(x),)


def dropped(seed: int, columns: Function) -> Function:
    """Dropout on JAX with a mask of one key, over all entries or, with one column, over rows."""

    def f(x: Any) -> Any:
        keep = jax.random.bernoulli(jax.random.PRNGKey(seed), 0.5, (x.shape[0], columns(x)))
        return 2 * x * keep.astype(x.dtype)

    return f


def redrawn_on_jax(columns: Function) -> Function:
    """The backward pass draws its mask from another key."""
    forward = jax.custom_vjp(dropped(3, columns))
    forward.defvjp(lambda x: (dropped(3, columns)(x), None), lambda _, g: (dropped(4, columns)(g),))

    def dropout(x: Any) -> Any:
        return forward(x)

    return dropout


def redrawn_on_torch(columns: Function) -> Function:
    """The backward pass draws its mask anew."""

    class Dropout(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            own = torch.Generator(device=x.device).manual_seed(3)
            keep = torch.rand(x.shape[0], columns(x), generator=own, device=x.device) < 0.5
            return 2 * x * keep

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g * (torch.rand(g.shape[0], columns(g), device=g.device) < 0.5)

    def dropout(x: Any) -> Any:
        return Dropout.apply(x)

    return dropout


def redrawn(name: str, columns: Function) -> Case:
    on_torch, on_jax = torch and redrawn_on_torch(columns), jax and redrawn_on_jax(columns)
    return Case(name, MASK, normal((16, 5)), on_torch, on_jax)


def torch_only(name: str, family: str, build: Function) -> Case:
    return Case(name, family, uniform(0.2, 1.2, (3, 4)), torch and build(), None)


def cotangent_in_place() -> Function:
    """Multiplies the cotangent in place, which another branch reads later."""

    class Sine(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.sin(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g.mul_(torch.cos(ctx.saved_tensors[0])).clone()

    def cotangent_in_place(x: Any) -> Any:
        return torch.tanh(x) + Sine.apply(x)

    return cotangent_in_place


def residual_in_place() -> Function:
    """The cotangent of the skip connection is zeroed in place where a mask drops it."""

    class Relu(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return (x - 0.7).clamp(min=0)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g.masked_fill_(ctx.saved_tensors[0] < 0.7, 0)

    def residual_in_place(x: Any) -> Any:
        return torch.exp(x) + Relu.apply(x)

    return residual_in_place


def saved_in_place() -> Function:
    """A buffer on ctx, unseen by autograd, is multiplied in place: the second pass over a graph is wrong."""

    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = torch.exp(x)
            ctx.y = y.detach().clone()
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return ctx.y.mul_(g).clone()

    def saved_in_place(x: Any) -> Any:
        return Exp.apply(x)

    return saved_in_place


def saved_of_neighbour() -> Function:
    """The backward pass writes through .data to an input that another branch has saved."""

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.x = x.data
            return x**2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.x.mul_(2)

    def saved_of_neighbour(x: Any) -> Any:
        y = x.clone()
        return torch.sin(y) + Square.apply(y)

    return saved_of_neighbour


WAVE = uniform(0.2, 1.2, (3, 4))
ROWS = normal((3, 5))

CASES: tuple[Case, ...] = (
    bug("cotangent_ignored_by_sine", COTANGENT, WAVE, sine, ignored(cosine), cells=BOTH),
    bug("cotangent_ignored_by_mse", COTANGENT, normal((3, 4), (3, 4)), mse, mse_ignored_vjp),
    bug("cotangent_ignored_by_logsumexp", COTANGENT, ROWS, logsumexp, ignored(softmax)),
    bug("cotangent_of_second_output", COTANGENT, WAVE, sine_and_cosine, second_ignored, cells=BOTH),
    bug("cotangent_averaged", COTANGENT, WAVE, sine, averaged_cotangent),
    bug("cotangent_clipped", COTANGENT, WAVE, sine, clipped_entries, magnified),
    bug("gradient_norm_clipped", COTANGENT, normal((3, 4)), tanh, clipped_norm, magnified),
    bug("saved_overwritten", SAVED, normal((8,), (8,)), overwritten, overwritten_vjp, cells=BOTH),
    bug("saved_output_doubled", SAVED, WAVE, lambda xp, x: xp.exp(x), saved_after_step),
    redrawn("dropout_redrawn", lambda x: x.shape[1]),
    redrawn("drop_path_redrawn", lambda x: 1),
    torch_only("cotangent_in_place", COTANGENT, cotangent_in_place),
    torch_only("residual_in_place", COTANGENT, residual_in_place),
    torch_only("saved_in_place", SAVED, saved_in_place),
    torch_only("saved_of_neighbour", SAVED, saved_of_neighbour),
)
