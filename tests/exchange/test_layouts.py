"""Every layout against an independent spelling of it, there and back, and which shapes it fits."""

import ml_dtypes
import numpy as np
import pytest

from pytest_dualfw.layouts import FLATTENED, LAYOUTS, RESHAPED, ROTARY, SAME, candidates, flattened, rotary

H, D, E, C, S = 3, 4, 5, 6, 4


def gates(order, x):
    """The blocks of the first axis, in another order."""
    return np.concatenate([np.split(x, len(order))[i] for i in order])


# name: shape here, and the weight as it lies there, in NumPy's own words
SPELLED = {
    "same": ((2, 3), lambda x: x),
    "transposed": ((2, 3), lambda x: x.T),
    "OIW <-> WIO": ((2, 3, 4), lambda x: np.einsum("oiw->wio", x)),
    "OIHW <-> HWIO": ((2, 3, 4, 5), lambda x: np.einsum("oihw->hwio", x)),
    "OIDHW <-> DHWIO": ((2, 3, 4, 5, 6), lambda x: np.einsum("oidhw->dhwio", x)),
    "IOW <-> WIO, flipped": ((2, 3, 4), lambda x: np.einsum("iow->wio", x)[::-1]),
    "IOHW <-> HWIO, flipped": ((2, 3, 4, 5), lambda x: np.einsum("iohw->hwio", x)[::-1, ::-1]),
    "IODHW <-> DHWIO, flipped": ((2, 3, 4, 5, 6), lambda x: np.einsum("iodhw->dhwio", x)[::-1, ::-1, ::-1]),
    "squeezed": ((7,), lambda x: x[None, None, :]),
    "heads (HD,E) <-> (E,H,D)": ((H * D, E), lambda x: x.T.reshape(E, H, D)),
    "heads (E,HD) <-> (H,D,E)": ((E, H * D), lambda x: x.T.reshape(H, D, E)),
    "packed (3HD,E) <-> (E,3,H,D)": ((3 * H * D, E), lambda x: x.T.reshape(E, 3, H, D)),
    "packed (3HD,E) <-> (E,H,3,D)": ((3 * H * D, E), lambda x: x.T.reshape(E, 3, H, D).swapaxes(1, 2)),
    "packed (3HD,E) <-> (E,H,3D)": (
        (3 * H * D, E),
        lambda x: np.concatenate([p.T.reshape(E, H, D) for p in np.split(x, 3)], axis=-1),
    ),
    "packed (3HD) <-> (H,3,D)": ((3 * H * D,), lambda x: np.stack([p.reshape(H, D) for p in np.split(x, 3)], 1)),
    "packed (3HD) <-> (H,3D)": ((3 * H * D,), lambda x: np.hstack([p.reshape(H, D) for p in np.split(x, 3)])),
    **{
        f"gates {here} <-> {there}{kind}": (shape, lambda x, o=order, t=turned: gates(o, x).T if t else gates(o, x))
        for here, there, order in (
            ("i,f,g,o", "i,g,f,o", (0, 2, 1, 3)),
            ("i,f,g,o", "i,f,o,g", (0, 1, 3, 2)),
            ("i,f,g,o", "i,o,f,g", (0, 3, 1, 2)),
            ("r,z,n", "z,r,n", (1, 0, 2)),
        )
        for kind, shape, turned in (("", (12, 5), False), (", transposed", (12, 5), True), (", bias", (12,), False))
    },
    "reshaped": ((2, 3, 4), lambda x: x.reshape(6, 4)),
    # An image of C channels and S places, flattened once in either order.
    "flattened o (c s) -> (s c) o, c=6": ((E, C * S), lambda x: np.moveaxis(x.reshape(E, C, S), 0, 2).swapaxes(0, 1)),
    "flattened o (c s) -> o (s c), c=6": ((E, C * S), lambda x: x.reshape(E, C, S).swapaxes(1, 2)),
    "flattened (c s) i -> i (s c), c=6": ((C * S, E), lambda x: x.T.reshape(E, C, S).swapaxes(1, 2)),
    "flattened (c s) i -> (s c) i, c=6": ((C * S, E), lambda x: x.reshape(C, S, E).swapaxes(0, 1)),
    "flattened (c s) -> (s c), c=6": ((C * S,), lambda x: x.reshape(C, S).T),
    # Feature k of a head of four goes to the place 0, 2, 1, 3.
    "rotary (h f 2) e -> (h 2 f) e, head=4": ((H * D, E), lambda x: x.reshape(H, D, E)[:, [0, 2, 1, 3]]),
    "rotary (h f 2) e -> e (h 2 f), head=4": ((H * D, E), lambda x: x.T.reshape(E, H, D)[:, :, [0, 2, 1, 3]]),
    "rotary (h f 2) e -> e h (2 f), head=4": ((H * D, E), lambda x: x.T.reshape(E, H, D)[:, :, [0, 2, 1, 3]]),
    "rotary (h f 2) -> (h 2 f), head=4": ((H * D,), lambda x: x.reshape(H, D)[:, [0, 2, 1, 3]]),
}
# What is stored as one axis is merged: the shape there.
MERGED = {
    "flattened o (c s) -> (s c) o, c=6": (C * S, E),
    "flattened o (c s) -> o (s c), c=6": (E, C * S),
    "flattened (c s) i -> i (s c), c=6": (E, C * S),
    "flattened (c s) i -> (s c) i, c=6": (C * S, E),
    "flattened (c s) -> (s c), c=6": (C * S,),
    "rotary (h f 2) e -> (h 2 f) e, head=4": (H * D, E),
    "rotary (h f 2) e -> e (h 2 f), head=4": (E, H * D),
    "rotary (h f 2) -> (h 2 f), head=4": (H * D,),
}
EVERY = (
    *LAYOUTS,
    RESHAPED,
    *(flattened(text, C) for text in FLATTENED),
    *(rotary(text, D) for text in ROTARY),
)


