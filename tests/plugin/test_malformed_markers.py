"""A marker with arguments that it does not take is a usage error that lists those it takes."""

import pytest

from .helpers import assert_problem, assert_usage_error, run, run_apart, text

J = "jax-cpu-float32-eager"
SKIP = "fw, device, dtype, mode and reason"
REQUIRES = "torch, jax, memory_gb and reason"
NO_REASON = "carries no reason; pass why=, one clause that says why the derived bound is unfit"
MALFORMED = [
    ("fw_only('jx')", "names an unknown fw 'jx'; allowed are torch, jax and both"),
    ("fw_only(device='cuda')", "names an unknown device 'cuda'; allowed are cpu, gpu and tpu"),
    ("fw_only(reason='r')", "has an unknown argument 'reason'; allowed are fw, device, dtype and mode"),
    ("fw_skip(backend='jax')", f"has an unknown argument 'backend'; allowed are {SKIP}"),
    ("fw_skip('jax')", f"takes no positional argument; allowed are {SKIP}"),
    (
        "fw_skip(dtype=['float32', 'fp64'])",
        "names an unknown dtype 'fp64'; allowed are float64, float32, bfloat16 and float16",
    ),
    ("fw_xfail(mode='compiled')", "names an unknown mode 'compiled'; allowed are eager and jit"),
    (
        "fw_xfail(why='x')",
        "has an unknown argument 'why'; allowed are fw, device, dtype, mode, reason, raises and strict",
    ),
    ("fw_requires(numpy='>=2')", f"has an unknown argument 'numpy'; allowed are {REQUIRES}"),
    ("fw_requires('torch')", f"takes no positional argument; allowed are {REQUIRES}"),
    ("fw_tolerance(rel=1)", "has an unknown argument 'rel'; allowed are rtol, atol and why"),
    ("fw_tolerance(0.1)", "takes no positional argument; allowed are rtol, atol and why"),
    ("fw_tolerance(rtol=0.1)", f": Tolerance(rtol=0.1, atol=0) {NO_REASON}"),
]


def marked(pytester, mark):
    pytester.makepyfile(test_it=f"import pytest\n\n@pytest.mark.{mark}\ndef test_it(fw): pass")
    return run(pytester, "--fw=jax")


@pytest.mark.parametrize(("mark", "complaint"), MALFORMED, ids=[mark for mark, _ in MALFORMED])
def test_malformed(pytester, mark, complaint):
    result = marked(pytester, mark)
    space = "" if complaint.startswith(":") else " "
    assert_usage_error(result, f"test_it.py::test_it[{J}]: {mark}{space}{complaint}")


def test_malformed_version(pytester):
    result = marked(pytester, "fw_requires(jax='newest')")
    assert result.ret == 4
    assert "INTERNALERROR" not in text(result)


def test_malformed_under_xdist(pytester):
    pytester.makepyfile(test_it="import pytest\n@pytest.mark.fw_only('jx')\ndef test_it(fw): pass")
    assert_problem(  # a worker has no usage errors: the controller tells it at the end
        run_apart(pytester, "--fw=jax", "-n", "2"),
        f"test_it.py::test_it[{J}]: fw_only('jx') names an unknown fw 'jx'; allowed are torch, jax and both",
    )
