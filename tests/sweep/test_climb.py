"""Worst cases are climbed to: a hill of errors that no point of the sweep lies on."""

import mpmath
import numpy as np
import pytest
from pytest_dualfw.suites.sweep.row import Row
from pytest_dualfw.suites.sweep.sweep import sweep

from pytest_dualfw import Target, frameworks

HILL = "x * (1 + 2.0 ** -47 / (1 + ((x - 6.93) / 0.4) ** 2))"
ROW = Row("hill", HILL, HILL, lambda x: x, differentiable=False)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", ["torch-cpu-float64-eager", "jax-cpu-float64-jit"])
def test_a_hill_is_climbed(target):
    fw = frameworks.framework(Target.parse(target))
    with fw.scope():
        plain, deep = (sweep(ROW, fw, deep=on) for on in (False, True))
    worst = [max((s for s in swept.seen if s.what == "value"), key=lambda s: s.judged.ulps) for swept in (plain, deep)]
    assert worst[1].judged.ulps > worst[0].judged.ulps
    assert abs(worst[1].xs[0] - 6.93) < 0.2
    assert worst[1].judged.ulps > 54  # 2^-47 of 6.93 is 55 units in the last place


@pytest.mark.filterwarnings("ignore")
def test_the_domain_is_kept():
    row = Row("root", "torch.sqrt(x) * (1 + 1e-15)", "", mpmath.sqrt, domain=((0.0, 4.0),))
    fw = frameworks.framework(Target.parse("torch-cpu-float64-eager"))
    with fw.scope():
        found = sweep(row, fw, deep=True)
    inside = [s for s in found.seen if s.judged.kind == "accuracy"]
    assert all(0 <= s.xs[0] <= 4 for s in inside)
    assert np.isfinite([s.obtained for s in inside]).all()
