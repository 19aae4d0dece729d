"""What check_grads is asked in vain: one sentence each, and the same on both frameworks."""

import numpy as np
import pytest

from pytest_dualfw import check_grads

FRAMEWORKS = ["torch", "jax"]
x = np.array([1.0, 2.0, 3.0])


def refused(kind, fn, *args, **options):
    with pytest.raises(kind) as caught:
        check_grads(fn, *args, **options)
    return str(caught.value)


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_what_cannot_be_called(fw):
    assert refused(TypeError, 3, x, fw=fw) == f"fn is 3 of type int; pass a function of {fw} arrays first"


@pytest.mark.parametrize("fw", FRAMEWORKS)
@pytest.mark.parametrize("mode", ["eager", "jit"])
def test_a_function_that_raises(fw, mode):
    def fails(x):
        raise RuntimeError("no such kernel")

    with pytest.raises(RuntimeError) as caught:
        check_grads(fails, x, fw=f"{fw}-cpu-float64-{mode}")
    assert str(caught.value) == "no such kernel"
    if mode == "eager":
        assert caught.value.__notes__[-1] == f"raised by fails on {fw}-cpu-float64-eager at the given input"


@pytest.mark.parametrize("fw", FRAMEWORKS)
@pytest.mark.parametrize(
    ("returned", "described"), [(1.5, "builtins.float"), ("a", "builtins.str"), (x, "numpy.ndarray")]
)
def test_a_result_that_is_no_array(fw, returned, described):
    sentence = f"a result on {fw}-cpu-float64-eager is {described}; expected an array of {fw}"
    assert refused(AssertionError, lambda x: returned, x, fw=f"{fw}-cpu-float64") == sentence


@pytest.mark.parametrize("fw", FRAMEWORKS)
@pytest.mark.parametrize(
    ("fn", "kinds"),
    [(lambda x: None, "no array at all"), (lambda x: (), "no array at all"), (lambda x: x > 1, "out is bool")],
    ids=["None", "nothing", "bool"],
)
def test_a_result_that_is_not_floating(fw, fn, kinds):
    assert refused(ValueError, fn, x, fw=f"{fw}-cpu-float64") == (
        f"fn returned nothing floating ({kinds}); return at least one floating array, "
        "or pass wrt=() to check the value alone"
    )


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_result_that_is_not_floating_is_no_fault_where_nothing_is_differentiated(fw):
    report = check_grads(lambda x: x > 1.5, x, fw=f"{fw}-cpu-float64", wrt=(), reference=lambda x: x > 1.5)
    assert [(c.what, c.verdict) for c in report.checks if c.verdict != "unsupported"] == [("out", "pass")]


def another_at_the_second_call(later):
    calls = []

    def fn(x):
        calls.append(1)
        return x * x if len(calls) == 1 else later(x * x)

    return fn


@pytest.mark.parametrize("fw", FRAMEWORKS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("later", "told"),
    [
        (lambda y: (y, y), "(out(3,), out(3,)), and out(3,) before"),
        (lambda y: {"y": y}, "{y: out(3,)}, and out(3,) before"),
        (lambda y: y[:2], "out(2,), and out(3,) before"),
    ],
    ids=["a pair", "a dict", "a part"],
)
def test_another_structure_at_the_second_call(fw, dtype, later, told):
    assert refused(ValueError, another_at_the_second_call(later), x, fw=f"{fw}-cpu-{dtype}") == (
        f"fn returned another structure at the same input: {told}; return the same structure at each call"
    )


def test_a_shape_that_changes_beside_the_input_is_no_fault():
    report = check_grads(lambda x: x[x > 1] ** 2, x, fw="torch-cpu-float64")
    assert report.verdict == "inconclusive"
    assert report.checks[0].note == "ChangedStructure: out(3,), and out(2,) before"


def test_arguments_that_are_not_floating():
    assert refused(ValueError, lambda i: i, np.arange(3), fw="torch") == (
        "no argument is floating (i is int64); pass at least one that is, or wrt=() to check the value alone"
    )
    assert refused(ValueError, lambda i, x: x, np.arange(3), x, wrt=0) == (
        "wrt names argument 0 (i), which is int64; allowed are floating arguments"
    )
    assert refused(TypeError, lambda x: x, "abc") == (
        "x is of type str; allowed are NumPy arrays, numbers, and trees of them"
    )
    assert refused(ValueError, lambda: 1) == (
        "there is no argument to differentiate; pass the function's arguments after it"
    )


@pytest.mark.parametrize(("wrt", "told"), [(1, "(1,)"), (-1, "(-1,)"), ((0, 2), "(0, 2)"), ("x", "('x',)")])
def test_an_unknown_wrt(wrt, told):
    sentence = f"wrt is {told}; allowed are positions of the 1 arguments, from 0"
    assert refused(ValueError, lambda x: x, x, wrt=wrt) == sentence


def test_references_that_are_no_functions():
    assert refused(TypeError, lambda x: x, x, reference=x.sum()) == (
        "reference is np.float64(6.0) of type float64; pass a function of NumPy arrays"
    )
    assert refused(TypeError, lambda x: x, x, reference_vjp="vjp") == (
        "reference_vjp is 'vjp' of type str; pass a function of NumPy arrays"
    )


def test_a_mapping_without_the_framework():
    assert refused(ValueError, {"jax": lambda x: x}, x, fw="torch") == "fn has no function for torch; it has 'jax'"


UNCOMPILABLE = {
    "a shape": lambda x: x[x > 1],
    "a branch": lambda x: x * x if x.sum() > 0 else x,
}


@pytest.mark.parametrize(
    ("fw", "fn", "error"),
    [
        ("jax", "a shape", "NonConcreteBooleanIndexError: "),
        ("jax", "a branch", "TracerBoolConversionError: "),
        ("torch", "a branch", "Unsupported: "),
    ],
)
def test_what_cannot_be_compiled(fw, fn, error):
    sentence = refused(ValueError, UNCOMPILABLE[fn], x, fw=f"{fw}-cpu-float32-jit")
    start = f"<lambda> cannot be compiled on {fw}-cpu-float32-jit ({error}"
    assert sentence.startswith(start)
    assert sentence.endswith("); let no shape and no branch in it depend on values, or check it in eager mode")
    assert "\n" not in sentence
    assert check_grads(UNCOMPILABLE[fn], x + 0.5, fw=f"{fw}-cpu-float32-eager").verdict == "pass"
