"""Fixtures, doctests and subtests of a project, beside and on top of ours."""

import pytest

from .helpers import assert_lines, outcomes, report_of, run

FOUR = ["--fw=torch,jax", "--fw-dtype=float64,float32"]


@pytest.mark.parametrize("scope", ["function", "class", "module", "session"])
def test_a_fixture_of_any_scope_sees_its_target(pytester, scope):
    """Set up and torn down with the target's state in force: 64-bit types only where the target has them."""
    pytester.makepyfile(f"""
        import numpy as np
        import pytest

        @pytest.fixture(scope={scope!r})
        def weights(fw, dtype):
            made = fw.asarray(np.ones(3))
            assert fw.dtype_of(made) == dtype
            yield made
            assert fw.dtype_of(fw.asarray(np.ones(3))) == dtype

        def test_one(fw, dtype, weights): assert fw.to_numpy(weights).dtype == dtype
        def test_two(weights, fw, mode): assert fw.dtype_of(weights) == fw.dtype
    """)
    result = run(pytester, *FOUR)
    assert set(outcomes(result).values()) == {"passed"}
    assert len(outcomes(result)) == 8
    assert result.ret == 0


def test_a_fixture_that_changes_a_setting_and_puts_it_back(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def strict():
            import jax
            jax.config.update("jax_numpy_dtype_promotion", "strict")
            yield
            jax.config.update("jax_numpy_dtype_promotion", "standard")

        def test_strict(fw, strict):
            import jax
            assert jax.config.jax_numpy_dtype_promotion == "strict"

        def test_after(fw):
            import jax
            assert jax.config.jax_numpy_dtype_promotion == "standard"
    """)
    assert list(outcomes(run(pytester, "--fw=jax")).values()) == ["passed", "passed"]


def test_a_fixture_that_leaks_does_not_reach_the_next_test(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def careless():
            import torch
            torch.set_num_threads(2)

        def test_careless(fw, careless): pass

        def test_after(fw):
            import torch
            assert torch.get_num_threads() == 1
    """)
    assert outcomes(run(pytester, "--fw=torch"))["test_after[torch-cpu-float32-eager]"] == "passed"


@pytest.mark.xfail(
    pytest.version_tuple < (9,),
    reason="pytest 8.4 does not look for targets below a fixture that overrides fw",
    strict=True,
)
def test_a_users_fixture_on_top_of_ours(pytester):
    """Overridden by its own name, as pytest allows."""
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def rng(rng):
            rng.bit_generator.advance(1)
            return rng

        @pytest.fixture(scope="session")
        def fw(fw):
            return (fw, "mine")

        def test_it(fw, rng): assert fw[1] == "mine" and rng.normal() is not None
    """)
    assert outcomes(run(pytester, "--fw=jax")) == {"test_it[jax-cpu-float32-eager]": "passed"}


def test_a_parametrize_of_the_same_name(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("device", ["left", "right"])
        def test_device(device): assert device in ("left", "right")

        @pytest.mark.parametrize("fw", [1])
        def test_fw(fw): assert fw == 1
    """)
    assert outcomes(run(pytester, "--fw=torch,jax", "-k", "test")) == {
        "test_device[left]": "passed",
        "test_device[right]": "passed",
        "test_fw[1]": "passed",
    }


def test_doctests(pytester):
    pytester.makepyfile(test_it='def double(x):\n    """\n    >>> double(2)\n    4\n    """\n    return 2 * x')
    result = run(pytester, "--fw=jax", "--doctest-modules", "-k", "double")
    assert outcomes(result) == {"test_it.double": "passed"}
    assert result.ret == 0


def test_subtests(pytester):
    if tuple(map(int, pytest.__version__.split(".")[:2])) < (9, 0):
        pytest.skip("needs pytest 9")
    pytester.makepyfile("""
        def test_it(fw, subtests):
            for i in range(3):
                with subtests.test(i=i):
                    assert i != 1
    """)
    result = run(pytester, "--fw=jax", "--fw-report=out")
    assert result.ret == 1
    assert report_of(pytester)["coverage"] == {"jax-cpu-float32-eager": {"failed": 1}}


def test_plain_tests_keep_their_random_numbers(pytester):
    """Ours seed torch's global generator; what others had drawn from goes on where it was."""
    pytester.makepyfile("""
        import torch

        STATE = torch.get_rng_state()

        def test_ours(fw): torch.rand(3)
        def test_plain(): assert torch.equal(torch.get_rng_state(), STATE)
    """)
    assert list(outcomes(run(pytester, "--fw=torch")).values()) == ["passed", "passed"]


def test_a_setup_that_fails_is_an_error_of_its_target(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def broken(fw): raise ValueError("its own")

        def test_it(broken): pass

        @pytest.fixture
        def late(fw):
            yield
            raise ValueError("afterwards")

        def test_late(late): pass
    """)
    result = run(pytester, "--fw=jax", "--fw-report=out")
    assert report_of(pytester)["coverage"] == {"jax-cpu-float32-eager": {"error": 2}}
    assert_lines(result, "ValueError: its own", "ValueError: afterwards")
