"""Side by side with unittest, Hypothesis, pytest-benchmark, pytest-timeout and pytest-randomly."""

import pytest

from .helpers import assert_lines, outcomes, run, text

TEST_CASE = """
    import unittest
    import pytest

    @pytest.mark.usefixtures("fw")
    class TestOld(unittest.TestCase):
        def test_plain(self):
            self.assertTrue(True)

    class TestAsking(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def given(self, fw, dtype, rng):
            self.fw, self.dtype, self.rng = fw, dtype, rng

        def test_computes(self):
            x = self.fw.compile(lambda a: a + 1)(self.fw.asarray(1.0))
            self.assertEqual(self.fw.to_numpy(x), 2.0)
            self.assertEqual(self.dtype, "float64")
"""
CANNOT = (
    "this test cannot be run once for each target: pytest parametrises neither unittest.TestCase nor "
    "getfixturevalue, and the run has 2 targets; "
    "name one with --fw, --fw-dtype and --fw-mode, or write it as a function that takes fw"
)


@pytest.mark.parametrize("mode", ["eager", "jit"])
def test_unittest_on_one_target(pytester, mode):
    pytester.makepyfile(TEST_CASE)
    result = run(pytester, "--fw=jax", "--fw-dtype=float64", f"--fw-mode={mode}")
    assert outcomes(result) == {"TestOld::test_plain": "passed", "TestAsking::test_computes": "passed"}
    assert result.ret == 0


def test_unittest_on_several_targets(pytester):
    pytester.makepyfile(TEST_CASE)
    result = run(pytester, "--fw=torch,jax", "--fw-dtype=float64")
    assert set(outcomes(result).values()) == {"error"}
    assert_lines(result, CANNOT)


def test_getfixturevalue(pytester):
    pytester.makepyfile("def test_late(request): assert request.getfixturevalue('fw').name == 'jax'")
    assert outcomes(run(pytester, "--fw=jax")) == {"test_late": "passed"}
    result = run(pytester, "--fw=torch,jax")
    assert outcomes(result) == {"test_late": "failed"}
    assert_lines(result, CANNOT)


SLOW = """
    import time
    from datetime import timedelta
    from hypothesis import given, settings, strategies as st

    settings.load_profile("default")  # on a CI server Hypothesis chooses one without a deadline

    @given(n=st.integers(1, 4))
    @settings(max_examples=2{deadline}, database=None)
    def test_slow(fw, n):
        time.sleep(0.25)  # as long as a first call may compile; Hypothesis allows 0.2 s
"""


@pytest.mark.parametrize("target", ["jax eager", "jax jit", "torch jit"])
def test_hypothesis_has_no_deadline_where_the_first_call_compiles(pytester, target):
    fw, mode = target.split()
    pytester.makepyfile(SLOW.format(deadline=""))
    result = run(pytester, f"--fw={fw}", f"--fw-mode={mode}")
    assert outcomes(result) == {f"test_slow[{fw}-cpu-float32-{mode}]": "passed"}


@pytest.mark.parametrize("modes", ["eager", "jit,eager", "eager,jit"])
def test_hypothesis_keeps_its_deadline_where_nothing_compiles(pytester, modes):
    """Also where the same function runs compiled too: its targets share it."""
    pytester.makepyfile(SLOW.format(deadline=""))
    result = run(pytester, "--fw=torch", f"--fw-mode={modes}")
    assert outcomes(result) == {
        f"test_slow[torch-cpu-float32-{mode}]": "failed" if mode == "eager" else "passed" for mode in modes.split(",")
    }
    assert "DeadlineExceeded" in text(result)


def test_hypothesis_keeps_a_deadline_set_by_the_author(pytester):
    pytester.makepyfile(SLOW.format(deadline=", deadline=timedelta(milliseconds=100)"))
    result = run(pytester, "--fw=jax", "--fw-mode=jit")
    assert outcomes(result) == {"test_slow[jax-cpu-float32-jit]": "failed"}
    assert "DeadlineExceeded" in text(result)


def test_hypothesis_draws(pytester):
    pytester.makepyfile("""
        from hypothesis import given, settings, strategies as st

        @given(n=st.integers(1, 4))
        @settings(max_examples=5, database=None)
        def test_draws(fw, assert_close, n):
            assert fw.compile(lambda x: x + 1)(fw.asarray([1.0] * n)).shape == (n,)
    """)
    result = run(pytester, "--fw=torch,jax", "--fw-mode=all")
    assert set(outcomes(result).values()) == {"passed"}


def test_hypothesis_shrinks_and_says_how_to_run_it_again(pytester):
    pytester.makepyfile("""
        from hypothesis import given, settings, strategies as st

        @given(n=st.integers(0, 100))
        @settings(database=None)
        def test_small(fw, n):
            assert n < 7
    """)
    result = run(pytester, "--fw=jax", "--fw-seed=3")
    assert_lines(result, "n=7,")
    assert_lines(result, "jax-cpu-float32-eager, seed 3; run it again with")


def test_benchmark_beside_fw(pytester):
    pytester.makepyfile("""
        def test_speed(fw, mode, benchmark):
            f, x = fw.compile(lambda a: a + 1), fw.asarray([1.0])
            f(x)
            benchmark.pedantic(lambda: fw.synchronize(f(x)), rounds=2)
    """)
    result = run(pytester, "--fw=torch,jax", "--fw-mode=all", "--benchmark-json=times.json")
    assert list(outcomes(result)) == [
        f"test_speed[{fw}-cpu-float32-{mode}]" for fw in ("torch", "jax") for mode in ("eager", "jit")
    ]
    assert set(outcomes(result).values()) == {"passed"}
    saved = (pytester.path / "times.json").read_text(encoding="utf-8")
    assert '"dualfw_fw": "jax"' in saved
    assert "UNSERIALIZABLE" not in saved


def test_timeout_ends_one_test(pytester):
    pytester.makepyfile("""
        import time
        import pytest

        @pytest.mark.timeout(0.2)
        def test_hangs(fw): time.sleep(20)

        def test_next(fw): pass
    """)
    result = run(pytester, "--fw=jax")
    assert outcomes(result) == {
        "test_hangs[jax-cpu-float32-eager]": "failed",
        "test_next[jax-cpu-float32-eager]": "passed",
    }


def test_random_order(pytester):
    """Same ids, same data, whatever the order."""
    pytester.makepyfile("""
        import pytest

        SEEN = {}

        @pytest.mark.parametrize("n", range(3))
        def test_data(fw, rng, n):
            x = float(fw.to_numpy(fw.asarray(rng.normal())))
            assert SEEN.setdefault(n, x) == x
    """)
    ordered = run(pytester, "--fw=torch,jax", "--fw-seed=1")
    mixed = run(pytester, "--fw=torch,jax", "--fw-seed=1", "--randomly-seed=5", off=())
    assert len(outcomes(ordered)) == 6
    assert outcomes(mixed) == outcomes(ordered)
    assert list(outcomes(mixed)) != list(outcomes(ordered))
