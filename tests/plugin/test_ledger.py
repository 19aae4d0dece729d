"""--fw-xfails: a file of tests that are expected to fail, in which every line must be true."""

import pytest

from .helpers import assert_lines, assert_problem, outcomes, run, text

T, J = "torch-cpu-float32-eager", "jax-cpu-float32-eager"
SUITE = """
    def test_on_jax(fw): assert fw.name == "jax"
    def test_fine(fw): pass
    def test_plain(): pass
"""


@pytest.fixture
def listing(pytester):
    """``listing(*lines)`` writes the ledger beside a suite in which one test fails on torch."""
    pytester.makepyfile(test_it=SUITE)
    path = pytester.path / "known.txt"
    return lambda *lines: path.write_text("\n".join(lines), encoding="utf-8") and path


def test_a_listed_test_that_fails(pytester, listing):
    listing("# what torch cannot do", "", f"test_it.py::test_on_jax[{T}]  # no such op")
    result = run(pytester, "--fw=torch,jax", "--fw-xfails=known.txt", "-rx")
    assert outcomes(result)[f"test_on_jax[{T}]"] == "xfail"
    assert outcomes(result)[f"test_on_jax[{J}]"] == "passed"
    assert_lines(result, f"XFAIL test_it.py::test_on_jax[{T}] - no such op")
    assert result.ret == 0


def test_a_line_without_a_reason(pytester, listing):
    listing(f"test_it.py::test_on_jax[{T}]")
    result = run(pytester, "--fw=torch", "--fw-xfails=known.txt", "-rx")
    assert_lines(result, f"XFAIL test_it.py::test_on_jax[{T}] - listed in known.txt")


def test_an_id_that_holds_the_sign_of_a_comment(pytester, listing):
    pytester.makepyfile(test_sharp="import pytest\n@pytest.mark.parametrize('n', ['c#'])\ndef test_it(fw, n): assert 0")
    listing(f"test_sharp.py::test_it[{J}-c#]  # a reason")
    result = run(pytester, "--fw=jax", "--fw-xfails=known.txt", "test_sharp.py")
    assert outcomes(result) == {f"test_it[{J}-c#]": "xfail"}


def test_a_listed_test_that_passes(pytester, listing):
    listing(f"test_it.py::test_fine[{J}]  # no longer true")
    result = run(pytester, "--fw=torch,jax", "--fw-xfails=known.txt")
    assert outcomes(result)[f"test_fine[{J}]"] == "failed"
    assert_lines(result, "[XPASS(strict)] no longer true")
    assert result.ret == 1


@pytest.mark.parametrize(
    "stale", ["test_gone", f"test_gone[{J}]", "test_fine", f"test_fine[{J}-3]", "TestNo::test_fine"]
)
def test_a_line_that_names_no_test(pytester, listing, stale):
    stale = f"test_it.py::{stale}"
    path = listing(stale, f"test_it.py::test_on_jax[{T}]")
    result = run(pytester, "--fw=torch,jax", "--fw-xfails=known.txt")
    assert_problem(result, f"{path} lists {stale!r}, which no test is called; remove the line")


def test_a_line_of_a_file_that_is_gone(pytester, listing):
    """The run of everything knows that the file is not there."""
    path = listing("test_gone.py::test_it")
    pytester.makepyfile(test_it="def test_fine(fw): pass")
    assert_problem(
        run(pytester, "--fw=jax", "--fw-xfails=known.txt"),
        f"{path} lists 'test_gone.py::test_it', which no test is called; remove the line",
    )


@pytest.mark.parametrize(
    "args", [["-k", "fine"], ["-m", "fw_jax"], ["test_it.py::test_fine"], ["--deselect", "test_it.py::test_plain"]]
)
def test_a_narrowed_run_cannot_tell(pytester, listing, args):
    listing("test_it.py::test_gone")
    result = run(pytester, "--fw=jax", "--fw-xfails=known.txt", *args)
    assert result.ret == 0
    assert "remove the line" not in text(result)


def test_a_run_of_another_file_cannot_tell(pytester, listing):
    listing("test_it.py::test_gone")
    pytester.makepyfile(test_other="def test_it(fw): pass")
    assert run(pytester, "--fw=jax", "--fw-xfails=known.txt", "test_other.py").ret == 0


def test_a_line_of_a_target_that_is_not_run_is_not_stale(pytester, listing):
    listing(f"test_it.py::test_on_jax[{T}]", "test_it.py::test_on_jax[torch-gpu-float32-eager]")
    assert run(pytester, "--fw=jax", "--fw-xfails=known.txt").ret == 0


def test_it_is_stale_also_when_tests_fail(pytester, listing):
    """Both are told: the failure, and the line that is no longer true."""
    path = listing("test_it.py::test_gone")
    result = run(pytester, "--fw=torch,jax", "--fw-xfails=known.txt")
    assert outcomes(result)[f"test_on_jax[{T}]"] == "failed"
    assert_lines(result, f"ERROR: {path} lists 'test_it.py::test_gone', which no test is called; remove the line")
    assert result.ret != 0


def test_from_the_configuration(pytester, listing):
    """Relative to the configuration file, wherever the run starts."""
    pytester.makeini("[pytest]\nfw = torch jax\nfw_xfails = known.txt\n")
    listing(f"test_it.py::test_on_jax[{T}]  # no such op")
    assert run(pytester).ret == 0
    pytester.mkdir("inner")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(pytester.path / "inner")
        assert run(pytester, "..").ret == 0


def test_a_ledger_that_is_not_there(pytester, listing):
    listing()
    result = run(pytester, "--fw=jax", "--fw-xfails=nowhere.txt")
    path = pytester.path / "nowhere.txt"
    assert_lines(result, f"ERROR: --fw-xfails names {str(path)!r}, which is not there; write the file, or leave it out")
    assert result.ret == 4
    assert "Traceback" not in text(result)
