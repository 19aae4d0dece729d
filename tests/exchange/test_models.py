"""A weight that went over in another layout is seen in the output of the suite's models, in whichever it may lie."""

from dataclasses import replace

import pytest
from pytest_dualfw.suites.exchange.judging import drawn, judged
from pytest_dualfw.suites.exchange.models import MODELS

from pytest_dualfw.compare import compare
from pytest_dualfw.exchange import Renaming
from pytest_dualfw.layouts import candidates


def planted(model):
    """The model's rows, each in every other layout that its shapes allow."""
    rows = model.renaming.rows
    for k, row in enumerate(rows):
        here, there = row.block_shape(model.here[row.here]), model.there[row.there]
        for layout in candidates(here, there):
            if layout.name != row.layout.name:
                yield (
                    layout,
                    Renaming((*model.renaming.rows[:k], replace(row, layout=layout), *model.renaming.rows[k + 1 :])),
                )


@pytest.mark.fw_only(dtype="float64", mode="eager")
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_every_wrong_layout_shows(model, both, rng):
    from pytest_dualfw.suites.exchange.in_jax.models import FUNCTIONS
    from pytest_dualfw.suites.exchange.in_torch.models import module_of

    params, x = drawn(model, both.torch, rng), rng.normal(size=model.inputs)
    expected, bound = judged(both.torch, module_of(both.torch, model.name, params), params, x, rng)
    function = both.jax.jit(FUNCTIONS[model.name])

    def verdict(renaming):
        there = {name: both.jax.asarray(p) for name, p in renaming.there(params, model.there).items()}
        output = both.jax.to_numpy(function(there, both.jax.asarray(x)))
        return compare("output", "the float64 run", output, expected, bound).verdict

    assert verdict(model.renaming) == "pass"
    wrong = list(planted(model))
    assert len(wrong) > 5
    assert [layout.name for layout, renaming in wrong if verdict(renaming) == "pass"] == []
