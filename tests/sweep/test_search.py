"""The search for a defect, over planted ones."""

import mpmath
import pytest
from pytest_dualfw.suites.sweep.row import Row
from pytest_dualfw.suites.sweep.search import Search, search
from pytest_dualfw.suites.sweep.tensors import TensorRow, shaped

from pytest_dualfw import Target, frameworks

TARGETS = ["torch-cpu-float64-eager", "jax-cpu-float64-jit"]
PLANTED = Row("planted", "torch.where(x > 3, 2 * x, x)", "jnp.where(x > 3, 2 * x, x)", lambda x: x)


def searched(row, target, known=(), seed=1):
    fw = frameworks.framework(Target.parse(target))
    with fw.scope():
        return search(row, fw, Search(known.__contains__, examples=200, seed=seed))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS)
def test_a_planted_defect_is_found_and_shrunk(target):
    found = searched(PLANTED, target)
    assert (found.what, found.xs, found.obtained) == ("value", (4.0,), 8.0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS)
def test_what_is_known_is_passed_over(target):
    assert searched(PLANTED, target, known=("value",)).what == "d/dx"
    assert searched(PLANTED, target, known=("value", "d/dx", "forward d/dx")) is None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS)
def test_a_right_row(target):
    assert searched(Row("exp", "torch.exp(x)", "jnp.exp(x)", mpmath.exp), target) is None


@pytest.mark.filterwarnings("ignore")
def test_the_domain_is_kept():
    row = Row("planted", "torch.where(x > 3, 2 * x, x)", "", lambda x: x, domain=((-1.0, 2.0),))
    assert searched(row, TARGETS[0]) is None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS)
def test_shapes_are_drawn_and_shrunk(target):
    """Wrong from three rows on, and only there."""
    row = TensorRow(
        "planted",
        "x.sum(1) * (1 if x.shape[0] < 3 else 2)",
        "x.sum(1) * (1 if x.shape[0] < 3 else 2)",
        truth=lambda x: x.sum(axis=1),
        inputs=shaped((2, 2)),
    )
    found = searched(row, target)
    assert found.what == "value"
    assert found.xs[0].shape == (3, 3)  # the one size is both


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS)
def test_a_right_row_of_arrays_in_all_shapes(target):
    row = TensorRow("sum", "x.sum(1)", "x.sum(1)", truth=lambda x: x.sum(axis=1), inputs=shaped((2, 3)))
    assert searched(row, target) is None
