"""A result of another framework, device or dtype than the target's, or one that NumPy computed, is a failure."""

import pytest

from .helpers import assert_lines, outcomes, run

T, J = "torch-cpu-float32-eager", "jax-cpu-float32-eager"
F32 = "expected float32 (pass dtype= where another one is meant)"

WRONG = [
    ("torch", "np.ones(2)", f"a result on {T} is numpy.ndarray; expected an array of torch"),
    ("jax", "np.ones(2)", f"a result on {J} is numpy.ndarray; expected an array of jax"),
    ("jax", "1.0", f"a result on {J} is builtins.float; expected an array of jax"),
    ("torch", "jnp.ones(2)", f"a result on {T} is jaxlib.ArrayImpl; expected an array of torch"),
    ("jax", "torch.ones(2)", f"a result on {J} is torch.Tensor; expected an array of jax"),
    ("torch", "torch.ones(2).double()", f"a result on {T} is float64; {F32}"),
    ("torch", "torch.ones(2).half()", f"a result on {T} is float16; {F32}"),
    ("jax", "jnp.ones(2, 'bfloat16')", f"a result on {J} is bfloat16; {F32}"),
    ("torch", "torch.ones(2, dtype=torch.complex128)", f"a result on {T} is complex128; {F32}"),
    ("torch", "torch.ones(2, device='meta')", f"a result on {T} lies on meta; expected cpu"),
    ("torch", "np.sin(fw.asarray([1.0, 2.0]))", f"a result on {T} was computed by NumPy; compute it with torch"),
]


@pytest.mark.parametrize("taken", ["fw.to_numpy({made})", "assert_close({made}, np.ones(2))"])
@pytest.mark.parametrize(("name", "made", "message"), WRONG, ids=[f"{name} {made}" for name, made, _ in WRONG])
def test_wrong_result(pytester, name, made, message, taken):
    pytester.makepyfile(f"""
        import jax.numpy as jnp
        import numpy as np
        import torch

        def test_it(fw, assert_close):
            {taken.format(made=made)}
    """)
    result = run(pytester, f"--fw={name}")
    assert list(outcomes(result).values()) == ["failed"]
    assert_lines(result, f"pytest_dualfw.frameworks.base.WrongResult: {message}")


def test_result_on_another_device(pytester):
    """There is one device here: the framework is made to say that the array lies on another."""
    pytester.makepyfile("""
        def test_it(fw, monkeypatch):
            monkeypatch.setattr(fw, "device_of", lambda x: "gpu")
            fw.to_numpy(fw.asarray([1.0]))
    """)
    assert_lines(
        run(pytester, "--fw=jax"),
        f"pytest_dualfw.frameworks.base.WrongResult: a result on {J} lies on gpu; expected cpu",
    )


def test_numpy_in_what_jax_compiles(pytester):
    pytester.makepyfile("""
        import numpy as np

        def test_it(fw, assert_close):
            assert_close(fw.compile(lambda x: fw.asarray(np.exp(x)) + 1)(fw.asarray(0.0)), 2.0)
    """)
    assert list(outcomes(run(pytester, "--fw=jax", "--fw-mode=jit")).values()) == ["failed"]


def test_asked_for_conversions_are_no_round_trip(pytester):
    pytester.makepyfile("""
        import numpy as np

        def test_it(fw, assert_close, rng):
            x = rng.normal(size=3)
            y = fw.compile(lambda a: a * 2)(fw.asarray(x))
            np.testing.assert_allclose(np.sin(fw.to_numpy(y)), np.sin(2 * x), rtol=1e-5)
            assert_close(y, 2 * x)
            assert float(y.sum()) == float(y.sum())
            assert str(y)
    """)
    assert set(outcomes(run(pytester, "--fw=torch,jax", "--fw-mode=all")).values()) == {"passed"}


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_asarray_makes_the_dtype(pytester, dtype):
    pytester.makepyfile(f"""
        import numpy as np

        def test_it(fw):
            for given in (1.5, [1.5], np.float32(1.5), np.ones(2, np.float16), np.ones((0, 2)), fw.asarray([1.5])):
                made = fw.asarray(given)
                assert fw.dtype_of(made) == "{dtype}"
                assert fw.device_of(made) == "cpu"
            assert fw.dtype_of(fw.asarray(1.5, dtype="float32")) == "float32"
            assert fw.to_numpy(fw.asarray(np.array([True, False]))).dtype == bool
            assert fw.to_numpy(fw.asarray(np.arange(3))).dtype.kind == "i"

        def test_data_is_copied(fw):
            data = np.ones(3)
            made = fw.asarray(data)
            data[:] = 7
            assert (fw.to_numpy(made) == 1).all()
    """)
    result = run(pytester, "--fw=torch,jax", f"--fw-dtype={dtype}")
    assert set(outcomes(result).values()) == {"passed"}


def test_asarray_where_64_bits_are_off(pytester):
    pytester.makepyfile("""
        import jax

        def test_it(fw):
            with jax.enable_x64(False):
                fw.asarray([1.0])
    """)
    assert_lines(
        run(pytester, "--fw=jax", "--fw-dtype=float64"),
        "pytest_dualfw.frameworks.base.WrongResult: jax-cpu-float64-eager was asked for float64 and made float32; "
        "call asarray inside a test or fw.scope(), where 64-bit types are switched on",
    )


FAR = """
    import numpy as np
    import pytest
    from pytest_dualfw import Tolerance

    def test_far(fw, assert_close):
        assert_close(fw.asarray(np.array([[1.0, 2.0], [3.0, 8.0]])), np.array([[1.0, 2.0], [3.0, 4.0]]))

    def test_shape(fw, assert_close):
        assert_close(fw.asarray(np.ones(2)), np.ones((2, 1)))

    def test_tree(fw, assert_close):
        assert_close({"a": fw.asarray(1.0)}, {"b": 1.0})

    def test_nan(fw, assert_close):
        assert_close(fw.asarray([np.nan, 1.0]), np.array([0.0, 1.0]))

    def test_same(fw, assert_close):
        assert_close({"a": fw.asarray([np.nan, np.inf])}, {"a": np.array([np.nan, np.inf])})
        assert_close(fw.asarray(1.1), 1.0, tolerance=Tolerance(rtol=0.2, why="coarse on purpose"))
        assert_close(fw.asarray(1.5), fw.asarray(1.5))
"""


def test_assert_close_says_where_and_by_how_much(pytester):
    pytester.makepyfile(FAR)
    result = run(pytester, "--fw=jax")
    ended = {name.partition("[")[0]: end for name, end in outcomes(result).items()}
    assert ended.pop("test_same") == "passed"
    assert set(ended.values()) == {"failed"}
    assert_lines(
        result,
        f"AssertionError: value[1, 1] on {J} disagrees with the assert_close",
        "obtained  8.0",
        "expected  4.0",
        "wrong     1 of 4 entries",
        "ratio     2: counted twice, or a missing 1/2",
        f"AssertionError: value on {J} disagrees with the assert_close",
        "obtained  '(2,)'",
        "expected  '(2, 1)'",
        "ratio     -: wrong shape; has shape (2,), expected (2, 1)",
        "AssertionError: the result has the structure PyTreeSpec({'a': *}); expected PyTreeSpec({'b': *})",
        f"AssertionError: value[0] on {J} disagrees with the assert_close",
        "obtained  'nan'",
        "ratio     -: not finite",
    )
