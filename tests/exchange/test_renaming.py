"""Names and layouts from one library to the other and back, and what is wrong with a table or with parameters."""

import numpy as np
import pytest

from pytest_dualfw.exchange import Renaming, Row
from pytest_dualfw.layouts import LAYOUTS

LAYOUT = {layout.name: layout for layout in LAYOUTS}
TRANSPOSED = LAYOUT["transposed"]
HEADS = LAYOUT["heads (HD,E) <-> (E,H,D)"]

ATTENTION = Renaming(
    (
        Row("in.weight", "query.kernel", HEADS, (0, 3)),
        Row("in.weight", "key.kernel", HEADS, (1, 3)),
        Row("in.weight", "value.kernel", HEADS, (2, 3)),
        Row("out.weight", "out.kernel", TRANSPOSED),
        Row("b_ih", "b"),
        Row("b_hh", "b", added=True),
    )
)
HERE = {"in.weight": (18, 6), "out.weight": (5, 6), "b_ih": (4,), "b_hh": (4,)}
THERE = {**dict.fromkeys(("query.kernel", "key.kernel", "value.kernel"), (6, 2, 3)), "out.kernel": (6, 5), "b": (4,)}


def drawn(shapes):
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def complaint(call, *args):
    with pytest.raises(ValueError) as raised:
        call(*args)
    return str(raised.value)


def test_there():
    here = drawn(HERE)
    there = ATTENTION.there(here, THERE)
    q, k, v = np.split(here["in.weight"], 3)
    for name, w in (("query", q), ("key", k), ("value", v)):
        np.testing.assert_array_equal(there[f"{name}.kernel"], w.T.reshape(6, 2, 3))
    np.testing.assert_array_equal(there["out.kernel"], here["out.weight"].T)
    np.testing.assert_array_equal(there["b"], here["b_ih"] + here["b_hh"])


def test_back_is_the_inverse_but_for_the_sum():
    here = drawn(HERE)
    there = ATTENTION.there(here, THERE)
    back = ATTENTION.back(there, HERE)
    for name in ("in.weight", "out.weight"):
        np.testing.assert_array_equal(back[name], here[name])
    np.testing.assert_array_equal(back["b_ih"], here["b_ih"] + here["b_hh"])
    np.testing.assert_array_equal(back["b_hh"], 0)
    again = ATTENTION.there(back, THERE)
    assert all(np.array_equal(again[name], x) for name, x in there.items())


def test_an_added_row_may_stand_first():
    table = Renaming((Row("b_hh", "b", added=True), Row("b_ih", "b")))
    assert table.there({"b_ih": np.array([1.0]), "b_hh": np.array([2.0])}, {"b": (1,)})["b"].tolist() == [3]
    assert table.back({"b": np.array([3.0])}, {"b_ih": (1,), "b_hh": (1,)}) == {"b_ih": [3], "b_hh": [0]}


def test_tied_weights():
    table = Renaming((Row("w", "embedding"), Row("w", "head.kernel", TRANSPOSED)))
    w = np.arange(6.0).reshape(2, 3)
    there = table.there({"w": w}, {"embedding": (2, 3), "head.kernel": (3, 2)})
    np.testing.assert_array_equal(there["head.kernel"], w.T)
    np.testing.assert_array_equal(table.back(there, {"w": (2, 3)})["w"], w)
    there["head.kernel"] = there["head.kernel"] + 1
    assert complaint(table.back, there, {"w": (2, 3)}) == (
        "'embedding' and 'head.kernel' are one weight here, 'w', and differ there"
    )


def test_the_dtype_stays():
    table = Renaming((Row("w", "k", TRANSPOSED),))
    assert table.there({"w": np.zeros((2, 3), np.float16)}, {"k": (3, 2)})["k"].dtype == np.float16


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            (Row("a", "x"), Row("b", "x")),
            "two rows make 'x'; keep one of them, or say added=True where the values are summed",
        ),
        ((Row("a", "x", added=True),), "'a' is added to 'x', which no row makes; leave out added=True"),
        (
            (Row("a", "x", part=(0, 3)), Row("a", "y", part=(1, 3))),
            "the rows of 'a' take the parts [(0, 3), (1, 3)]; each of n parts has to go somewhere",
        ),
        (
            (Row("a", "x", part=(0, 2)), Row("a", "y")),
            "the rows of 'a' take the parts [(0, 1), (0, 2)]; each of n parts has to go somewhere",
        ),
        (
            (Row("a", "x", part=(1, 1)),),
            "the rows of 'a' take the parts [(1, 1)]; each of n parts has to go somewhere",
        ),
        (
            (Row("a", "x", part=(0, 0)),),
            "the rows of 'a' take the parts [(0, 0)]; each of n parts has to go somewhere",
        ),
    ],
)
def test_rows_that_contradict_each_other(rows, said):
    assert complaint(Renaming, rows) == said


def test_names_that_are_missing_or_left_over():
    table = Renaming((Row("w", "kernel", TRANSPOSED), Row("b", "bias")))
    here, there = {"w": np.zeros((3, 2)), "b": np.zeros(3)}, {"kernel": (2, 3), "bias": (3,)}
    assert complaint(table.there, {"w": here["w"]}, there) == (
        "the parameters here lack b, which the rows name; they are w"
    )
    assert complaint(table.there, {}, there) == ("the parameters here lack b and w, which the rows name; they are none")
    assert complaint(table.there, {**here, "scale": np.ones(3)}, there) == (
        "the parameters here hold scale, which no row names; add rows, or leave them out"
    )
    assert complaint(table.there, here, {"kernel": (2, 3)}) == (
        "the parameters there lack bias, which the rows name; they are kernel"
    )
    assert complaint(table.there, here, {**there, "mean": (3,), "var": (3,)}) == (
        "the parameters there hold mean and var, which no row names; add rows, or leave them out"
    )
    assert complaint(table.back, {"kernel": np.zeros((2, 3))}, {"w": (3, 2), "b": (3,)}) == (
        "the parameters there lack bias, which the rows name; they are kernel"
    )


def test_shapes_that_no_layout_leads_to():
    table = Renaming((Row("w", "kernel", TRANSPOSED),))
    assert complaint(table.there, {"w": np.zeros((3, 2))}, {"kernel": (3, 2)}) == (
        "'w' of shape (3, 2) does not become 'kernel' of shape (3, 2) by layout 'transposed'; "
        "layouts that do: same and gates r,z,n <-> z,r,n"
    )
    assert complaint(table.back, {"kernel": np.zeros((3, 2))}, {"w": (3, 2)}) == (
        "'w' of shape (3, 2) does not become 'kernel' of shape (3, 2) by layout 'transposed'; "
        "layouts that do: same and gates r,z,n <-> z,r,n"
    )
    assert complaint(table.there, {"w": np.zeros((3, 2))}, {"kernel": (2, 4)}) == (
        "'w' of shape (3, 2) does not become 'kernel' of shape (2, 4) by layout 'transposed'; no layout does"
    )
    thirds = Renaming(tuple(Row("w", name, part=(k, 3)) for k, name in enumerate("qkv")))
    assert complaint(thirds.there, {"w": np.zeros((4, 2))}, dict.fromkeys("qkv", (1, 2))) == (
        "'w' of shape (4, 2) has no 3 equal parts; correct the row's part"
    )
