"""What is asked in other ways: each finds a fault that shows in no other, and none finds one in a right row."""

import mpmath
import pytest
from pytest_dualfw.suites.sweep.divergence import DEFECT, UNSUPPORTED
from pytest_dualfw.suites.sweep.joined import joined
from pytest_dualfw.suites.sweep.reproduce import printed, reproducer
from pytest_dualfw.suites.sweep.row import Row
from pytest_dualfw.suites.sweep.sweep import sweep
from pytest_dualfw.suites.sweep.tensors import TensorRow, shaped

from pytest_dualfw import Target, frameworks

MODES = {"torch": "eager", "jax": "jit"}
VERSIONS = {"torch": "1", "jax": "1"}
TWICE = {
    "vmap of value": {
        "torch": "x * (2 if torch._C._functorch.is_batchedtensor(x) else 1)",
        "jax": "x * (2 if 'Batch' in type(x).__name__ else 1)",
    },
    "other mode of value": {
        "torch": "x * (2 if torch.compiler.is_compiling() else 1)",
        "jax": "x * (1 if isinstance(x, jax.core.Tracer) else 2)",
    },
    "strided of value": {"torch": "x * (2 if x.dim() > 1 and x.stride(0) > x.shape[1] else 1)"},
    "transposed of value": {"torch": "x * (2 if x.dim() > 1 and x.stride(0) == 1 else 1)"},
}
PLANTED = [(what, fw) for what, spelled in TWICE.items() for fw in spelled]


def deep(row, fw):
    target = frameworks.framework(Target.parse(f"{fw}-cpu-float64-{MODES[fw]}"))
    with target.scope():
        return list(joined("family", row, {fw: sweep(row, target, deep=True)}, VERSIONS))


def defects(found):
    return {d.what for d in found if d.kind == DEFECT}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("what", "fw"), PLANTED)
def test_a_fault_that_shows_in_one_way(what, fw):
    spelled = {"torch": "x", "jax": "x", fw: TWICE[what][fw]}
    row = TensorRow("planted", **spelled, truth=lambda x: x, inputs=shaped((2, 3), skip=("an infinity", "a NaN")))
    way = what.partition(" of ")[0]
    assert {d.rpartition(" of ")[0] for d in defects(deep(row, fw))} == {way}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("fw", "axes"), [("torch", "x.dim()"), ("jax", "x.ndim")])
def test_a_fault_of_broadcast_numbers(fw, axes):
    text = f"x * (2 if {axes} > 1 and x.shape[-1] == 2 else 1)"
    row = Row("planted", **{"torch": "x", "jax": "x", fw: text}, truth=lambda x: x, domain=((-10.0, 10.0),))
    assert defects(deep(row, fw)) == {"broadcast of value", "broadcast of d/dx"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fw", MODES)
def test_an_infinite_slope_is_no_fault_of_broadcast_numbers(fw):
    row = Row("cube", "x ** 3", "x ** 3", lambda x: x**3, points=(1e155, -1e160))
    assert "broadcast of d/dx" not in defects(deep(row, fw))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("fw", "held"), [("torch", "x.detach()"), ("jax", "lax.stop_gradient(x)")])
def test_a_wrong_second_derivative_hides_no_other_fault(fw, held):
    """The square again, twice as large where numbers are broadcast."""
    axes = {"torch": "x.dim()", "jax": "x.ndim"}[fw]
    text = f"(x * x - 0.5 * (x - {held}) ** 2) * (2 if {axes} > 1 and x.shape[-1] == 2 else 1)"
    row = Row("square", text, text, lambda x: x * x, domain=((-10.0, 10.0),))
    assert defects(deep(row, fw)) == {"second d/dx", "broadcast of value", "broadcast of d/dx"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fw", MODES)
def test_a_right_row_in_every_way(fw):
    entrywise = Row("sin", "torch.sin(x)", "jnp.sin(x)", mpmath.sin)
    arrays = TensorRow(
        "product", "x @ y", "x @ y", truth=lambda x, y: x @ y, inputs=shaped((2, 3), (3, 2), skip=("huge",))
    )
    assert [d.id for row in (entrywise, arrays) for d in deep(row, fw)] == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("fw", "held"), [("torch", "x.detach()"), ("jax", "lax.stop_gradient(x)")])
def test_a_second_derivative_that_is_wrong_alone(fw, held):
    """The square, whose first derivative is right and whose second is 1."""
    text = f"x * x - 0.5 * (x - {held}) ** 2"
    row = Row("square", text, text, lambda x: x * x, domain=((-10.0, 10.0),))
    assert defects(deep(row, fw)) == {"second d/dx"}
    arrays = TensorRow("squares", text, text, truth=lambda x: x * x, inputs=shaped((2,), low=1.0, high=2.0))
    assert defects(deep(arrays, fw)) == {"second derivative along the tangents"}


@pytest.mark.filterwarnings("ignore")
def test_a_backward_that_torch_func_does_not_take():
    """torch.func and backward() take other rules for a singular matrix; a gradient is what backward() returns."""
    text = "x * (2 if torch._C._functorch.maybe_current_level() else 1)"
    row = TensorRow("planted", text, "x", truth=lambda x: x, inputs=shaped((2,), skip=("an infinity", "a NaN")))
    found = defects(deep(row, "torch"))
    assert "torch.func of d/dx" in found
    assert not {"value", "d/dx"} & found


@pytest.mark.filterwarnings("ignore")
def test_what_a_framework_has_not():
    row = TensorRow("item", "x * x.sum().item()", "x * x.sum()", truth=lambda x: x * x.sum(), inputs=shaped((2,)))
    missing = [d for d in deep(row, "torch") if d.kind == UNSUPPORTED]
    assert "vmap of value" in {d.what for d in missing}
    assert all(d.obtained == {"torch": "raises"} and d.at for d in missing)


FOUND = {
    "value": 6.0, "d/dx": 5.0, "vmap of value": 6.0, "vmap of d/dx": 5.0, "strided of value": 6.0,
    "broadcast of value": 6.0, "broadcast of d/dx": 5.0,
    "transposed of d/dx": 5.0, "torch.func of d/dx": 5.0, "other mode of value": 6.0, "forward d/dx": 5.0,
    "second d/dx": 2.0, "jvp": 10.0, "second derivative along the tangents": 8.0,
}  # fmt: skip


@pytest.mark.parametrize("fw", MODES)
@pytest.mark.parametrize("what", FOUND)
def test_a_reproducer_asks_the_same(monkeypatch, what, fw):
    """Of x (x + 1) at 2."""
    from pytest_dualfw.suites.sweep import reproduce
    from pytest_dualfw.suites.sweep.divergence import Divergence

    if fw == "jax" and what.startswith(("strided", "transposed", "torch")):
        pytest.skip("a layout or a transformation of torch")
    arrays = what in ("jvp", "second derivative along the tangents")
    text = "x * (x + 1)"
    row = (
        TensorRow("planted", text, text, truth=None, inputs=shaped((1,)))
        if arrays
        else Row("planted", text, text, None)
    )
    monkeypatch.setitem(reproduce.ROWS, "planted", row)
    divergence = Divergence(
        "id", "planted", "family", DEFECT, what, "", ([2.0],) if arrays else (2.0,), {fw: 0.0},
        (f"{fw}-cpu-float64",), {}, index=(0,) if what == "jvp" else (),
    )  # fmt: skip
    program = reproducer(divergence, fw)
    assert float(printed([program])[0]) == FOUND[what], program
    assert len(program.splitlines()) <= 15
