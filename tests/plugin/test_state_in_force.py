"""What a target prescribes is in force in its tests, and nowhere else."""

import re

import pytest

from .helpers import outcomes, run, text


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


@pytest.mark.parametrize(
    ("option", "torchs", "jaxs"), [(["--fw-tf32"], "high", "tensorfloat32"), ([], "highest", "highest")]
)
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
