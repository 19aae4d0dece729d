"""Markers as values: which targets they mean, and what they do not take."""

import pytest

from pytest_dualfw import Target, Tolerance, markers

KNOWN = ("torch", "jax")
CPU, GPU = Target("jax", "cpu", "float32", "eager"), Target("torch", "gpu", "float64", "jit")


def mark(name, *args, **kwargs):
    return getattr(pytest.mark, name)(*args, **kwargs).mark


@pytest.mark.parametrize(
    ("given", "on_cpu", "on_gpu"),
    [
        (mark("fw_only"), True, True),
        (mark("fw_only", "jax"), True, False),
        (mark("fw_only", "torch", "jax"), True, True),
        (mark("fw_only", "torch", fw="jax"), True, True),
        (mark("fw_skip", fw=("torch",)), False, True),
        (mark("fw_skip", device="gpu"), False, True),
        (mark("fw_skip", device=["cpu", "gpu"], mode="eager"), True, False),
        (mark("fw_xfail", dtype="float64", raises=ValueError), False, True),
        (mark("fw_xfail", dtype=("float32", "bfloat16"), strict=False), True, False),
        (mark("fw_skip", fw="jax", device="gpu"), False, False),
    ],
)
def test_selects(given, on_cpu, on_gpu):
    chosen = markers.selector(given, KNOWN)
    assert (chosen.selects(CPU), chosen.selects(GPU)) == (on_cpu, on_gpu)


def test_the_index_does_not_matter():
    assert markers.selector(mark("fw_only", device="gpu"), KNOWN).selects(Target("jax", "gpu", index=1))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (mark("fw_only", 3), "fw_only(3) names an unknown fw 3; allowed are torch, jax and both"),
        (
            mark("fw_only", "jax", dev="gpu"),
            "fw_only('jax', dev='gpu') has an unknown argument 'dev'; allowed are fw, device, dtype and mode",
        ),
        (
            mark("fw_skip", "r", mode="jit"),
            "fw_skip('r', mode='jit') takes no positional argument; allowed are fw, device, dtype, mode and reason",
        ),
        (
            mark("fw_xfail", device="gpu:1"),
            "fw_xfail(device='gpu:1') names an unknown device 'gpu:1'; allowed are cpu, gpu and tpu",
        ),
        (
            mark("fw_requires", mem=1),
            "fw_requires(mem=1) has an unknown argument 'mem'; allowed are torch, jax, memory_gb and reason",
        ),
        (
            mark("fw_tolerance", atol=1),
            "fw_tolerance(atol=1): Tolerance(rtol=0, atol=1) carries no reason; "
            "pass why=, one clause that says why the derived bound is unfit",
        ),
    ],
)
def test_malformed(given, sentence):
    with pytest.raises(markers.MarkerError) as caught:
        markers.check(given, KNOWN)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("given", [mark("skip", reason="r"), mark("parametrize", "x", [1]), mark("fw_jax")])
def test_marks_that_are_not_ours_are_left_alone(given):
    markers.check(given, KNOWN)


def test_a_third_framework_is_known():
    assert markers.selector(mark("fw_only", "mlx"), (*KNOWN, "mlx")).selects(Target("mlx"))


def test_tolerance():
    assert markers.tolerance(mark("fw_tolerance", rtol=0.1, why="coarse")) == Tolerance(rtol=0.1, why="coarse")


def test_plain_marks():
    assert markers.plain_marks(GPU) == ["fw_torch", "fw_gpu", "fw_float64", "fw_jit"]
    assert markers.plain_marks(Target("both")) == ["fw_torch", "fw_jax", "fw_both", "fw_cpu", "fw_float32", "fw_eager"]
