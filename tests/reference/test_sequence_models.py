"""Recurrent models and transformers in NumPy: what no padding, no later token and no name may change."""

import numpy as np
import pytest
from pytest_dualfw.reference import attention, layers, recurrent
from pytest_dualfw.reference.models import Tape
from pytest_dualfw.reference.models.attention import attended, multi_head
from pytest_dualfw.reference.models.recurrent import unrolled
from pytest_dualfw.suites.models.rows import MODELS

SPECS = {str(m): m for m in MODELS}


def drawn(name, seed=3, n=5):
    spec, rng = SPECS[name], np.random.default_rng(seed)
    return spec, spec.params(rng), *spec.draw(rng, n)


def weights(gates, inputs, hidden, layer, rng):
    shapes = {"weight_ih": (gates * hidden, inputs), "weight_hh": (gates * hidden, hidden)}
    shapes |= dict.fromkeys(("bias_ih", "bias_hh"), (gates * hidden,))
    return {f"net.{kind}_l{layer}": rng.normal(size=shape) for kind, shape in shapes.items()}


def outputs(spec, params, target, *inputs):
    return [spec.run(Tape(), params, x, target)[0] for x in inputs]


@pytest.mark.parametrize(("net", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_two_layers_are_one_after_the_other(net, gates):
    rng = np.random.default_rng(1)
    below, above = weights(gates, 3, 4, 0, rng), weights(gates, 4, 4, 1, rng)
    x = rng.normal(size=(6, 2, 3))  # T,N,I
    t = Tape()
    hs = unrolled(t, {**below, **above}, "net", x, net=net)
    one = getattr(recurrent, net)
    zeros = [np.zeros((2, 4))] * (2 if net == "lstm" else 1)
    first = one(x, *zeros, *below.values())
    second = one(first[0], *zeros, *above.values())
    assert np.array_equal(hs, second[0])
    for i in range(1, len(first)):
        assert np.array_equal(t.activations[f"net[{i}]"], [first[i], second[i]])
    assert np.array_equal(t.activations["net[1]"][1], hs[-1])


def test_a_single_layer_starts_where_it_is_told():
    rng = np.random.default_rng(2)
    p, x, h0 = weights(3, 3, 4, 0, rng), rng.normal(size=(6, 2, 3)), rng.normal(size=(2, 4))
    hs = unrolled(Tape(), p, "net", x, net="gru", start=[h0], batch_first=True)
    assert np.array_equal(hs.swapaxes(0, 1), recurrent.gru(x, h0, *p.values())[0])


@pytest.mark.parametrize("causal", [False, True])
def test_attention_in_single_steps_is_attention(causal):
    rng = np.random.default_rng(4)
    q, k, v = (rng.normal(size=(2, 3, 5, 4)) for _ in range(3))
    allowed = np.tri(5, dtype=bool) if causal else rng.uniform(size=(2, 1, 5, 5)) > 0.3
    allowed = allowed | np.eye(5, dtype=bool)
    y = attended(Tape(), "y", q, k, v, allowed, scale=0.5)
    np.testing.assert_allclose(y, attention(q, k, v, mask=allowed, scale=0.5), rtol=1e-13)


def test_several_heads_are_those_of_the_layer():
    rng = np.random.default_rng(5)
    x, w_in, w_out = rng.normal(size=(2, 5, 6)), rng.normal(size=(18, 6)), rng.normal(size=(6, 6))
    b_in, b_out = rng.normal(size=18), rng.normal(size=6)
    p = {"a.in_proj_weight": w_in, "a.in_proj_bias": b_in, "a.out_proj.weight": w_out, "a.out_proj.bias": b_out}
    y = multi_head(Tape(), p, "a", x, np.tri(5, dtype=bool), heads=3)
    expected = layers.multi_head_attention(x, w_in, b_in, w_out, b_out, heads=3, causal=True)
    np.testing.assert_allclose(y, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["language-tied", "language-dropout"])
def test_no_token_sees_a_later_one(name):
    spec, p, (tokens, *masks), target = drawn(name)
    changed = np.where(np.arange(tokens.shape[1]) < 4, tokens, (tokens + 1) % 16)
    found = outputs(spec, p, target, (tokens, *masks), (changed, *masks))
    same = (found[0] == found[1]).all(-1).reshape(tokens.shape)
    assert same[:, :4].all()
    assert not same[:, 4:].any()


def test_a_word_is_translated_knowing_the_words_before_it():
    spec, p, (source, lengths, before), target = drawn("translation")
    changed = np.where(np.arange(before.shape[1]) < 3, before, (before + 1) % 11)
    found = outputs(spec, p, target, (source, lengths, before), (source, lengths, changed))
    same = (found[0] == found[1]).all(-1).reshape(before.shape)
    assert same[:, :3].all()
    assert not same[:, 3:].any()


@pytest.mark.parametrize(("name", "plain"), [("encoder-dropout", "encoder"), ("language-dropout", None)])
def test_dropout_drops_what_its_mask_says(name, plain):
    spec, p, (*inputs, masks), target = drawn(name)
    kept = spec.reference(p, (*inputs, np.ones_like(masks)), target)
    dropped = spec.reference(p, (*inputs, masks), target)
    for i, place in enumerate(place for place in dropped.activations if "dropout" in place):
        assert np.array_equal(dropped.activations[place] != 0, masks[:, i])
        assert np.array_equal(kept.activations[place] != 0, np.ones_like(masks[:, i]))
    assert kept.loss != dropped.loss
    if plain:
        assert kept.activations["block.dropout1"] == pytest.approx(
            SPECS[plain].reference(p, inputs, target).activations["block.dropout1"] / (1 - spec.options["rate"])
        )


def test_the_tied_head_and_the_table_share_a_gradient():
    spec, p, inputs, target = drawn("language-tied")
    assert spec.reference(p, inputs, target).makers["token.weight"] == "token or head"
    untied, q, _, _ = drawn("language-dropout")
    tied_head = {**q, **p, "head.weight": p["token.weight"].copy(), "head.bias": np.zeros(16)}
    apart = untied.reference(tied_head, inputs, target)
    together = spec.reference(p, inputs, target)
    assert apart.loss == pytest.approx(together.loss, rel=1e-14)
    np.testing.assert_allclose(
        together.gradients["token.weight"], apart.gradients["token.weight"] + apart.gradients["head.weight"], atol=1e-14
    )


def test_a_layer_with_several_outputs_is_named_once_and_an_output_that_nobody_reads_is_nobodys():
    spec, p, inputs, target = drawn("sequence-lstm")
    makers = spec.reference(p, inputs, target).makers
    assert makers["recurrent.weight_ih_l0"] == "recurrent"
    assert makers["recurrent[0]"] == "head"
    assert makers["recurrent[2]"] == "nobody"
    assert makers["head"] == "the loss"