def there_of(layout, x):
    spelled = SPELLED[layout.name][1](x)
    return spelled.reshape(MERGED.get(layout.name, spelled.shape))


def test_every_layout_is_spelled_out_here():
    assert sorted(layout.name for layout in EVERY) == sorted(SPELLED)


@pytest.mark.parametrize("layout", EVERY, ids=str)
@pytest.mark.parametrize("dtype", ["float64", "bfloat16", "int8"])
def test_a_layout_is_what_numpy_spells_and_its_own_inverse(layout, dtype):
    shape = SPELLED[layout.name][0]
    x = np.arange(np.prod(shape)).reshape(shape).astype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    want = there_of(layout, x)
    got = layout.there(x, want.shape)
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(layout.back(got, shape), x)


@pytest.mark.parametrize("layout", EVERY, ids=str)
def test_candidates_name_the_layout_for_its_shapes(layout):
    x = np.zeros(SPELLED[layout.name][0])
    found = candidates(x.shape, there_of(layout, x).shape)
    assert layout.name in [c.name for c in found]


@pytest.mark.parametrize("layout", EVERY, ids=str)
def test_a_candidate_is_a_permutation_of_the_entries_and_its_own_inverse(layout):
    shape = SPELLED[layout.name][0]
    x = np.arange(np.prod(shape)).reshape(shape)
    there = there_of(layout, x).shape
    for candidate in candidates(shape, there):
        carried = candidate.there(x, there)
        assert sorted(carried.ravel()) == sorted(x.ravel())
        np.testing.assert_array_equal(candidate.back(carried, shape), x)


@pytest.mark.parametrize(
    ("here", "there", "first"),
    [
        ((), (), "same"),
        ((4,), (4,), "same"),
        ((4, 4), (4, 4), "same"),
        ((8, 5), (5, 8), "transposed"),
        ((0, 5), (5, 0), "transposed"),
        ((8, 4, 3, 3), (3, 3, 4, 8), "OIHW <-> HWIO"),
        ((9,), (1, 1, 9), "squeezed"),
        ((12, 12), (12, 3, 4), "heads (HD,E) <-> (E,H,D)"),
        ((12, 12), (3, 4, 12), "heads (E,HD) <-> (H,D,E)"),
        ((36, 12), (12, 3, 3, 4), "packed (3HD,E) <-> (E,3,H,D)"),
        ((12,), (3, 4), "reshaped"),
    ],
)
def test_the_most_plausible_layout_comes_first(here, there, first):
    assert candidates(here, there)[0].name == first


@pytest.mark.parametrize(
    ("here", "there"), [((3, 4), (4, 4)), ((12,), (5,)), ((2, 12), (6, 4, 1, 2)), ((3, 2, 2), (2, 2, 5)), ((1,), (0,))]
)
def test_where_nothing_leads_there_is_no_candidate(here, there):
    assert candidates(here, there) == []


def test_a_flattened_image_is_found_among_the_candidates():
    """The features of a linear layer after a convolution, in the order of NHWC: the shapes tell nothing of it."""
    w = np.random.default_rng(0).normal(size=(10, 8 * 3 * 3))
    nhwc = np.einsum("ochw->hwco", w.reshape(10, 8, 3, 3)).reshape(72, 10)
    right = [c.name for c in candidates(w.shape, nhwc.shape) if np.array_equal(c.there(w, nhwc.shape), nhwc)]
    assert right == ["flattened o (c s) -> (s c) o, c=8"]


def test_a_shape_that_does_not_fit_is_one_sentence():
    transposed = candidates((2, 3), (3, 2))[0]
    for call in (lambda: transposed.there(np.zeros((2, 3)), (2, 3)), lambda: transposed.back(np.zeros((2, 3)), (2, 3))):
        with pytest.raises(ValueError) as raised:
            call()
        assert str(raised.value) == (
            "layout 'transposed' does not lead from shape (2, 3) to (2, 3); choose one of candidates((2, 3), (2, 3))"
        )
    for call in (lambda: SAME.there(np.zeros(2), (3,)), lambda: SAME.back(np.zeros(3), (2,))):
        with pytest.raises(ValueError) as raised:
            call()
        assert str(raised.value) == (
            "layout 'same' does not lead from shape (2,) to (3,); choose one of candidates((2,), (3,))"
        )
