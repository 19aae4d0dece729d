"""The sweep over rows with planted faults, and over the table's own shape."""

import mpmath
import numpy as np
import pytest
from pytest_dualfw.suites.sweep.divergence import CONVENTION, DEFECT
from pytest_dualfw.suites.sweep.joined import joined
from pytest_dualfw.suites.sweep.ops import FAMILIES
from pytest_dualfw.suites.sweep.points import points
from pytest_dualfw.suites.sweep.row import Row
from pytest_dualfw.suites.sweep.sweep import sweep
from pytest_dualfw.suites.sweep.tensors import TensorRow, each, shaped

TWO = shaped((2, 3))
VERSIONS = {"torch": "1", "jax": "1"}
ROWS = [row for rows in FAMILIES.values() for row in rows]


@pytest.fixture
def both(request):
    """A row swept on both frameworks, joined."""
    from pytest_dualfw import Target, frameworks

    def of(row):
        sweeps = {}
        for name, mode in (("torch", "eager"), ("jax", "jit")):
            fw = frameworks.framework(Target.parse(f"{name}-cpu-float64-{mode}"))
            with fw.scope():
                sweeps[name] = sweep(row, fw)
        return list(joined("family", row, sweeps, VERSIONS))

    return of


def kinds(found):
    return {(d.what, d.kind, tuple(d.obtained)) for d in found}


@pytest.mark.filterwarnings("ignore")
def test_a_right_row_is_clean(both):
    assert both(Row("sin", "torch.sin(x)", "jnp.sin(x)", mpmath.sin)) == []


@pytest.mark.filterwarnings("ignore")
def test_a_wrong_truth_is_caught(both):
    found = both(Row("sin", "torch.sin(x)", "jnp.sin(x)", lambda x: mpmath.sin(x) * 1.5))
    assert {("value", DEFECT, ("torch", "jax")), ("d/dx", DEFECT, ("torch", "jax"))} <= kinds(found)
    assert all(d.agree for d in found)


@pytest.mark.filterwarnings("ignore")
def test_one_framework_that_is_wrong_is_named(both):
    found = both(Row("sin", "torch.sin(x)", "jnp.sin(x) * (1 + (jnp.abs(x) > 1e8))", mpmath.sin))
    assert ("value", DEFECT, ("jax",)) in kinds(found)
    assert not any("torch" in d.obtained for d in found)
    assert all(abs(d.input[0]) > 1e8 for d in found)


@pytest.mark.filterwarnings("ignore")
def test_a_wrong_gradient_of_a_right_value(both):
    found = both(Row("sin", "torch.sin(x.detach()) + 0 * x", "jnp.sin(x)", mpmath.sin))
    assert {k for k in kinds(found) if k[1] == DEFECT} == {("d/dx", DEFECT, ("torch",))}


@pytest.mark.filterwarnings("ignore")
def test_a_convention(both):
    found = both(Row("relu", "F.relu(x)", "jnp.maximum(x, 0.0)", lambda x: max(x, mpmath.mpf(0))))
    at_kink = [d for d in found if d.at == "a kink" and d.what == "d/dx"]
    assert [(d.kind, d.input, d.obtained) for d in at_kink] == [(CONVENTION, (0.0,), {"torch": 0.0, "jax": 0.5})]


@pytest.mark.filterwarnings("ignore")
def test_a_row_of_arrays(both):
    right = TensorRow("sum", "x.sum(1)", "x.sum(1)", lambda x: x.sum(1), inputs=shaped((2, 3)))
    wrong = TensorRow("sum", "x.sum(1)", "x[:, :2].sum(1)", lambda x: x.sum(1), inputs=shaped((2, 3)))
    assert both(right) == []
    assert {k for k in kinds(both(wrong)) if k[1] == DEFECT} == {
        ("value", DEFECT, ("jax",)),
        ("d/dx", DEFECT, ("jax",)),
    }


@pytest.mark.filterwarnings("ignore")
def test_a_tie_of_arrays_takes_any_subgradient(both):
    row = TensorRow("max", "x.amax(1)", "x.max(1)", lambda x: x.max(1), inputs=shaped((2, 3)))
    assert {d.kind for d in both(row)} <= {CONVENTION}


@pytest.mark.filterwarnings("ignore")
def test_kinks_that_meet_are_no_defect(both):
    """At zeros the least |x| does not move with any one entry, and yet has subgradients that are not zero."""

    def least(x):
        return np.abs(x).min(1)

    assert {d.kind for d in both(TensorRow("least", "x.abs().amin(1)", "jnp.abs(x).min(1)", least, inputs=TWO))} <= {
        CONVENTION
    }


@pytest.mark.filterwarnings("ignore")
def test_what_both_have_wrong_alike_is_told_once(both):
    found = both(Row("line", "x * (1 + (x > 1e8))", "x * (1 + (x > 1e8) + 1e150 * (x > 1e9))", lambda x: x))
    wrong = [(d.agree, sorted(d.obtained)) for d in found if d.what == "value" and d.kind == DEFECT]
    assert wrong == [(True, ["jax", "torch"]), (False, ["jax"])]


def test_every_row_has_a_name_of_its_own():
    names = [row.name for row in ROWS]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("row", [r for r in ROWS if not isinstance(r, TensorRow)], ids=lambda r: r.name)
def test_points_lie_at_zero_and_at_both_ends(row):
    columns = points(row, np.dtype("float64"), "float64", 0)
    assert len({len(c) for c in columns}) == 1
    for x, (low, high) in zip(columns, row.domain, strict=True):
        assert {v for v in (low, high) if np.isfinite(v)} <= set(x.tolist())
        assert np.isnan(x).any()


def test_points_are_numbers_of_the_dtype():
    row = Row("exp", "", "", mpmath.exp)
    (x,) = points(row, np.dtype("float32"), "float32", 0)
    finite = x[np.isfinite(x) & (x != 0)]
    assert x.dtype == np.float32
    assert np.all(np.abs(finite) >= 2.0**-126)


def test_each_is_nan_where_a_function_is_not_defined():
    found = each(mpmath.log)(np.array([mpmath.mpf(1), mpmath.mpf(0)], dtype=object))
    assert found[0] == 0
    assert mpmath.isnan(found[1]) or found[1] == -mpmath.inf
