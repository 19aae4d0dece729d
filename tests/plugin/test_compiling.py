"""In jit mode something must have been compiled, and what was compiled must not run eagerly."""

import pytest

from .helpers import assert_lines, outcomes, run, run_apart

NOTHING = (
    "the test computed on {target} and compiled nothing; "
    "pass the function through fw.compile, or mark the test fw_skip(mode='jit', reason=...)"
)

EAGER = """
    import numpy as np

    def test_by_operator(fw):
        assert fw.to_numpy(fw.asarray([1.0]) + 1) == 2

    def test_by_xp(fw, xp):
        assert fw.to_numpy(xp.exp(fw.asarray([0.0]))) == 1

    def test_by_assert_close(fw, assert_close):
        assert_close(fw.asarray([1.0]) * 2, np.full(1, 2.0))

    def test_only_fed_in(fw):
        x = fw.asarray([1.0])
        assert float((x * 2)[0]) == 2

    def test_by_grad(fw):
        fw.grad(lambda x: (x * x).sum())(fw.asarray([1.0]))
"""
COMPILED = """
    import numpy as np

    def test_compile(fw):
        assert fw.to_numpy(fw.compile(lambda x: x + 1)(fw.asarray([1.0]))) == 2

    def test_jit(fw):
        assert fw.to_numpy(fw.jit(lambda x: x + 1)(fw.asarray([1.0]))) == 2

    def test_by_decorator(fw, assert_close):
        @fw.compile
        def f(x):
            return {"y": x * 2}
        assert_close(f(fw.asarray([1.0])), {"y": np.full(1, 2.0)})

    def test_check_grads(check_grads):
        check_grads(lambda x: (x * x).sum(), np.arange(3.0))

    def test_no_arrays(fw, mode, target):
        assert fw.mode == "jit"

    def test_there_and_back(fw):
        assert fw.to_numpy(fw.asarray([1.0])) == 1

    def test_transformed(fw):
        fw.compile(fw.value_and_grad(lambda x: (x * x).sum()))(fw.asarray([1.0]))
"""


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_computed_and_compiled_nothing(pytester, name):
    pytester.makepyfile(EAGER)
    target = f"{name}-cpu-float32-jit"
    result = run(pytester, f"--fw={name}", "--fw-mode=jit")
    assert {test for test, end in outcomes(result).items() if end != "failed"} == set()
    assert_lines(result, NOTHING.format(target=target))


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_compiled(pytester, name):
    pytester.makepyfile(COMPILED)
    result = run(pytester, f"--fw={name}", "--fw-mode=jit")
    assert {test for test, end in outcomes(result).items() if end != "passed"} == set()


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_an_error_that_is_expected(pytester, name):
    """What was compiled may raise; the test has still tried what it was asked to."""
    pytester.makepyfile("""
        import pytest

        def refuses(x):
            raise ValueError("not this one")

        def test_it(fw):
            with pytest.raises(Exception, match="not this one"):
                fw.compile(refuses)(fw.asarray([1.0]))
    """)
    assert list(outcomes(run(pytester, f"--fw={name}", "--fw-mode=jit")).values()) == ["passed"]


def test_in_eager_mode_nothing_need_be_compiled(pytester):
    pytester.makepyfile(EAGER)
    assert set(outcomes(run(pytester, "--fw=torch,jax")).values()) == {"passed"}


def test_a_failure_of_its_own_is_told_first(pytester):
    pytester.makepyfile("def test_it(fw): fw.asarray([1.0]) + 1; raise ValueError('its own')")
    result = run(pytester, "--fw=jax", "--fw-mode=jit")
    assert_lines(result, "ValueError: its own")


ON_TORCH = (
    "pytest_dualfw.frameworks.base.SilentFallback: {name} ran eagerly on torch-cpu-float32-jit although it was "
    "compiled; look for torch.compiler.disable, TORCHDYNAMO_DISABLE or a stance of torch.compiler"
)
ON_JAX = (
    "pytest_dualfw.frameworks.base.SilentFallback: {name} ran eagerly on jax-cpu-float32-jit although it was "
    "compiled; look for jax.disable_jit"
)


def test_a_function_that_torch_does_not_compile(pytester):
    """torch.compile overrides the mark of the function itself, and refuses one that is called on the way."""
    pytester.makepyfile("""
        import torch

        @torch.compiler.disable
        def inner(x):
            return x + 1

        def test_itself(fw):
            fw.compile(inner)(fw.asarray([1.0]))

        def test_on_the_way(fw):
            fw.compile(lambda x: inner(x) * 2)(fw.asarray([1.0]))
    """)
    result = run(pytester, "--fw=torch", "--fw-mode=jit")
    assert list(outcomes(result).values()) == ["passed", "failed"]
    assert any("torch._dynamo.exc.Unsupported" in line for line in result.outlines)


def test_a_stance_of_torch(pytester):
    pytester.makepyfile("""
        import torch

        def test_it(fw):
            with torch.compiler.set_stance("force_eager"):
                fw.compile(lambda x: x + 1)(fw.asarray([1.0]))
    """)
    result = run(pytester, "--fw=torch", "--fw-mode=jit")
    assert list(outcomes(result).values()) == ["failed"]
    assert_lines(result, ON_TORCH.format(name="test_it.<locals>.<lambda>"))


def test_torch_is_told_not_to_compile(pytester, monkeypatch):
    """Read when torch is imported."""
    monkeypatch.setenv("TORCHDYNAMO_DISABLE", "1")
    pytester.makepyfile("def test_it(fw): fw.compile(lambda x: x + 1)(fw.asarray([1.0]))")
    result = run_apart(pytester, "--fw=torch", "--fw-mode=jit")
    assert list(outcomes(result).values()) == ["failed"]
    assert_lines(result, ON_TORCH.format(name="test_it.<locals>.<lambda>"))


@pytest.mark.parametrize("compiled", ["(lambda x: x + 1)(fw.asarray(1.0))", "(lambda: jax.numpy.ones(3) + 1)()"])
def test_jax_is_told_not_to_compile(pytester, compiled):
    pytester.makepyfile(f"""
        import jax

        def test_it(fw):
            with jax.disable_jit():
                fw.compile{compiled}
    """)
    result = run(pytester, "--fw=jax", "--fw-mode=jit")
    assert list(outcomes(result).values()) == ["failed"]
    assert_lines(result, ON_JAX.format(name="test_it.<locals>.<lambda>"))


def test_a_fallback_within_check_grads(pytester):
    pytester.makepyfile("""
        import jax
        import numpy as np

        def test_it(check_grads):
            with jax.disable_jit():
                check_grads(lambda x: (x * x).sum(), np.arange(3.0))
    """)
    result = run(pytester, "--fw=jax", "--fw-mode=jit")
    assert list(outcomes(result).values()) == ["failed"]


def test_many_shapes_are_all_compiled(pytester):
    """Past eight shapes torch.compile would run eagerly, and say nothing."""
    pytester.makepyfile("""
        def test_it(fw):
            f = fw.compile(lambda x: x * 2)
            for n in range(1, 12):
                assert f(fw.asarray([1.0] * n)).shape == (n,)
    """)
    assert set(outcomes(run(pytester, "--fw=torch,jax", "--fw-mode=jit")).values()) == {"passed"}
