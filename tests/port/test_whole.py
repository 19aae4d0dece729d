"""Whole ports, paired without a map: none is flagged, and what is said beside the verdict is known."""

import numpy as np
import pytest
import torch

from pytest_dualfw import compare_port

from .whole import PORTS


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("port", PORTS, ids=str)
def test_a_right_port_passes(port, seed):
    torch.manual_seed(seed)
    inputs = port.inputs(np.random.default_rng(seed))
    fn, template = port.sides(inputs)
    report = compare_port(port.torch(), fn, None, inputs, template=template, seed=seed)
    assert report.verdict in ("pass", "inconclusive")
    assert all(any(known in note for known in port.notes) for note in report.notes), report.notes
