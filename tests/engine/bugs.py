"""Functions with planted bugs, and the means to plant them."""


def custom(fw, value, pullback):
    """``value(x)`` whose backward pass is ``pullback(g, x)``; without a forward rule."""

    def in_torch():
        import torch

        class Op(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return value(x)

            @staticmethod
            def backward(ctx, g):
                return pullback(g, *ctx.saved_tensors)

        return Op.apply

    def in_jax():
        import jax

        op = jax.custom_vjp(value)
        op.defvjp(lambda x: (value(x), x), lambda x, g: (pullback(g, x),))
        return op

    return in_torch() if fw == "torch" else in_jax()


def detached_second_order(fw):
    """x**3 whose gradient 3 x**2 is written with one factor detached: right in value, wrong once differentiated."""

    def in_torch(x):
        import torch

        class Cube(torch.autograd.Function):
            @staticmethod
            def forward(x):
                return x**3

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(*inputs)

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return g * 3 * x * x.detach()

        return Cube.apply(x).sum()

    def in_jax(x):
        import jax

        @jax.custom_vjp
        def cube(x):
            return x**3

        cube.defvjp(lambda x: (x**3, x), lambda x, g: (g * 3 * x * jax.lax.stop_gradient(x),))
        return cube(x).sum()

    return in_torch if fw == "torch" else in_jax


def wrong_for_negative_input(fw):
    """abs(x)**3 whose gradient forgets the sign: right for positive input only."""
    cube = custom(fw, lambda x: abs(x) ** 3, lambda g, x: g * 3 * x**2)
    return lambda x: cube(x).sum()


def relu_sum(fw):
    """No bug: both frameworks take the slope 0 at the kink."""

    def in_torch(x):
        import torch

        return torch.relu(x).sum()

    def in_jax(x):
        import jax

        return jax.nn.relu(x).sum()

    return in_torch if fw == "torch" else in_jax
