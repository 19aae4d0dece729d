"""Whatever cannot be had is told in one sentence, with exit status 4, before anything is collected."""

import pytest

from .helpers import NOT_TO_BE_COLLECTED, assert_usage_error, run, run_apart

UNKNOWN = [
    ("--fw=jx", "--fw names 'jx', which is not a framework; allowed are torch, jax, or all"),
    ("--fw=torch,jx", "--fw names 'jx', which is not a framework; allowed are torch, jax, or all"),
    ("--fw=all,torch", "--fw names 'all', which is not a framework; allowed are torch, jax, or all"),
    ("--fw-device=cuda", "--fw-device names 'cuda', which is not a device; allowed are cpu, gpu, tpu, gpu:1, or all"),
    ("--fw-device=gpu:", "--fw-device names 'gpu:', which is not a device; allowed are cpu, gpu, tpu, gpu:1, or all"),
    ("--fw-device=gpu:x", "--fw-device names 'gpu:x', which is not a device; allowed are cpu, gpu, tpu, gpu:1, or all"),
    ("--fw-device=all,cpu", "--fw-device names 'all', which is not a device; allowed are cpu, gpu, tpu, gpu:1, or all"),
    (
        "--fw-dtype=fp32",
        "--fw-dtype names 'fp32', which is not a dtype; allowed are float64, float32, bfloat16, float16, or all",
    ),
    ("--fw-mode=compiled", "--fw-mode names 'compiled', which is not a mode; allowed are eager, jit, or all"),
    ("--fw-profile=slow", "--fw-profile is 'slow'; allowed are quick, full and nightly"),
    ("--fw-compile-backend=eager", "--fw-compile-backend is 'eager'; allowed are aot_eager and inductor"),
]
EMPTY = [
    ("--fw=", "--fw is empty; allowed are torch and jax, or all"),
    ("--fw=,", "--fw is empty; allowed are torch and jax, or all"),
    ("--fw-device=", "--fw-device is empty; allowed are cpu, gpu and tpu, or all"),
    ("--fw-dtype=", "--fw-dtype is empty; allowed are float64, float32, bfloat16 and float16, or all"),
    ("--fw-mode=", "--fw-mode is empty; allowed are eager and jit, or all"),
]
NUMBERS = [
    ("--fw-seed=x", "--fw-seed is 'x'; give a whole number, 0 or more"),
    ("--fw-seed=-1", "--fw-seed is '-1'; give a whole number, 0 or more"),
    ("--fw-seed=1.5", "--fw-seed is '1.5'; give a whole number, 0 or more"),
    ("--fw-seed=", "--fw-seed is ''; give a whole number, 0 or more"),
    ("--fw-threads=many", "--fw-threads is 'many'; give a whole number, 0 or more"),
]


@pytest.mark.parametrize(("option", "sentence"), [*UNKNOWN, *EMPTY, *NUMBERS])
def test_option(pytester, option, sentence):
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(run(pytester, option), sentence)


@pytest.mark.parametrize(("option", "sentence"), [UNKNOWN[0], EMPTY[0], NUMBERS[0]])
def test_option_under_xdist(pytester, option, sentence):
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(run_apart(pytester, option, "-n", "2"), sentence)


CONFIGURED = [
    ("fw = jx", "fw", "names 'jx', which is not a framework; allowed are torch, jax, or all"),
    (
        "fw_dtype = half",
        "fw_dtype",
        "names 'half', which is not a dtype; allowed are float64, float32, bfloat16, float16, or all",
    ),
    ("fw_mode =", "fw_mode", "is empty; allowed are eager and jit, or all"),
    ("fw_profile = slow", "fw_profile", "is 'slow'; allowed are quick, full and nightly"),
    ("fw_seed = x", "fw_seed", "is 'x'; give a whole number, 0 or more"),
]


@pytest.mark.parametrize(("ini", "key", "complaint"), CONFIGURED, ids=[ini for ini, _, _ in CONFIGURED])
def test_configuration(pytester, ini, key, complaint):
    """The sentence says where the wrong name stands."""
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(run(pytester), f"{key} in pytest's configuration {complaint}")


def test_required_target_that_the_run_has_not(pytester):
    pytester.makeini("[pytest]\nfw_required = jax-gpu\n")
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run(pytester),
        "fw_required names 'jax-gpu', which no target of this run has; "
        "its targets are torch-cpu-float32-eager and jax-cpu-float32-eager",
    )
