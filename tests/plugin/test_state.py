"""What a target prescribes is in force in the test, put back after it, and what a test leaves behind fails it."""

import re

import pytest

from .helpers import assert_lines, outcomes, run, text

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
        ("jax.config.update('jax_default_matmul_precision', 'bfloat16')", "jax_default_matmul_precision from highest to bfloat16"),
        ("jax.config.update('jax_disable_jit', True)", "jax_disable_jit from False to True"),
        ("jax.config.update('jax_debug_nans', True)", "jax_debug_nans from False to True"),
        ("jax.config.update('jax_numpy_dtype_promotion', 'strict')", "jax_numpy_dtype_promotion from standard to strict"),
        ("jax.config.update('jax_default_device', None)", "jax_default_device from cpu:0 to None"),
    ],
}  # fmt: skip
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


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_state_in_force(pytester, dtype):
    pytester.makepyfile(f"""
        import jax, torch

        def test_x64(both):
            assert jax.config.jax_enable_x64 is {dtype == "float64"}
            assert torch.get_default_dtype() is torch.{"float64" if dtype == "float64" else "float32"}

        def test_numerics(both):
            assert torch.is_grad_enabled()
            assert torch.are_deterministic_algorithms_enabled()
            assert torch.get_num_threads() == 1
            assert torch.get_float32_matmul_precision() == "highest"
            assert jax.config.jax_default_matmul_precision == "highest"
    """)
    result = run(pytester, "--fw=torch,jax", f"--fw-dtype={dtype}")
    assert set(outcomes(result).values()) == {"passed"}


def test_x64_comes_and_goes_with_the_target(pytester):
    pytester.makepyfile("""
        import jax
        import jax.numpy as jnp
        import numpy as np

        def test_width(fw, dtype):
            assert jnp.asarray(np.ones(2)).dtype == ("float64" if dtype == "float64" else "float32")
            assert jax.config.jax_enable_x64 is (dtype == "float64")
    """)
    result = run(pytester, "--fw=jax", "--fw-dtype=float64,float32,bfloat16")
    assert set(outcomes(result).values()) == {"passed"}


def test_other_tests_find_what_was_there(pytester):
    """Before, between and after tests of ours a plain test sees the libraries as they were imported."""
    plain = "assert (torch.get_default_dtype(), torch.get_num_threads(), jax.config.jax_enable_x64) == OUTSIDE"
    pytester.makepyfile(f"""
        import jax, torch
        torch.set_num_threads(2)
        OUTSIDE = (torch.get_default_dtype(), torch.get_num_threads(), jax.config.jax_enable_x64)

        def test_plain(): {plain}
        def test_ours(both): assert torch.get_num_threads() == 1
        def test_plain_between(): {plain}
        def test_ours_again(both): assert jax.config.jax_enable_x64
        def test_plain_after(): {plain}
    """)
    result = run(pytester, "--fw=torch,jax", "--fw-dtype=float64")
    assert set(outcomes(result).values()) == {"passed"}


@pytest.mark.parametrize(("option", "torchs", "jaxs"), [(["--fw-tf32"], "high", "tensorfloat32"), ([], "highest", "highest")])
def test_tf32(pytester, option, torchs, jaxs):
    pytester.makepyfile(f"""
        import jax, torch

        def test_it(both):
            assert torch.get_float32_matmul_precision() == {torchs!r}
            assert jax.config.jax_default_matmul_precision == {jaxs!r}
    """)
    assert set(outcomes(run(pytester, "--fw=torch,jax", *option)).values()) == {"passed"}


def test_threads(pytester):
    pytester.makepyfile("import torch\ndef test_it(fw): assert torch.get_num_threads() == 2")
    assert set(outcomes(run(pytester, "--fw=torch", "--fw-threads=2")).values()) == {"passed"}


def test_torch_is_seeded_for_every_test(pytester):
    """By the run's seed and the test, whatever the target."""
    pytester.makepyfile("""
        import torch

        def test_one(fw): print("drew one", torch.rand(1, dtype=torch.float32).item(), torch.rand(7)[0] > 0)
        def test_two(fw): print("drew two", torch.rand(1, dtype=torch.float32).item())
    """)
    drawn = [
        re.findall(r"drew (\w+ \S+)", text(run(pytester, "--fw=torch", "--fw-mode=all", "-s", f"--fw-seed={seed}")))
        for seed in (1, 1, 2)
    ]
    one, again, two, again_two = (line.split()[1] for line in drawn[0])
    assert (one, two) == (again, again_two)
    assert one != two
    assert drawn[0] == drawn[1]
    assert not set(drawn[0]) & set(drawn[2])
