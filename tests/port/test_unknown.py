"""A mistake that no row of the table describes: the layer is told, and no cause is made up."""

import jax
import pytest

from .planted.decoder import ATTENTION, DECODER, GATED, NEIGHBOURS
from .runs import compared
from .table import Slip

UNKNOWN = (
    Slip("steeper gate", DECODER, {"act": lambda x: x * jax.nn.sigmoid(1.1 * x)}, GATED, ""),
    Slip("odd base", DECODER, {"base": 12345.0}, ATTENTION, ""),
    Slip("odd base, neighbours turned", NEIGHBOURS, {"base": 12345.0}, ATTENTION, ""),
    Slip("odd epsilon", DECODER, {"eps": 3e-4}, "layers.0.input_layernorm", ""),
    Slip("two plus the scale", DECODER, {"added": 2.0}, "layers.0.input_layernorm", ""),
)


@pytest.mark.parametrize("slip", UNKNOWN, ids=str)
def test_no_cause_is_made_up(slip):
    report = compared(slip, seed=0)
    assert report.failures
    assert (report.layer, report.cause) == (slip.layer, "")


def test_of_two_mistakes_the_first_is_told_as_a_part():
    slips = {"eps": 1e-5, "act": lambda x: x * jax.nn.sigmoid(1.1 * x)}
    report = compared(Slip("two", DECODER, slips, "layers.0.input_layernorm", ""), seed=0)
    assert report.layer == "layers.0.input_layernorm"
    (cause,) = report.causes
    assert str(cause) == (
        "epsilon: epsilon 1e-05 instead of 1e-06 (torch run with it: this layer agrees, and a later one parts)"
    )
