"""both: torch and jax in one test."""

from .helpers import assert_lines, collected, outcomes, run

SAME = """
    import numpy as np

    def test_same(both, rng, assert_close, device, dtype, mode, target):
        x = rng.normal(size=6)
        outs = [f.compile(lambda a: a * 2)(f.asarray(x)) for f in (both.torch, both.jax)]
        assert (both.torch.name, both.jax.name) == ("torch", "jax")
        assert both.torch.mode == both.jax.mode == mode
        assert_close(outs[0], outs[1])
        assert_close(outs[1], 2 * x)
        assert str(target) == f"both-{device}-{dtype}-{mode}"
"""


def test_once_for_each_device_dtype_and_mode(pytester):
    pytester.makepyfile(SAME)
    result = run(pytester, "--fw=torch,jax", "--fw-dtype=float64,float32", "--fw-mode=all")
    assert outcomes(result) == {
        f"test_same[both-cpu-{dtype}-{mode}]": "passed" for dtype in ("float64", "float32") for mode in ("eager", "jit")
    }
    assert result.ret == 0


def test_marks(pytester):
    pytester.makepyfile("def test_it(both): pass")
    for expression in ("fw_both", "fw_torch and fw_jax", "fw_jax"):
        found = collected(run(pytester, "--fw=torch,jax", "-m", expression, "--collect-only", "-qq"))
        assert found == ["test_it[both-cpu-float32-eager]"]


def test_with_one_framework_it_cannot_run(pytester):
    pytester.makepyfile(test_it="def test_it(both): pass\ndef test_one(fw): pass")
    result = run(pytester, "--fw=jax", "-rs")
    assert outcomes(result) == {"test_it[no-target]": "skipped", "test_one[jax-cpu-float32-eager]": "passed"}
    assert_lines(
        result,
        "SKIPPED [1] test_it.py: test_it needs torch and jax on the same targets; "
        "this run covers jax-cpu-float32-eager",
    )
    assert result.ret == 0


def test_fw_and_both_in_one_test(pytester):
    pytester.makepyfile("def test_it(fw, both): pass")
    result = run(pytester, "--fw=torch,jax")
    assert set(outcomes(result).values()) == {"error"}
    assert_lines(result, "a test that takes `both` has no single fw; use both.torch and both.jax")


def test_in_jit_mode_one_compiled_side_is_not_enough(pytester):
    pytester.makepyfile("""
        def test_it(both):
            both.torch.to_numpy(both.torch.compile(lambda x: x + 1)(both.torch.asarray([1.0])))
            both.jax.to_numpy(both.jax.asarray([1.0]) + 1)
    """)
    result = run(pytester, "--fw=torch,jax", "--fw-mode=jit")
    assert outcomes(result) == {"test_it[both-cpu-float32-jit]": "failed"}
    assert_lines(
        result,
        "the test computed on both-cpu-float32-jit and compiled nothing; "
        "pass the function through fw.compile, or mark the test fw_skip(mode='jit', reason=...)",
    )


def test_it_covers_both_targets(pytester):
    """A run of nothing else has still covered what was asked for."""
    pytester.makepyfile("def test_it(both): pass")
    assert run(pytester, "--fw=torch,jax").ret == 0


def test_markers_select_it(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.fw_skip(fw="both", reason="not together")
        def test_skipped(both): pass

        @pytest.mark.fw_xfail(fw="both", reason="they part")
        def test_xfailed(both): assert 0

        @pytest.mark.fw_only("both")
        def test_only(both): pass

        @pytest.mark.fw_requires(jax=">=99")
        def test_new(both): pass
    """)
    assert list(outcomes(run(pytester, "--fw=torch,jax")).values()) == ["skipped", "xfail", "passed", "skipped"]
