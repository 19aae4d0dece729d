"""What is measured is right first: both modes, values and gradients, against the reference or in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from pytest_dualfw import frameworks
from pytest_dualfw.frameworks.base import Framework
from pytest_dualfw.kernels.checking import KernelMismatch
from pytest_dualfw.kernels.inputs import FEW, LIMIT, how_many
from pytest_dualfw.kernels.measure import Options, measure, take
from pytest_dualfw.kernels.model import KernelTiming, Work
from pytest_dualfw.kernels.pairs import Stop
from pytest_dualfw.target import Target
from pytest_dualfw.tolerance import Tolerance

SHORT = Stop(max_time=0.05, min_time=0.0)
CHECKED = "not now"
X = np.random.default_rng(0).normal(size=(6, 5))


def on(fw, dtype="float32"):
    return frameworks.framework(Target(fw, dtype=dtype))


def checked(fn, *args, fw="jax", dtype="float32", **options):
    """Measures nothing; returns what was checked."""
    found = []
    measure(on(fw, dtype), fn, args, Options(not_timed=CHECKED, record=found.append, **options))
    return found


def wrong(fn, *args, **options):
    with pytest.raises(KernelMismatch) as error:
        checked(fn, *args, **options)
    return str(error.value), error.value.checks


@pytest.mark.parametrize("fw", ["torch", "jax"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_both_modes_are_checked_on_every_dtype(fw, dtype):
    found = checked(lambda x: x * x + x, X, fw=fw, dtype=dtype)
    assert [c.what for c in found] == [
        f"{name}, {mode}: {what}"
        for name, whats in (("forward", ["out"]), ("forward+backward", ["out", "dx"]))
        for mode in ("eager", "jit")
        for what in whats
    ]
    assert {c.verdict for c in found} == {"pass"}
    assert {c.oracle for c in found} == {"float64 rerun"}


def test_a_reference_and_its_vjp_judge_where_they_are_given():
    found = checked(jnp.sin, X, reference=np.sin, reference_vjp=lambda g, x: (g * np.cos(x),))
    assert {(c.what.rpartition(" ")[2], c.oracle) for c in found} == {("out", "reference"), ("dx", "reference vjp")}
    found = checked(jnp.sin, X, reference=np.sin)
    assert {c.oracle for c in found if c.what.endswith("out")} == {"reference"}
    assert {c.oracle for c in found if not c.what.endswith("out")} == {"float64 rerun"}


def test_only_jit_is_wrong():
    def fn(x):
        return x * 3 if isinstance(x, jax.core.Tracer) else x * 2

    message, (check,) = wrong(fn, X, reference=lambda x: x * 2, backward=False)
    assert message.splitlines()[:2] == [
        "fn is not timed, because its result is wrong (forward, jit)",
        f"{check.discrepancy.place} on jax-cpu-float32 disagrees with the reference",
    ]
    assert "ratio     1.5" in message


def test_only_the_gradient_is_wrong():
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 3

    message, checks = wrong(lambda x: Double.apply(x), X, fw="torch", reference_vjp=lambda g, x: (2 * g,))
    assert message.startswith("<lambda> is not timed, because its result is wrong (forward+backward, eager)")
    assert [c.what for c in checks] == ["forward+backward, eager: dx"]


def test_a_mode_that_returns_another_structure():
    def fn(x):
        return (x, x) if isinstance(x, jax.core.Tracer) else x

    message, _ = wrong(fn, X, backward=False)
    assert message == (
        "fn is not timed, because its result is wrong (forward, jit)\n"
        "forward, jit: structure on jax-cpu-float32 returned out[0], out[1], expected out"
    )


def test_a_tolerance_replaces_the_bound():
    message, _ = wrong(jnp.sin, X, reference=lambda x: np.sin(x) + 1e-3, backward=False)
    assert "disagrees with the reference" in message
    loose = Tolerance(atol=1e-2, why="planted")
    checked(jnp.sin, X, reference=lambda x: np.sin(x) + 1e-3, tolerance=loose, backward=False)


def test_an_output_that_cannot_be_checked_has_no_time():
    def single(x):
        return x.astype(jnp.float32) * 2

    told = measure(on("jax"), single, (X,), Options(backward=False, stop=SHORT)).forward
    assert told.status == "invalid"
    (reason,) = told.reasons
    assert reason.startswith(
        "the output was not checked: no reference was given and the function fails in float64 (WrongResult: "
    )
    assert reason.endswith("; pass reference=")
    told = measure(on("jax"), single, (X,), Options(backward=False, stop=SHORT, reference=lambda x: 2 * x)).forward
    assert told.status in ("ok", "noisy")


@pytest.mark.parametrize("fw", ["torch", "jax"])
def test_trees_and_integers_go_in_and_out(fw):
    def fn(tree, i):
        return {"rows": tree["w"][i], "all": tree["w"].sum() * tree["b"]}

    found = checked(fn, {"w": X, "b": np.float64(2.0)}, np.array([0, 2, 2]), fw=fw)
    assert {c.what.rpartition(": ")[2] for c in found} == {
        "out['rows']",
        "out['all']",
        "dtree['w']",
        "dtree['b']",
    }
    assert {c.verdict for c in found} == {"pass"}


@pytest.mark.parametrize("fw", ["torch", "jax"])
def test_a_timing_holds_what_its_pass_was_made_of(fw):
    taken = take(on(fw), lambda x, w: x @ w, (X, X.T), Options(stop=SHORT, name="product", params={"n": 6}))
    timing = taken.timing
    assert (timing.kernel, timing.framework, timing.device, timing.dtype) == ("product", fw, "cpu", "float32")
    assert timing.params == {"n": 6}
    assert timing.environment["threads"] == 1
    for measured in timing.passes:
        if measured.status == "invalid":
            continue
        samples = taken.samples[measured.name]
        assert len(samples.a) == len(samples.b) == measured.eager.count == measured.ratio.pairs >= 3
        assert measured.eager.minimum == min(samples.a)
        assert measured.jit.q1 <= measured.jit.median <= measured.jit.q3
        assert measured.stop_reason == samples.stop_reason
        assert measured.work.flops == pytest.approx({"forward": 360, "forward+backward": 1080}[measured.name], rel=0.2)
    assert KernelTiming.from_json(timing.to_json()) == timing


def test_nothing_is_timed_where_it_is_said_so():
    taken = take(on("jax"), lambda x: x * 2, (X,), Options(not_timed="because"))
    assert [(p.status, p.reasons, p.eager) for p in taken.timing.passes] == 2 * [("checked", ("because",), None)]
    assert taken.samples == {}


def test_work_and_roofline():
    class Roof:
        def floor(self, work):
            return 1e-12

        def share(self, work, seconds):
            return work.flops / seconds / 1e12

    asked = []
    options = Options(
        backward=False, stop=SHORT, work=Work(60, 240, "row"), roofline=lambda fw: asked.append(fw) or Roof()
    )
    told = measure(on("jax"), lambda x: x * 2, (X,), options).forward
    assert told.work == Work(60, 240, "row")
    assert told.roofline == pytest.approx(60 / told.jit.median / 1e12)
    assert asked[0].mode == "jit"


def test_a_kernel_whose_work_nobody_counts_needs_no_roofline():
    def unknown(fw):
        raise AssertionError("measured the machine for nothing")

    told = measure(on("torch"), lambda x: x * 2, (X,), Options(backward=False, stop=SHORT, roofline=unknown)).forward
    assert (told.work, told.roofline) == (None, None)


def test_loops_are_not_counted_by_xla():
    """Its cost analysis counts the body of a loop once."""

    def loop(x, w):
        return jax.lax.fori_loop(0, 10, lambda i, c: c @ w, x)

    timer, args = on("jax").timer(), (jnp.ones((4, 4)), jnp.ones((4, 4)))
    assert timer.flops(loop, args) is None
    assert timer.flops(lambda x, w: x @ w, args) == (pytest.approx(128, rel=0.2), "XLA's cost analysis")
    assert timer.flops(lambda x, w: x + w, args) is None


def test_what_the_kernel_raises_is_passed_on():
    def breaks(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        checked(breaks, X)


def test_arguments_that_are_no_arrays():
    with pytest.raises(TypeError) as error:
        checked(lambda x, s: x, X, "text")
    assert str(error.value) == "s is of type str; allowed are NumPy arrays, numbers, and trees of them"


def test_an_adaptor_without_a_timer():
    with pytest.raises(TypeError) as error:
        Framework.timer(on("jax"))
    assert str(error.value) == "jax has no timer; kernel_benchmark measures frameworks whose adaptor has one"


@pytest.mark.parametrize(
    ("size", "cache", "count"),
    [
        (4000, None, FEW),
        (LIMIT, None, 2),
        (LIMIT // 3, None, 3),
        (2**20, 50 * 2**20, 251),
        (100 * 2**20, 50 * 2**20, FEW),
        (4, 50 * 2**20, 256),
    ],
)
def test_how_many_sets_are_taken_in_turn(size, cache, count):
    assert how_many(size, cache) == count
