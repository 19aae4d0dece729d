"""Narrow arithmetic: who accumulates wide, what the precision settings keep, mixed precision, integers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pytest_dualfw import Check
from pytest_dualfw.gradients.report import explain

from .models.rows import MODELS
from .models.table import ModelSpec
from .precision import settings
from .precision.mixed import Mixed
from .precision.quantised import BELOW_ZERO, GRIDS, SYMMETRIC, Grid, Integers, Quantised, Trained, Weights
from .precision.scaling import Trajectory, underflow
from .precision.sums import SUMS, Measured, SumSpec

FULL = pytest.mark.profile("full")
# The shorter ones are those that a narrow accumulator has a finite bound for.
SHORTER = [("bfloat16", 96), ("float16", 1000)]
LENGTHS = [("bfloat16", 100_000), *(pytest.param(low, n, marks=FULL) for low, n in SHORTER)]

BY_NAME = {str(spec): spec for spec in MODELS}
SUMMED_NARROW = pytest.mark.fw_xfail(
    fw="torch", device="cpu", strict=False, reason="float16 gradients of a kernel are summed over the batch in float16"
)
# Compiled, the cell is written out in single products, which it has.
NO_FLOAT16 = pytest.mark.fw_skip(
    fw="torch", device="cpu", mode="eager", reason="oneDNN has no float16 LSTM on many CPUs"
)
MIXED = [
    pytest.param(BY_NAME["mlp"], "bfloat16"),
    pytest.param(BY_NAME["mlp"], "float16", marks=FULL),
    pytest.param(BY_NAME["cnn-digits"], "bfloat16", marks=FULL),
    pytest.param(BY_NAME["cnn-digits"], "float16", marks=[FULL, SUMMED_NARROW]),
    pytest.param(BY_NAME["sequence-lstm"], "bfloat16", marks=FULL),
    pytest.param(BY_NAME["sequence-lstm"], "float16", marks=[FULL, NO_FLOAT16]),
    pytest.param(BY_NAME["language-tied"], "bfloat16", marks=FULL),
    pytest.param(BY_NAME["language-tied"], "float16", marks=FULL),
]

pytestmark = pytest.mark.home
in_float32 = pytest.mark.fw_only(dtype="float32")
# torch's backward pass has a rounding of its own, int(z + 0.5), which cuts off towards zero: -10 becomes -9.
CUT_OFF = pytest.mark.fw_xfail(fw="torch", reason="the gradient of one scale for all takes z + 1 for a negative z")


@pytest.fixture
def passes(fw: Any, record_check: Callable[[Check], Check]) -> Any:
    """Record a check, and raise it where it is no pass."""

    def require(check: Check) -> None:
        record_check(check)
        assert check.verdict != "discrepancy", explain(check, str(fw.target))

    return require


@in_float32
@pytest.mark.parametrize(("low", "n"), LENGTHS)
@pytest.mark.parametrize("spec", SUMS, ids=str)
def test_accumulation(
    spec: SumSpec, low: str, n: int, fw: Any, rng: np.random.Generator, passes: Any, report_row: Any
) -> None:
    """Each op within the bound of a narrow accumulator, those of which that is promised of a float32 one."""
    if fw.name in spec.missing:
        pytest.skip(f"unsupported: {spec.missing[fw.name]}")
    seen = Measured.of(spec, fw, low, n, rng)
    wide = seen.within("float32")
    report_row(
        "precision: long sums",
        op=spec.name,
        n=n,
        dtype=low,
        result=seen.stored,
        ulp=seen.ulps(),
        ratio=wide.ratio,
        accumulates=seen.accumulates,
        promised="yes" if fw.name in spec.promised else "no",
    )
    assert seen.stored == ("float32" if spec.wide else low)
    passes(wide if fw.name in spec.promised else seen.within(low))


@pytest.fixture
def keeps_promises(fw: Any, rng: np.random.Generator, passes: Any, report_row: Any) -> Any:
    """Judge a product and its gradients under each of some settings."""

    def judge(product: settings.Product, choices: tuple[settings.Setting, ...]) -> None:
        for setting in choices:
            promise = product.promised(setting)
            try:
                seen = settings.Measured.of(product, fw, setting.name, rng)
            except settings.Unsupported as refusal:
                passes(Check(str(product), setting.name, "unsupported", note=str(refusal)))
                continue
            single = seen.worst(settings.FLOAT32)
            report_row(
                "precision: settings of float32 products",
                op=str(product),
                setting=setting.name,
                ratio=seen.worst(promise),
                ratio_of_float32=single,
                effect="narrower than float32" if single > 1 else "as float32",
            )
            for check in seen.within(promise):
                passes(check.under(setting.name))

    return judge


@in_float32
@pytest.mark.parametrize("product", settings.PRODUCTS, ids=str)
def test_settings(product: settings.Product, fw: Any, keeps_promises: Any) -> None:
    """Under every setting a product and its gradients keep what the setting promises."""
    keeps_promises(product, settings.SETTINGS[fw.name])


@pytest.mark.fw_only("jax", dtype="float32")
@pytest.mark.profile("full")
@pytest.mark.parametrize("product", settings.PRODUCTS, ids=str)
def test_algorithms(product: settings.Product, fw: Any, keeps_promises: Any) -> None:
    keeps_promises(product, settings.ALGORITHMS[fw.name])


@in_float32
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_fake_quantise(grid: Grid, fw: Any, rng: np.random.Generator, passes: Any) -> None:
    for check in Quantised.of(grid, fw, rng).checks(fw.dtype):
        passes(check)


@in_float32
@pytest.mark.parametrize("grid", [pytest.param(BELOW_ZERO[0], marks=CUT_OFF), BELOW_ZERO[1]], ids=str)
def test_learned_zero_points_below_zero(grid: Grid, fw: Any, rng: np.random.Generator, passes: Any) -> None:
    for check in Quantised.of(grid, fw, rng).checks(fw.dtype):
        passes(check)


@in_float32
def test_training_with_quantised_weights(fw: Any, rng: np.random.Generator, passes: Any) -> None:
    for check in Trained.of(fw, rng).checks(fw.dtype, rng):
        passes(check)


@in_float32
@pytest.mark.parametrize("grid", [Grid(SYMMETRIC), Grid(SYMMETRIC, axis=0)], ids=str)
def test_quantised_weights(grid: Grid, fw: Any, rng: np.random.Generator, passes: Any, report_row: Any) -> None:
    seen = Weights.of(grid, fw, rng)
    report_row("precision: products of quantised weights", grid=str(grid), error_over_bound=seen.used())
    passes(seen.check(fw.dtype))


@in_float32
def test_integer_product(fw: Any, rng: np.random.Generator, passes: Any) -> None:
    passes(Integers.of(fw, rng).check())


@in_float32
@pytest.mark.parametrize(("model", "low"), MIXED, ids=str)
def test_mixed_precision(
    model: ModelSpec, low: str, fw: Any, rng: np.random.Generator, passes: Any, report_row: Any
) -> None:
    run = Mixed.of(model, fw, low, rng)
    checks = list(run.checks(rng))
    for name, dtype in run.dtypes().items():
        value = next(c for c in checks if c.what == f"value of {name}")
        gradient = next(c for c in checks if c.what == f"gradient at {name}")
        report_row(
            "precision: mixed precision, layer by layer",
            model=str(model),
            narrow=low,
            layer=name,
            dtype=dtype,
            ulp=run.ulps(name, value),
            ratio=value.ratio,
            ratio_of_gradient=gradient.ratio,
        )
    for check in (*checks, run.ran_narrow()):
        passes(check)


@in_float32
@pytest.mark.fw_skip(fw="torch", mode="jit", reason="torch's scaler reads a number back, which is not compiled")
def test_loss_scaling(fw: Any, rng: np.random.Generator, passes: Any, report_row: Any) -> None:
    """The same scales and parameters, step for step, as the rule in NumPy; skipped steps move nothing."""
    seen = Trajectory.of(fw, rng)
    for k, (scale, finite) in enumerate(zip(seen.scales, seen.finite(), strict=True), start=1):
        report_row("precision: scale of the loss", at=k, scale=scale, taken="yes" if finite else "skipped")
    for check in seen.checks():
        passes(check)


@in_float32
@pytest.mark.parametrize("scale", [1.0, 2.0**15])
def test_underflow(scale: float, fw: Any, rng: np.random.Generator, passes: Any, report_row: Any) -> None:
    """float16 gradients that vanish without a scale are right with one."""
    check, lost = underflow(fw, scale, rng)
    report_row("precision: gradients below float16", scale=scale, lost=lost, error_over_bound=check.ratio)
    if scale > 1:
        passes(check)
    else:  # a compiler may leave the way through float16 out
        assert lost or fw.mode == "jit", "float16 gradients of 2^-27 came out of a loss without a scale"
