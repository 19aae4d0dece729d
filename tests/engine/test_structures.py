"""Trees, complex numbers, integers, several outputs, modules, functions without a forward rule."""

from collections import namedtuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import library

from pytest_dualfw import GradientMismatch, check_grads

from . import bugs

FRAMEWORKS = ["torch", "jax"]
DTYPES = ["float64", "float32", "bfloat16", "float16"]
Pair = namedtuple("Pair", "first second")
rng = np.random.default_rng(0)
x = rng.normal(size=(3, 4))
w = rng.normal(size=(4, 2))
z = rng.normal(size=5) + 1j * rng.normal(size=5)


def xp(fw):
    return torch if fw == "torch" else jnp


def names(report):
    return {c.what for c in report.checks}


@pytest.mark.parametrize("mode", ["eager", "jit"])
@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_trees_in_and_out(fw, mode):
    def fn(params, pair):
        y = pair.first @ params["w"] + params["b"][0]
        return {"out": y, "parts": (y.sum(), [pair.second * 2])}

    params = {"w": w, "b": [np.ones(2)]}
    report = check_grads(fn, params, Pair(x, np.float64(3.0)), fw=f"{fw}-cpu-float64-{mode}", seed=1)
    assert report.verdict == "pass"
    leaves = {"<dparams['w'], u>", "<dparams['b'][0], u>", "<dpair[0], u>", "<dpair[1], u>"}
    assert leaves <= names(report)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_every_dtype(fw, dtype):
    report = check_grads(lambda x: xp(fw).tanh(x), x, fw=f"{fw}-cpu-{dtype}", seed=1)
    assert report.verdict == "pass"
    assert {c.oracle for c in report.checks} == {"difference ladder"} | (
        {"float64 rerun"} if dtype != "float64" else set()
    )


