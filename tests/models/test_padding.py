"""Padding is read by the models and means nothing: other tokens in its place change no output and no gradient."""

import numpy as np
import pytest
from pytest_dualfw.suites.models.rows import MODELS

from pytest_dualfw.taps import Observer

SPECS = {str(m): m for m in MODELS}


def behind(lengths, width):
    return np.arange(width) >= lengths[:, None]


def text(tokens, lengths):
    return (np.where(behind(lengths, tokens.shape[1]), 7, tokens), lengths)


def translation(source, lengths, before):
    """Behind the last word the words given are those of nothing that is wanted."""
    source, before = (np.where(behind(lengths, x.shape[1]), 7, x) for x in (source, before))
    return source, lengths, before


def encoder(tokens, real, *masks):
    return (np.where(real, tokens, 7), real, *masks)


CHANGES = {"text": text, "translation": translation, "encoder": encoder, "encoder-dropout": encoder}
each_change = pytest.mark.parametrize("name", CHANGES)


def drawn(name):
    spec, rng = SPECS[name], np.random.default_rng(6)
    return spec, spec.params(rng), *spec.draw(rng, spec.batch)


@each_change
def test_in_numpy(name):
    spec, params, inputs, target = drawn(name)
    changed = CHANGES[name](*inputs)
    assert not np.array_equal(inputs[0], changed[0])
    before, after = (spec.reference(params, x, target) for x in (inputs, changed))
    assert before.loss == after.loss
    assert all(np.array_equal(g, after.gradients[n]) for n, g in before.gradients.items())


@each_change
@pytest.mark.fw_only(dtype="float64")
@pytest.mark.fw_skip(fw="torch", mode="jit", reason="the models in jit mode are held to the same reference")
@pytest.mark.fw_skip(fw="jax", mode="eager", reason="the models in eager mode are held to the same reference")
def test_in_a_framework(name, fw):
    spec, params, inputs, target = drawn(name)
    observer = Observer(fw, spec.in_framework(fw), spec.loss_in_framework(fw, target))
    before, after = (observer(params, x) for x in (inputs, CHANGES[name](*inputs)))
    assert before.loss == after.loss
    assert all(np.array_equal(g, after.gradients[n]) for n, g in before.gradients.items())


@each_change
def test_a_real_token_means_something(name):
    spec, params, (tokens, *rest), target = drawn(name)
    changed = tokens.copy()
    changed[0, 0] = 8 if tokens[0, 0] == 7 else 7
    losses = [spec.forward(params, (x, *rest), target) for x in (tokens, changed)]
    assert losses[0] != losses[1]
