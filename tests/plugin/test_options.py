"""Ini keys mirror the options, the command line wins, and both are read wherever pytest reads options."""

import pytest

from .helpers import ADDS_ONE, assert_lines, outcomes, run

J64 = {"test_adds_one[jax-cpu-float64-jit]": "passed"}


@pytest.mark.parametrize(
    "ini",
    [
        "fw = jax\nfw_device = cpu\nfw_dtype = float64\nfw_mode = jit",
        "addopts = --fw=jax --fw-dtype=float64 --fw-mode=jit",
        "addopts = --fw jax --dtype float64 --mode jit --device cpu",
        "fw = jax\naddopts = --mode=jit --dtype=float64",
    ],
)
def test_configuration(pytester, ini):
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester)) == J64


@pytest.mark.parametrize("written", ["jax, torch", "jax torch", "\n  jax\n  torch", "jax,torch,"])
def test_lists_in_the_configuration(pytester, written):
    pytester.makeini(f"[pytest]\nfw = {written}\n")
    pytester.makepyfile(ADDS_ONE)
    assert list(outcomes(run(pytester))) == [f"test_adds_one[{fw}-cpu-float32-eager]" for fw in ("jax", "torch")]


@pytest.mark.parametrize("toml", ['fw = "jax"', 'fw = ["jax"]', 'fw = ["jax"]\nfw_dtype = ["float32"]\nfw_seed = "3"'])
def test_pyproject(pytester, toml):
    pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\n{toml}\n")
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester)) == {"test_adds_one[jax-cpu-float32-eager]": "passed"}


@pytest.mark.parametrize(
    ("toml", "args"),
    [
        ('fw = ["jax"]\nfw_dtype = ["float64"]\nfw_mode = ["jit"]', []),
        (
            'fw = ["jax"]\nfw_dtype = ["float64"]\nfw_mode = ["jit"]\nfw_seed = "3"\nfw_tf32 = false\nfw_threads = "1"',
            [],
        ),
    ],
)
def test_native_toml(pytester, toml, args):
    """[tool.pytest], which pytest 9 reads with TOML's own types."""
    if tuple(map(int, pytest.__version__.split(".")[:2])) < (9, 0):
        pytest.skip("needs pytest 9")
    pytester.makepyprojecttoml(f"[tool.pytest]\n{toml}\n")
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester, *args)) == J64


def test_the_command_line_wins(pytester):
    pytester.makeini("[pytest]\nfw = torch\nfw_dtype = float32\nfw_mode = eager\nfw_seed = 3\nfw_profile = full\n")
    pytester.makepyfile(ADDS_ONE)
    result = run(pytester, "--fw=jax", "--dtype=float64", "--fw-mode", "jit", "--fw-seed=4", "--fw-profile=quick")
    assert outcomes(result) == J64
    assert any("profile quick, seed 4 (" in line for line in result.outlines)


def test_one_key_overridden_on_the_command_line(pytester):
    pytester.makeini("[pytest]\nfw = torch\nfw_dtype = float64\n")
    pytester.makepyfile(ADDS_ONE)
    result = run(pytester, "-o", "fw=jax", "-o", "fw_mode=jit")
    assert outcomes(result) == J64


def test_a_key_alone_on_the_command_line_wakes(pytester):
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester, "-o", "fw=jax")) == {"test_adds_one[jax-cpu-float32-eager]": "passed"}


def test_the_environment(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--fw=jax --dtype=float64 --fw-mode=jit")
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester)) == J64


def test_header(pytester):
    from importlib.metadata import version

    pytester.makepyfile(ADDS_ONE)
    result = run(pytester, "--fw=jax", "--fw-seed=5", "--fw-mode=all", "--fw-tf32", "--fw-threads=2")
    assert_lines(
        result,
        f"dualfw: {version('pytest-dualfw')}, jax {version('jax')}, profile quick, seed 5 (replay with --fw-seed=5)",
        "dualfw targets: jax-cpu-float32-eager, jax-cpu-float32-jit",
        "dualfw numerics: TF32 allowed, deterministic algorithms, x64 on float64 targets only, 2 CPU threads, "
        "torch.compile by aot_eager",
    )


def test_quiet_says_nothing_in_the_header(pytester):
    pytester.makepyfile(ADDS_ONE)
    assert not [line for line in run(pytester, "--fw=jax", "-qq").outlines if line.startswith("dualfw:")]


def test_nothing_of_the_configuration_is_unknown_to_pytest(pytester):
    """Also while the plugin sleeps, and where unknown keys are errors."""
    pytester.makeini("[pytest]\naddopts = --strict-config -p no:dualfw\nfw = jax\nfw_required = jax\nfw_report = out\n")
    pytester.makepyfile("def test_plain(): pass")
    assert outcomes(run(pytester)) == {"test_plain": "passed"}
