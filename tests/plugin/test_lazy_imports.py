"""torch and jax are imported only when a test that is run needs that one. Each case is a process of its own."""

import pytest

from .helpers import assert_lines, outcomes, run_apart

# Written when the process ends: what it had loaded.
TELL = """
    import sys

    def pytest_unconfigure(config):
        if not hasattr(config, "workerinput"):
            print("loaded:", *sorted({"torch", "jax"} & set(sys.modules)))
"""
SKIPPED = """
    import pytest

    @pytest.mark.skip
    def test_skipped(fw, xp, rng, check_grads): pass

    @pytest.mark.skipif("True", reason="not today")
    def test_skipped_on_condition(both, assert_close): pass

    @pytest.mark.fw_skip(mode="eager", reason="later")
    def test_skipped_by_us(fw, both): pass
"""


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_one_framework_does_not_import_the_other(pytester, name):
    pytester.makeconftest(TELL)
    pytester.makepyfile("def test_it(fw, xp, target, assert_close, check_grads, rng): assert xp")
    result = run_apart(pytester, f"--fw={name}")
    assert outcomes(result) == {f"test_it[{name}-cpu-float32-eager]": "passed"}
    assert_lines(result, f"loaded: {name}")


@pytest.mark.parametrize(
    ("args", "tests"),
    [
        (["--collect-only"], "def test_it(fw): pass"),
        ([], SKIPPED),
        ([], "def test_plain(): pass"),
        (["-k", "no"], SKIPPED),
    ],
    ids=["collect-only", "skipped", "plain", "deselected"],
)
def test_no_framework_is_imported(pytester, args, tests):
    pytester.makeconftest(TELL)
    pytester.makepyfile(tests)
    pytester.makeini("[pytest]\nfw = torch jax\n")
    assert_lines(run_apart(pytester, *args), "loaded:")
