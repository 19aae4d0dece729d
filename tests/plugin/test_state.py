"""A setting that a test leaves changed fails that test, and does not reach the next."""

import pytest

from .helpers import IMPORTS, assert_lines, outcomes, run

LEAKS = {
    "torch": [
        ("torch.set_default_dtype(torch.float16)", "default dtype from torch.float32 to torch.float16"),
        ("torch.set_grad_enabled(False)", "grad mode from True to False"),
        ("torch.use_deterministic_algorithms(False)", "deterministic mode from 1 to 0"),
        ("torch.set_float32_matmul_precision('medium')", "float32 matmul precision from highest to medium"),
        ("torch.backends.cudnn.allow_tf32 = True", "cuDNN TF32 from False to True"),
        ("torch.backends.cudnn.benchmark = True", "cuDNN benchmark from False to True"),
        ("torch.set_num_threads(2)", "threads from 1 to 2"),
        ("torch.set_default_device('meta')", "default device from cpu to meta"),
    ],
    "jax": [
        ("jax.config.update('jax_enable_x64', True)", "jax_enable_x64 from False to True"),
        (
            "jax.config.update('jax_default_matmul_precision', 'bfloat16')",
            "jax_default_matmul_precision from highest to bfloat16",
        ),
        ("jax.config.update('jax_disable_jit', True)", "jax_disable_jit from False to True"),
        ("jax.config.update('jax_debug_nans', True)", "jax_debug_nans from False to True"),
        (
            "jax.config.update('jax_numpy_dtype_promotion', 'strict')",
            "jax_numpy_dtype_promotion from standard to strict",
        ),
        ("jax.config.update('jax_default_device', None)", "jax_default_device from cpu:0 to None"),
    ],
}
CASES = [(name, code, change) for name, cases in LEAKS.items() for code, change in cases]

LEAKY = """
    import pytest

    SEEN = []

    def test_before(fw):
        SEEN.append(fw.state())

    def test_leaks(fw):
        import {module}
        {code}

    def test_after(fw):
        assert fw.state() == SEEN[0]
"""


@pytest.fixture(autouse=True)
def outer_state():
    """Should a leak get through, it ends here."""
    yield
    IMPORTS.put_back()
    import torch

    torch.set_default_device(None)


@pytest.mark.parametrize(("name", "code", "change"), CASES, ids=[change for _, _, change in CASES])
def test_a_leak_fails_the_test_that_leaks(pytester, name, code, change):
    pytester.makepyfile(LEAKY.format(module=name, code=code))
    result = run(pytester, f"--fw={name}")
    target = f"{name}-cpu-float32-eager"
    assert outcomes(result) == {
        f"test_before[{target}]": "passed",
        f"test_leaks[{target}]": "failed",
        f"test_after[{target}]": "passed",
    }
    assert_lines(result, f"the test left {change}; put it back, or use a context manager")


def test_two_leaks_in_one_message(pytester):
    code = "torch.set_num_threads(2); torch.set_grad_enabled(False)"
    pytester.makepyfile(LEAKY.format(module="torch", code=code))
    assert_lines(
        run(pytester, "--fw=torch"),
        "the test left grad mode from True to False, threads from 1 to 2; put it back, or use a context manager",
    )


def test_what_is_put_back_is_no_leak(pytester):
    pytester.makepyfile("""
        def test_torch(both):
            import jax, torch
            with torch.no_grad(), jax.enable_x64(True), jax.default_matmul_precision("bfloat16"):
                assert not torch.is_grad_enabled()
    """)
    assert set(outcomes(run(pytester, "--fw=torch,jax")).values()) == {"passed"}


def test_a_leak_of_a_failing_test_is_put_back_too(pytester):
    code = "torch.set_default_dtype(torch.float16); assert 0, 'its own reason'"
    pytester.makepyfile(LEAKY.format(module="torch", code=code))
    result = run(pytester, "--fw=torch")
    assert list(outcomes(result).values()) == ["passed", "failed", "passed"]
    assert_lines(result, "AssertionError: its own reason")


def test_a_leak_of_both(pytester):
    pytester.makepyfile("""
        def test_leaks(both):
            import jax, torch
            torch.set_num_threads(3)
            jax.config.update("jax_debug_nans", True)

        def test_after(both):
            import jax, torch
            assert torch.get_num_threads() == 1
            assert not jax.config.jax_debug_nans
    """)
    result = run(pytester, "--fw=torch,jax")
    assert list(outcomes(result).values()) == ["failed", "passed"]
    assert_lines(
        result,
        "the test left threads from 1 to 3, jax_debug_nans from False to True; put it back, or use a context manager",
    )
