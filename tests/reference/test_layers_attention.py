"""Attention: vjps by the complex step, values by scipy.special.softmax, masks, extreme scores."""

import numpy as np
import pytest
from scipy.special import softmax

from reference.layers import attention, attention_vjp, multi_head_attention, multi_head_attention_vjp

from .oracle import assert_vjp_by_complex_step

MASK = np.array([[True, False, True, True], [False, False, False, False], [True, True, True, False]])  # 3,4
MASKS = np.stack([MASK, ~MASK])  # 2,3,4
OPTIONS = [
    {},
    {"scale": 0.3},
    {"causal": True},
    {"mask": MASK},
    {"mask": MASKS},
    {"mask": MASK[:1]},
    {"mask": MASK, "causal": True, "scale": 2.0},
]


def normal(*shapes):
    rng = np.random.default_rng(36)
    return [rng.normal(size=shape) for shape in shapes]


def qkv(*leading, length=3, keys=4):
    return normal((*leading, length, 5), (*leading, keys, 5), (*leading, keys, 2))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("leading", [(2,), (3, 2)])
def test_attention_vjp(leading, options):
    assert_vjp_by_complex_step(attention, attention_vjp, qkv(*leading), **options)


@pytest.mark.parametrize(("length", "keys"), [(1, 1), (3, 3), (2, 4), (4, 2)])
def test_causal_vjp_of_any_lengths(length, keys):
    assert_vjp_by_complex_step(attention, attention_vjp, qkv(length=length, keys=keys), causal=True)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("leading", [(2,), (3, 2)])
def test_attention_is_the_softmax_mean_of_the_values(leading, options):
    q, k, v = qkv(*leading)
    np.testing.assert_allclose(attention(q, k, v, **options), by_scipy(q, k, v, **options), rtol=1e-12, atol=1e-14)


def by_scipy(q, k, v, mask=True, causal=False, scale=5**-0.5):
    """One query at a time, over the keys that it may attend to and no others."""
    shape = (*q.shape[:-1], k.shape[-2])
    y, mask = np.zeros((*q.shape[:-1], v.shape[-1])), np.broadcast_to(mask, shape)
    for at in np.ndindex(q.shape[:-1]):
        keys = [s for s in range(shape[-1]) if mask[at][s] and not (causal and s > at[-1])]
        if keys:
            y[at] = softmax([scale * np.dot(q[at], k[at[:-1]][s]) for s in keys]) @ v[at[:-1]][keys]
    return y


@pytest.mark.parametrize(
    ("length", "keys", "first_columns"),
    [(3, 3, [1, 1 / 2, 1 / 3]), (2, 4, [1, 1 / 2]), (4, 2, [1, 1 / 2, 1 / 2, 1 / 2])],
)
def test_causal_is_aligned_at_the_top_left(length, keys, first_columns):
    v = np.eye(keys)
    y = attention(np.zeros((length, 5)), np.zeros((keys, 5)), v, causal=True)
    np.testing.assert_allclose(y[:, 0], first_columns, rtol=1e-15)


def test_a_query_without_keys_gives_zeros_and_no_gradient():
    q, k, v = qkv()
    assert not attention(q, k, v, mask=MASK)[1].any()
    assert not attention(q, k, v, mask=np.zeros((3, 4), bool)).any()
    assert attention(q, k[:0], v[:0]).tolist() == np.zeros((3, 2)).tolist()
    dq, dk, dv = attention_vjp(np.ones((3, 2)), q, k, v, mask=MASK)
    assert not dq[1].any()
    assert dq[0].all() and dk.any() and dv.any()


def test_a_masked_key_has_no_gradient():
    q, k, v = qkv()
    _, dk, dv = attention_vjp(np.ones((3, 2)), q, k, v, mask=np.array([[True, True, False, True]]))
    assert not dk[2].any() and not dv[2].any()
    assert dk[[0, 1, 3]].all() and dv[[0, 1, 3]].all()


@pytest.mark.parametrize("top", [1e4, -1e4, 1e300, -1e300])
def test_extreme_scores_pick_the_largest(top):
    q, k, v = np.array([[top]]), np.array([[1.0], [-1.0]]), np.array([[3.0], [5.0]])
    g = np.ones((1, 1))
    assert attention(q, k, v).item() == (3.0 if top > 0 else 5.0)
    assert attention(q, k, v, mask=np.array([[False, True]])).item() == 5.0
    dq, dk, dv = attention_vjp(g, q, k, v)
    assert not dq.any() and not dk.any()
    assert dv.ravel().tolist() == ([1.0, 0.0] if top > 0 else [0.0, 1.0])


@pytest.mark.parametrize(
    ("shapes", "options", "message"),
    [
        (
            [(2, 3, 5), (1, 4, 5), (2, 4, 2)],
            {},
            "q, k and v have the leading axes (2,), (1,) and (2,); allowed are equal ones",
        ),
        (
            [(3, 5), (4, 5), (4, 2)],
            {"mask": np.zeros((3, 4))},
            "mask is float64; allowed is bool, True where a query may attend",
        ),
    ],
)
def test_what_attention_refuses(shapes, options, message):
    primals = [np.zeros(shape) for shape in shapes]
    for call in (lambda: attention(*primals, **options), lambda: attention_vjp(primals[0], *primals, **options)):
        with pytest.raises(ValueError) as refused:
            call()
        assert str(refused.value) == message


def test_a_mask_does_not_widen_the_scores():
    with pytest.raises(ValueError) as refused:
        attention(*qkv(), mask=MASKS)
    assert str(refused.value) == "mask has the shape (2, 3, 4); allowed is what broadcasts to (3, 4)"


def packed(bias=True):
    x, w_in, b_in, w_out, b_out = normal((2, 3, 6), (18, 6), 18, (6, 6), 6)
    return x, w_in, b_in if bias else None, w_out, b_out if bias else None


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 3, 6])
def test_multi_head_vjp(heads, causal, bias):
    primals = packed(bias=bias)
    assert_vjp_by_complex_step(multi_head_attention, multi_head_attention_vjp, primals, heads=heads, causal=causal)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 3])
def test_multi_head_is_attention_head_by_head(heads, causal):
    x, w_in, b_in, w_out, b_out = packed()
    D = 6 // heads
    expected = np.broadcast_to(b_out, (2, 3, 6)).copy()
    for h in range(heads):
        rows = [slice(part * 6 + h * D, part * 6 + (h + 1) * D) for part in range(3)]
        q, k, v = (np.einsum("nle,de->nld", x, w_in[r]) + b_in[r] for r in rows)
        y = by_scipy(q, k, v, causal=causal, scale=D**-0.5)
        expected += np.einsum("nld,ed->nle", y, w_out[:, h * D : (h + 1) * D])
    y = multi_head_attention(x, w_in, b_in, w_out, b_out, heads=heads, causal=causal)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("heads", [0, 4])
def test_heads_divide_the_width(heads):
    primals = packed()
    for call in (
        lambda: multi_head_attention(*primals, heads=heads),
        lambda: multi_head_attention_vjp(primals[0], *primals, heads=heads),
    ):
        with pytest.raises(ValueError) as refused:
            call()
        assert str(refused.value) == f"heads is {heads}; allowed are divisors of the width 6"