@pytest.mark.parametrize("mode", ["eager", "jit"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_complex_numbers(fw, dtype, mode):
    target = f"{fw}-cpu-{dtype}-{mode}"
    assert check_grads(lambda z: xp(fw).exp(z) * z, z, fw=target, seed=1).verdict == "pass"
    assert check_grads(lambda z: abs(z) ** 2, z, fw=target, seed=1).verdict == "pass"
    assert check_grads(lambda x: xp(fw).fft.fft(x), x, fw=target, seed=1).verdict == "pass"


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_conjugate_forgotten_is_found(fw):
    """JAX's cotangents are the conjugates of torch's."""
    square = bugs.custom(fw, lambda z: z * z, lambda g, z: 2 * g * (z if fw == "torch" else z.conj()))
    with pytest.raises(GradientMismatch, match=r"d\w+\[\d\] on"):
        check_grads(square, z, fw=f"{fw}-cpu-float64", seed=1)


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_reference_of_a_complex_function(fw):
    report = check_grads(
        lambda z: z * z,
        z,
        fw=f"{fw}-cpu-float64",
        reference=lambda z: z * z,
        reference_vjp=lambda g, z: (2 * g * np.conj(z),),
        seed=1,
    )
    assert [(c.what, c.verdict) for c in report.checks] == [("out", "pass"), ("dz", "pass")]


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_complex_argument_has_no_complex_step(fw):
    report = check_grads(lambda z: z * z, z, fw=f"{fw}-cpu-float64", reference=lambda z: z * z, seed=1)
    note = next(c.note for c in report.checks if c.oracle == "complex step")
    assert note == "an argument is complex"
    assert report.verdict == "pass"


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_integers_and_booleans_pass_through(fw):
    def fn(table, rows, mask):
        picked = table[rows]
        return xp(fw).where(mask, picked, 0 * picked), rows + 1, mask

    rows, mask = np.array([0, 2, 2]), np.array([[True], [False], [True]])
    assert check_grads(fn, x, rows, mask, fw=f"{fw}-cpu-float64", seed=1).verdict == "pass"


def test_the_parameters_of_a_module():
    layer = torch.nn.Linear(4, 2, dtype=torch.float64)
    params = {k: v.detach().numpy() for k, v in layer.state_dict().items()}

    def fn(params, x):
        return torch.func.functional_call(layer, params, (x,))

    report = check_grads(fn, params, x, fw="torch-cpu-float64", seed=1)
    assert report.verdict == "pass"
    assert {"<dparams['weight'], u>", "<dparams['bias'], u>"} <= names(report)


def test_a_custom_op_of_torch():
    @library.custom_op("dualfw_tests::cubed", mutates_args=())
    def cubed(x: torch.Tensor) -> torch.Tensor:
        return x**3

    cubed.register_fake(torch.empty_like)

    def backward(ctx, g):
        return 2 * g * ctx.x**2

    def setup(ctx, inputs, output):
        (ctx.x,) = inputs

    cubed.register_autograd(backward, setup_context=setup)
    for mode in ("eager", "jit"):
        with pytest.raises(GradientMismatch, match=r"ratio     0\.666667"):
            check_grads(lambda x: cubed(x), x, fw=f"torch-cpu-float64-{mode}", seed=1)


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_what_has_no_forward_rule_is_named(fw):
    sine = bugs.custom(fw, xp(fw).sin, lambda g, x: g * xp(fw).cos(x))
    report = check_grads(sine, x, fw=f"{fw}-cpu-float64", variants=True, seed=1)
    assert report.verdict == "pass"
    unable = [c for c in report.checks if c.oracle == "forward mode" and not c.heading]
    assert [c.verdict for c in unable] == ["unsupported"]
    assert "gradients by forward mode: " in str(report).partition("not checked:")[2]


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_what_second_order_leaves_out_is_named(fw):
    report = check_grads(lambda z: abs(z) ** 2, z, fw=f"{fw}-cpu-float64", order=2, seed=1)
    notes = {c.oracle: c.note for c in report.checks if c.heading}
    assert notes["symmetry of the Hessian"].startswith("an argument is complex")


def test_a_wrong_forward_rule_is_found():
    @jax.custom_jvp
    def sine(x):
        return jnp.sin(x)

    sine.defjvp(lambda primals, tangents: (jnp.sin(primals[0]), -tangents[0] * jnp.cos(primals[0])))
    with pytest.raises(GradientMismatch, match="sign flipped"):
        check_grads(sine, x, fw="jax-cpu-float64", seed=1)


def test_a_forward_rule_that_is_not_the_backward_rule():
    class Sine(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return torch.sin(x)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx, g):
            return g * torch.cos(ctx.saved_tensors[0])

        @staticmethod
        def jvp(ctx, u):
            return u * torch.sin(ctx.saved_tensors[0])

    assert check_grads(Sine.apply, x, fw="torch-cpu-float64", seed=1).verdict == "pass"
    with pytest.raises(GradientMismatch) as caught:
        check_grads(Sine.apply, x, fw="torch-cpu-float64", variants=True, seed=1)
    assert {c.oracle for c in caught.value.report.failures if not c.heading} == {"forward mode"}


def test_a_function_that_is_differentiable_once_is_not_zero_twice():
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    report = check_grads(Square.apply, x, fw="torch-cpu-float64", order=2, seed=1)
    second = [c for c in report.checks if c.heading == "second order"]
    assert [(c.verdict, c.note) for c in second] == [
        ("unsupported", "RuntimeError: a backward in it is marked once_differentiable")
    ]


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_two_frameworks_are_compared_where_both_are_given(fw):
    both = {"torch": torch.sin, "jax": jnp.sin}
    report = check_grads(both, x, fw=f"{fw}-cpu-float32", seed=1)
    other = "jax" if fw == "torch" else "torch"
    assert [c.what for c in report.checks if c.oracle == f"function on {other}"] == [
        "out",
        "darg0" if fw == "torch" else "dx",
    ]
    wrong = {**both, other: {"torch": torch.cos, "jax": jnp.cos}[other]}
    with pytest.raises(GradientMismatch, match=f"disagrees with the function on {other}"):
        check_grads(wrong, x, fw=f"{fw}-cpu-float32", seed=1)
    with pytest.raises(GradientMismatch, match=f"disagrees with the function on {other}"):
        check_grads(wrong, x, fw=f"{fw}-cpu-float32", reference_vjp=lambda g, x: (g * np.cos(x),), seed=1)
