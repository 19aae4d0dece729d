"""What adding up thousands of products in float32 loses is nobody's fault; a thousandth too much is."""

from dataclasses import replace

import numpy as np
import pytest
from pytest_dualfw.suites.models.judge import Run
from pytest_dualfw.suites.models.rows import MODELS

from pytest_dualfw.tolerance import UNIT_ROUNDOFF

pytestmark = pytest.mark.fw_only(fw="torch", dtype="float32", mode="eager")


@pytest.fixture
def run(fw, rng):
    (cnn,) = (m for m in MODELS if str(m) == "cnn")
    return Run.of(cnn, fw, rng)


def one_after_the_other(run):
    """The affine map of 5408 features, its partial sums rounded to float32 in order."""
    h = run.found.activations["pool"].reshape(len(run.inputs[0]), 1, -1)
    products = h * run.params["fc.weight"].astype(np.float32)
    return np.add.accumulate(products, axis=-1, dtype=np.float32)[..., -1] + run.params["fc.bias"].astype(np.float32)


def judged(run, y, rng):
    found = replace(run.found, activations={**run.found.activations, "fc": y})
    checks = replace(run, found=found).layers(rng)
    return next(c for c in checks if c.what == "value of fc")


def test_recursive_summation_passes(run, rng):
    assert judged(run, one_after_the_other(run), rng).verdict == "pass"


def test_the_bound_is_that_of_sums_of_random_sign(run, rng):
    """Ten times what inputs one ulp off can do at most; a hundredth of the a priori bound for any signs, n u sum |x w|
    (N. J. Higham, Accuracy and Stability, eq. 3.5).
    """
    h = run.found.activations["pool"].reshape(len(run.inputs[0]), -1)
    sizes = np.abs(h) @ np.abs(run.params["fc.weight"]).T + np.abs(run.params["fc.bias"])
    bound = judged(run, one_after_the_other(run), rng).bound / UNIT_ROUNDOFF["float32"]
    assert 10 * sizes.min() <= bound <= h.shape[1] * sizes.max() / 100


def test_a_fault_above_the_rounding_is_seen(run, rng):
    y = one_after_the_other(run)
    assert judged(run, y + 1e-3 * np.abs(y).max(), rng).verdict == "discrepancy"
