"""What stands between layers: every op of the module, its vjp by complex step, its value by a loop or by hand."""

import inspect

import numpy as np
import pytest
from pytest_dualfw.reference.models import plumbing

from .oracle import assert_vjp_by_complex_step

CASES = [
    ("identity", [(2, 3)], {}),
    ("add", [(2, 3), (2, 3)], {}),
    ("add", [(4, 2, 3), (3,)], {}),
    ("add", [(2, 1, 3), (4, 2, 5, 1)], {}),
    ("add", [(1, 3), (1, 3)], {}),
    ("add", [(), (2,)], {}),
    ("multiply", [(2, 3), (2, 3)], {}),
    ("multiply", [(2, 1), (4, 2, 3)], {}),
    ("multiply", [(1, 3), (2, 1)], {}),
    ("scaled", [(2, 3)], {"by": -0.3}),
    ("reshaped", [(2, 3, 4)], {"shape": (6, 4)}),
    ("reshaped", [(2, 3, 4)], {"shape": (2, -1)}),
    ("transposed", [(2, 3, 4)], {"axes": (1, 2, 0)}),
    ("transposed", [(2, 3, 4)], {"axes": (2, 1, 0)}),
    ("picked", [(2, 3, 4)], {"index": 2, "axis": 1}),
    ("picked", [(2, 3, 4)], {"index": -1, "axis": 0}),
    ("picked", [(2, 3, 4)], {"index": 0, "axis": -1}),
    ("concatenated", [(2, 3), (2, 1), (2, 2)], {"axis": 1}),
    ("concatenated", [(2, 3), (4, 3)], {"axis": 0}),
    ("parted", [(2, 6, 3)], {"count": 3, "axis": 1}),
    ("stacked", [(2, 3), (2, 3), (2, 3)], {"axis": 0}),
    ("stacked", [(2, 3), (2, 3)], {"axis": 1}),
    ("matmul", [(2, 3, 4), (2, 4, 5)], {}),
    ("matmul", [(2, 3, 4), (4, 5)], {}),
    ("averaged", [(2, 3, 4)], {"axes": (1, 2)}),
    ("averaged", [(2, 3, 4)], {"axes": (-1,)}),
    ("averaged", [(2, 3, 4)], {"axes": (0, 2)}),
]
# Those that take more than real numbers, each with a test of its own.
APART = {"picked_at", "masked"}
STEPS = np.array([2, 0, 2, 1])


def drawn(shapes):
    rng = np.random.default_rng(12)
    return [rng.normal(size=shape) for shape in shapes]


@pytest.mark.parametrize(("name", "shapes", "options"), CASES)
def test_vjp(name, shapes, options):
    op, vjp = getattr(plumbing, name), getattr(plumbing, f"{name}_vjp")
    assert_vjp_by_complex_step(op, vjp, drawn(shapes), **options)


def test_vjp_of_a_step_for_each_row():
    assert_vjp_by_complex_step(plumbing.picked_at, plumbing.picked_at_vjp, [*drawn([(3, 4, 2)]), STEPS])


def test_what_is_masked_has_no_weight_and_no_gradient():
    allowed = np.array([True, False, True])
    (x,), (g,) = drawn([(2, 3)]), drawn([(2, 3)])
    y = plumbing.masked(x, allowed)
    assert np.array_equal(y[:, allowed], x[:, allowed])
    assert (y[:, 1] == -np.inf).all()
    dx, of_mask = plumbing.masked_vjp(g, x, allowed)
    assert np.array_equal(dx, g * allowed)
    assert of_mask is None


def test_every_op_is_here():
    ops = {name for name, f in inspect.getmembers(plumbing, inspect.isfunction) if f.__module__ == plumbing.__name__}
    with_vjp = {name for name in ops if f"{name}_vjp" in ops}
    assert with_vjp == {name for name, _, _ in CASES} | APART
    assert {name for name in ops if name[0] != "_"} == with_vjp | {f"{name}_vjp" for name in with_vjp}


def test_values():
    a, b = drawn([(2, 3, 4), (4,)])
    assert plumbing.identity(a) is a
    assert np.array_equal(plumbing.add(a, b), a + b)
    assert np.array_equal(plumbing.multiply(a, b), a * b)
    assert np.array_equal(plumbing.scaled(a, by=-0.5), a / -2)
    assert plumbing.reshaped(a, shape=[8, 3])[5, 1] == a.flat[16]
    assert plumbing.transposed(a, axes=[1, 2, 0])[1, 3, 0] == a[0, 1, 3]
    assert np.array_equal(plumbing.picked(a, index=-1, axis=1), a[:, 2])
    assert np.array_equal(plumbing.concatenated(a, a[:, :1], axis=1)[:, 3], a[:, 0])
    assert plumbing.averaged(a, axes=[0, 2])[1] == pytest.approx(sum(a[:, 1].flat) / 8, rel=1e-14)


def test_each_row_has_its_own_step():
    (x,) = drawn([(3, 4, 2)])
    assert np.array_equal(plumbing.picked_at(x, STEPS), [x[2, 0], x[0, 1], x[2, 2], x[1, 3]])


def test_a_mean_of_nothing_sends_nothing_back():
    (dx,) = plumbing.averaged_vjp(np.zeros((0,)), np.zeros((0, 3)), axes=(1,))
    assert dx.shape == (0, 3)


def test_broadcasting_keeps_what_was_not_repeated():
    da, db = plumbing.add_vjp(np.ones((4, 2, 3)), np.zeros((2, 3)), np.zeros((4, 1, 3)))
    assert da.tolist() == [[4.0] * 3] * 2
    assert db.tolist() == [[[2.0] * 3]] * 4
