"""What wakes the plugin, what keeps it asleep, and that a sleeping plugin is not there."""

import pytest

from .helpers import ADDS_ONE, assert_lines, has_line, outcomes, run, run_apart, text

ASLEEP = (
    "the fixture 'fw' is one of pytest-dualfw's, which is installed but not active in this run; "
    "give --fw=torch,jax (or --fw=all), or set fw in pytest's configuration"
)
ON_BOTH = {f"test_adds_one[{fw}-cpu-float32-eager]": "passed" for fw in ("torch", "jax")}

# What a run that does not use the plugin must not have loaded.
FRUGAL = """
    import sys

    def test_frugal():
        loaded = {"numpy", "torch", "jax", "ml_dtypes", "optree", "scipy", "pytest_dualfw.plugin"} & set(sys.modules)
        assert not loaded
"""


@pytest.mark.parametrize("args", [["--fw=torch,jax"], ["--fw-dtype=float32"], ["--fw-seed=1"], ["-p", "pytest_dualfw"]])
def test_an_argument_wakes_it(pytester, args):
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester, *args)) == ON_BOTH


@pytest.mark.parametrize(
    "ini", ["fw = all", "fw = torch jax", "fw_device = cpu", "fw_required = jax", "fw_tf32 = false", "fw_threads = 1"]
)
def test_the_configuration_wakes_it(pytester, ini):
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester)) == ON_BOTH


def test_pyproject_wakes_it(pytester):
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\nfw = ["torch", "jax"]\nfw_mode = "eager"\n')
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester)) == ON_BOTH


@pytest.mark.parametrize("named", ["pytest_dualfw", "pytest_dualfw.plugin"])
def test_a_conftest_wakes_it(pytester, named):
    pytester.makeconftest(f"pytest_plugins = [{named!r}]")
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester)) == ON_BOTH


def test_a_conftest_wakes_it_where_entry_points_are_off(pytester, monkeypatch):
    """As in a clone that is not installed, in the controller and in the workers."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest("pytest_plugins = ['pytest_dualfw']")
    pytester.makepyfile(ADDS_ONE)
    args = ["--fw=jax", "--device=cpu", "--dtype", "float64", "--mode=eager"]
    result = run_apart(pytester, "-p", "xdist", "-n", "2", *args)
    assert outcomes(result) == {"test_adds_one[jax-cpu-float64-eager]": "passed"}


def test_it_is_named_in_two_ways(pytester):
    pytester.makeini("[pytest]\nfw = torch jax\n")
    pytester.makeconftest("pytest_plugins = ['pytest_dualfw']")
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester, "-p", "pytest_dualfw", "--fw-mode=eager")) == ON_BOTH


@pytest.mark.parametrize("blocked", ["no:dualfw", "no:pytest_dualfw", "no:pytest_dualfw.plugin"])
def test_switched_off(pytester, blocked):
    pytester.makepyfile("def test_plain(): pass")
    result = run(pytester, "-p", blocked, "--fw=jax")
    assert outcomes(result) == {"test_plain": "passed"}
    assert "dualfw targets" not in text(result)


def test_switched_off_altogether(pytester):
    pytester.makepyfile("def test_plain(): pass")
    result = run(pytester, "-p", "no:pytest_dualfw.autoload")
    assert outcomes(result) == {"test_plain": "passed"}


def test_asleep_it_loads_nothing(pytester):
    pytester.makepyfile(FRUGAL)
    result = run_apart(pytester)
    assert outcomes(result) == {"test_frugal": "passed"}
    assert not [line for line in result.outlines if line.startswith("dualfw")]


def test_asleep_a_run_says_nothing_more(pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n): assert n == 1")
    with_it, without = run(pytester), run(pytester, "-p", "no:pytest_dualfw.autoload")
    assert with_it.ret == without.ret == 1
    assert _lasting(with_it) == _lasting(without)


def _lasting(result):
    return [line for line in result.outlines if not line.startswith(("plugins:", "=", "rootdir"))]


OWN_FIXTURES = """
    import pytest

    @pytest.fixture(params=["one", "two"])
    def {name}(request):
        return request.param

    def test_own({name}):
        assert {name} in ("one", "two")
"""
NAMES = ["fw", "xp", "device", "dtype", "mode", "target", "rng", "assert_close", "check_grads", "both"]
NAMES += ["report_row", "record_check", "compare_port"]


@pytest.mark.parametrize("args", [[], ["--fw=jax"]])
@pytest.mark.parametrize("name", NAMES)
def test_the_users_own_fixture_wins(pytester, name, args):
    pytester.makepyfile(OWN_FIXTURES.format(name=name))
    assert outcomes(run(pytester, *args)) == {"test_own[one]": "passed", "test_own[two]": "passed"}


@pytest.mark.parametrize("name", NAMES)
def test_asleep_a_fixture_of_ours_says_why(pytester, name):
    pytester.makepyfile(f"def test_it({name}): pass")
    result = run(pytester)
    assert outcomes(result) == {"test_it": "error"}
    assert_lines(result, ASLEEP.replace("'fw'", repr(name)))
    assert any(line.strip("- ") == "pytest-dualfw" for line in result.outlines)


def test_asleep_a_fixture_of_nobody_is_not_ours(pytester):
    pytester.makepyfile("def test_it(framework): pass")
    result = run(pytester)
    assert outcomes(result) == {"test_it": "error"}
    assert "pytest-dualfw" not in text(result)


@pytest.mark.parametrize("option", ["--help", "--markers", "--version"])
def test_what_only_informs_resolves_nothing(pytester, option):
    result = run(pytester, "--fw=jx", option)
    assert result.ret == 0


def test_help_names_every_option(pytester):
    result = run(pytester, "--fw=all", "--help")
    for option in ("--fw=FW", "--device=DEVICE", "--dtype=DTYPE", "--mode=MODE", "--fw-xfails=XFAILS"):
        assert any(line.strip().startswith(option) for line in result.outlines), option
    assert has_line(result, "one test body on torch and jax (pytest-dualfw):")


def test_an_awake_run_warns_of_nothing(pytester):
    """Neither while everything is imported, in a process of its own, nor while it compiles."""
    pytester.makepyfile(ADDS_ONE)
    for runs, mode in ((run_apart, "eager"), (run, "jit")):
        result = runs(pytester, "-W", "error", "--fw=torch,jax", f"--fw-mode={mode}")
        assert set(outcomes(result).values()) == {"passed"}
        assert result.ret == 0
