"""--device, --dtype and --mode are ours only where nobody else owns them."""

import pytest

from .helpers import ADDS_ONE, assert_lines, outcomes, run, run_apart

OWNER = """
    {plugin}
    def pytest_addoption(parser):
        for name in {names}:
            parser.addoption(name, default="theirs")
"""
THEIRS = """
    import pytest

    @pytest.mark.parametrize("name", {names})
    def test_theirs(request, name):
        assert request.config.getoption(name) == "mine"
"""
ALL = ["--device", "--dtype", "--mode"]
NAMED = "pytest_plugins = ['pytest_dualfw']"


@pytest.mark.parametrize(
    "args",
    [
        ["--device=cpu", "--dtype=float64", "--mode=eager"],
        ["--device", "cpu", "--dtype", "float64", "--mode", "eager"],
        ["--fw-device=cpu", "--fw-dtype", "float64"],
        ["--fw-dtype=float32", "--dtype=float64"],
    ],
)
def test_aliases(pytester, args):
    pytester.makepyfile(ADDS_ONE)
    assert outcomes(run(pytester, "--fw=jax", *args)) == {"test_adds_one[jax-cpu-float64-eager]": "passed"}


def test_aliases_where_a_conftest_names_the_plugin(pytester):
    pytester.makeconftest("pytest_plugins = ['pytest_dualfw']")
    pytester.makepyfile(ADDS_ONE)
    result = run(pytester, "--fw=jax", "--device", "cpu", "--dtype=float64", "--mode=eager")
    assert outcomes(result) == {"test_adds_one[jax-cpu-float64-eager]": "passed"}


def test_asleep_the_aliases_do_not_exist(pytester):
    result = run(pytester, "--device=gpu")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert any("unrecognized arguments: --device=gpu" in line for line in result.errlines)


@pytest.mark.parametrize("names", [["--device"], ["--dtype", "--mode"], ALL])
def test_a_conftest_owns_them(pytester, names):
    pytester.makeconftest(OWNER.format(plugin="", names=names))
    pytester.makepyfile(test_theirs=THEIRS.format(names=names), test_ours=ADDS_ONE)
    theirs = [f"{name}=mine" for name in names]
    result = run(pytester, "--fw=jax", "--fw-device=cpu", "--fw-dtype=float64", "--fw-mode=eager", *theirs)
    assert result.ret == 0
    assert outcomes(result) == {
        "test_adds_one[jax-cpu-float64-eager]": "passed",
        **{f"test_theirs[{name}]": "passed" for name in names},
    }


@pytest.mark.parametrize("plugin", ["", NAMED])
def test_a_conftest_owns_them_under_xdist(pytester, plugin):
    """Our test is skipped, so that no worker imports a framework."""
    pytester.makeconftest(OWNER.format(plugin=plugin, names=ALL))
    ours = "import pytest\n@pytest.mark.skip\ndef test_ours(fw): pass"
    pytester.makepyfile(test_theirs=THEIRS.format(names=ALL), test_ours=ours)
    theirs = [f"{name}=mine" for name in ALL]
    result = run_apart(pytester, "--fw=jax", "--fw-dtype=float64", *theirs, "-n", "1")
    assert outcomes(result) == {
        "test_ours[jax-cpu-float64-eager]": "skipped",
        **{f"test_theirs[{name}]": "passed" for name in ALL},
    }


def test_a_conftest_that_names_the_plugin_owns_one(pytester):
    pytester.makeconftest(OWNER.format(plugin=NAMED, names=["--device"]))
    pytester.makepyfile(test_theirs=THEIRS.format(names=["--device"]), test_ours=ADDS_ONE)
    result = run(pytester, "--fw=jax", "--device=mine", "--dtype=float64", "--fw-device=cpu")
    assert outcomes(result) == {
        "test_adds_one[jax-cpu-float64-eager]": "passed",
        "test_theirs[--device]": "passed",
    }


def test_a_plugin_owns_one(pytester):
    pytester.makepyfile(owner=OWNER.format(plugin="", names=["--device"]), test_ours=ADDS_ONE)
    pytester.syspathinsert()
    result = run(pytester, "-p", "owner", "--fw=jax", "--device=mine", "--dtype=float64")
    assert outcomes(result) == {"test_adds_one[jax-cpu-float64-eager]": "passed"}


def test_asleep_theirs_works(pytester):
    pytester.makeconftest(OWNER.format(plugin="", names=ALL))
    pytester.makepyfile(THEIRS.format(names=ALL))
    assert set(outcomes(run(pytester, *(f"{name}=mine" for name in ALL))).values()) == {"passed"}


def test_the_message_names_the_long_option(pytester):
    """Whatever spelling was used: the long one is always ours."""
    pytester.makepyfile(ADDS_ONE)
    result = run(pytester, "--fw=jax", "--dtype=half")
    assert_lines(
        result,
        "ERROR: --fw-dtype names 'half', which is not a dtype; allowed are float64, float32, bfloat16, float16, or all",
    )
