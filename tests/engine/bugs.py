"""Functions with planted bugs that a first-order check at one input cannot see."""


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

    def in_torch(x):
        import torch

        class Cube(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x.abs() ** 3

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return g * 3 * x**2

        return Cube.apply(x).sum()

    def in_jax(x):
        import jax
        import jax.numpy as jnp

        @jax.custom_vjp
        def cube(x):
            return jnp.abs(x) ** 3

        cube.defvjp(lambda x: (jnp.abs(x) ** 3, x), lambda x, g: (g * 3 * x**2,))
        return cube(x).sum()

    return in_torch if fw == "torch" else in_jax


def relu_sum(fw):
    """No bug: both frameworks take the slope 0 at the kink."""

    def in_torch(x):
        import torch

        return torch.relu(x).sum()

    def in_jax(x):
        import jax

        return jax.nn.relu(x).sum()

    return in_torch if fw == "torch" else in_jax
