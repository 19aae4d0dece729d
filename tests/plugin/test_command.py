"""A failure on a target ends with one command that repeats it."""

import shlex

import pytest

from .helpers import assert_lines, outcomes, run


def commands(result):
    return [line.strip() for line in result.outlines if line.startswith("  pytest ")]


def test_a_failure_says_how_to_run_it_again(pytester):
    pytester.makepyfile(test_it="def test_it(both): assert 0")
    result = run(pytester, "--fw=torch,jax", "--fw-dtype=float64", "--fw-mode=jit", "--fw-seed=5")
    assert outcomes(result) == {"test_it[both-cpu-float64-jit]": "failed"}
    assert_lines(
        result,
        "both-cpu-float64-jit, seed 5; run it again with",
        "pytest 'test_it.py::test_it[both-cpu-float64-jit]' "
        "--fw=torch,jax --fw-dtype=float64 --fw-mode=jit --fw-seed=5",
    )


def test_it_repeats_the_failure(pytester):
    """As printed, read as a shell reads it, with ids that hold what a shell treats specially."""
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.parametrize("n", ["it's", "a b", "$HOME", 'a"b'])
        def test_it(fw, rng, n):
            raise ValueError(f"drew {rng.integers(2**40)} with {n}")
    """
    )
    result = run(pytester, "--fw=jax")
    assert len(commands(result)) == 4
    for command in commands(result):
        again = run(pytester, *shlex.split(command)[1:])
        assert list(outcomes(again).values()) == ["failed"]
        assert _errors(again) <= _errors(result)


@pytest.mark.parametrize(
    "option",
    ["--fw-compile-backend=inductor", "--fw-profile=full", "--fw-tf32", "--fw-threads=2", "--fw-dtype=bfloat16"],
)
def test_it_repeats_the_numerics(pytester, option):
    pytester.makepyfile(test_it="def test_it(fw): assert 0")
    result = run(pytester, "--fw=torch", option)
    (command,) = commands(result)
    assert _headers(run(pytester, *shlex.split(command)[1:])) == _headers(result)


def test_it_works_from_where_the_run_was_started(pytester):
    """An id starts at the root folder; the run need not have started there."""
    pytester.makeini("[pytest]")
    folder = pytester.mkpydir("inner")
    (folder / "test_it.py").write_text("def test_it(fw): assert 0", encoding="utf-8")
    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = run(pytester, "--fw=jax")
        (command,) = commands(result)
        assert list(outcomes(run(pytester, *shlex.split(command)[1:])).values()) == ["failed"]


def _errors(result):
    return {line for line in result.outlines if line.startswith("E  ")}


def _headers(result):
    return [line.partition(", seed")[0] for line in result.outlines if line.startswith("dualfw")]
