"""Whole ports, paired without a map: none is flagged, and what is said beside the verdict is known."""

import numpy as np
import pytest
import torch

from pytest_dualfw import PortMismatch, compare_port

from .whole import GPT2, GPT2_TREE, PORTS, gpt2


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("port", PORTS, ids=str)
def test_a_right_port_passes(port, seed):
    torch.manual_seed(seed)
    inputs = port.inputs(np.random.default_rng(seed))
    fn, template = port.sides(inputs)
    report = compare_port(port.torch(), fn, None, inputs, template=template, seed=seed)
    assert report.verdict in ("pass", "inconclusive")
    assert all(any(known in note for known in port.notes) for note in report.notes), report.notes


def test_a_softmax_in_float32_does_not_hide_where_a_mistake_is():
    port = next(p for p in PORTS if p.name == "gpt-2")
    inputs = port.inputs(np.random.default_rng(1))
    with pytest.raises(PortMismatch) as caught:
        compare_port(GPT2(), lambda p, t: gpt2(p, t, approximate=False), None, inputs, template=GPT2_TREE, seed=1)
    report = caught.value.report
    assert report.layer == "h.0"
    told = "activation: gelu, exact (erf) instead of gelu, tanh approximation, in all 2 calls of gelu"
    assert (report.cause, report.causes[0].whole) == (told, True)
