"""Faults of narrow arithmetic are found, over several seeds, and their right twins are not flagged."""

from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest
from pytest_dualfw.reference.precision import quantisation as q
from pytest_dualfw.suites.models.rows import MODELS
from pytest_dualfw.suites.precision import quantised, settings, sums
from pytest_dualfw.suites.precision.mixed import Mixed
from pytest_dualfw.suites.precision.scaling import Settings, Trajectory

SEEDS = range(5)
NARROW = {"bfloat16": ml_dtypes.bfloat16, "float16": np.float16}
BY_NAME = {spec.name: spec for spec in sums.SUMS}
MLP = next(spec for spec in MODELS if str(spec) == "mlp")

pytestmark = [
    pytest.mark.fw_only(dtype="float32"),
    pytest.mark.fw_skip(fw="torch", mode="jit", reason="the judges are the same, and compiling costs minutes"),
    pytest.mark.fw_skip(fw="jax", mode="eager", reason="the judges are the same, and op by op JAX costs minutes"),
]
on_torch = pytest.mark.fw_only("torch", dtype="float32")


def flagged(checks):
    return [c.what for c in checks if c.verdict == "discrepancy"]


def one_by_one(x, w, dtype):
    """x w^T, x and w rounded to the dtype, each sum kept in it."""
    x, w = x.astype(dtype), w.astype(dtype)
    total = np.zeros((len(x), len(w)), dtype)
    for i in range(x.shape[1]):
        total = (total.astype(np.float32) + np.multiply.outer(x[:, i], w[:, i]).astype(np.float32)).astype(dtype)
    return total


@on_torch
@pytest.mark.parametrize("low", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", ["sum", "dot", "matmul", "weight_gradient"])
def test_a_narrow_accumulator_is_found_in_a_long_sum(name, low, fw):
    spec, seen = BY_NAME[name], set()
    for seed in SEEDS:
        primals = tuple(x.astype(NARROW[low]).astype(float) for x in spec.draw(np.random.default_rng(seed), 10_000))
        ones = np.ones((1, 10_000))
        x, w = {
            "sum": (primals[0][None], ones),
            "dot": (primals[0][None], primals[-1][None]),
            "matmul": (primals[0], primals[-1].T),
            "weight_gradient": (primals[-1].T, primals[0].T),
        }[name]
        shape = spec.exact(*primals).shape
        narrow = one_by_one(x, w, NARROW[low]).astype(float).reshape(shape)
        right = (x.astype(np.float32) @ w.astype(np.float32).T).astype(NARROW[low]).astype(float).reshape(shape)
        measured = sums.Measured(spec, primals, 10_000, low, low, right)
        seen.add((replace(measured, result=narrow).accumulates, measured.accumulates))
    assert seen == {("narrow", "float32")}


@on_torch
@pytest.mark.parametrize("low", ["bfloat16", "float16"])
def test_a_narrow_accumulator_is_found_in_a_model(low, fw):
    """In place of one layer's value; the rest of the model is as it was."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        run = Mixed.of(MLP, fw, low, rng)
        assert flagged([*run.checks(rng), run.ran_narrow()]) == []
        y = one_by_one(run.inputs[0], run.params["fc1.weight"], NARROW[low]) + run.params["fc1.bias"].astype(
            NARROW[low]
        )
        found = replace(run.found, activations={**run.found.activations, "fc1": y.astype(NARROW[low])})
        assert "value of fc1" in flagged(replace(run, found=found).checks(rng))


@on_torch
def test_a_model_that_ran_in_float32_is_found(fw):
    rng = np.random.default_rng(0)
    check = Mixed.of(MLP, fw, "bfloat16", rng, model=MLP.in_framework(fw)).ran_narrow()
    assert (check.verdict, check.note) == ("discrepancy", "left fc1, fc2, fc3 in float32")


@on_torch
def test_a_loss_in_the_narrow_dtype_is_found(fw):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        run = Mixed.of(MLP, fw, "bfloat16", rng)
        narrow = np.asarray(run.found.loss * (1 + 2.0**-9))
        assert flagged(replace(run, found=replace(run.found, loss=narrow)).checks(rng)) == ["loss"]


def largest_moved(x):
    """The largest entry off by a quarter: ten times what bfloat16 may lose there."""
    wrong = x.astype(np.float64)
    at = np.unravel_index(np.argmax(np.abs(wrong)), wrong.shape)
    wrong[at] *= 1.25
    return wrong.astype(x.dtype)


@pytest.mark.parametrize("model", ["mlp", "cnn-digits", "sequence-lstm", "language-tied"])
def test_a_fault_at_any_place_of_a_model_is_told_by_its_name(model, fw):
    rng = np.random.default_rng(1)
    run = Mixed.of(next(m for m in MODELS if str(m) == model), fw, "bfloat16", rng)
    assert flagged(run.checks(rng)) == []
    told = {}
    for name, y in run.found.activations.items():
        found = replace(run.found, activations={**run.found.activations, name: largest_moved(y)})
        told[name] = next((w for w in flagged(replace(run, found=found).checks(rng)) if w.startswith("value")), "")
    assert told == {name: f"value of {name}" for name in told}


def rounded_to(x, u):
    """To unit roundoff u, by Veltkamp's way of splitting a float64."""
    c = x * (2.0**53 * u + 1)
    return c - (c - x)


@pytest.mark.parametrize(("read", "promise"), [(2.0**-8, "TENSORFLOAT32"), (2.0**-11, "FLOAT32"), (2.0**-8, "FLOAT32")])
@pytest.mark.parametrize("product", settings.PRODUCTS, ids=str)
def test_factors_that_are_read_narrower_than_promised_are_found(product, read, promise, fw):
    promised = getattr(settings, promise)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        x, w = (settings.hard(rng, shape) for shape in product.shapes)
        b = np.zeros(len(w))
        g = settings.hard(rng, product.op(x, w, b).shape)
        near = [rounded_to(a, read) for a in (x, w, g)]
        found = (product.op(near[0], near[1], b), *product.vjp(near[2], near[0], near[1], b)[:2])
        measured = settings.Measured(product, (x, w, b), g, found)
        kept = settings.BFLOAT16 if read == 2.0**-8 else settings.TENSORFLOAT32
        assert flagged(measured.within(kept)) == []
        assert f"value of the {product}" in flagged(measured.within(promised))


def fake(x, s, z, span, axis, slip):
    """Fake quantisation with one slip, in NumPy."""
    s, z = (a if axis is None else a.reshape(-1, 1) for a in (s, z))
    v = x / s
    k = {"rounds halves up": np.floor(v + 0.5), "cuts off": np.trunc(v)}.get(slip, np.round(v)) + z
    low = span[0] - 1 if slip == "one more integer" else span[0]
    top = span[1] + 1 if slip == "one more integer" else span[1]
    return s * (np.clip(k, low, top) - (0 if slip == "forgets the zero point" else z))


def slipped(grid, leaves, slip):
    x, s, z, g = leaves
    value = fake(x, s, z, grid.span, grid.axis, slip)
    dx, ds, dz = q.fake_quantise_vjp(g, x, s, z, **grid.options)
    if slip == "passes everything":
        dx = g
    if slip == "no offset":
        ds = ds - np.sum(g * (np.round(x / s) - x / s) * (dx != 0))
    return value, dx, ds, dz


@on_torch
@pytest.mark.parametrize(
    ("slip", "grid", "where"),
    [
        ("", quantised.Grid(quantised.SIGNED, shifted=True, learned=True), []),
        ("", quantised.Grid(quantised.SYMMETRIC, exact=True, learned=True), []),
        ("rounds halves up", quantised.Grid(quantised.SYMMETRIC, exact=True, learned=True), ["value"]),
        ("cuts off", quantised.Grid(quantised.SYMMETRIC, learned=True), ["value"]),
        ("one more integer", quantised.Grid(quantised.SYMMETRIC, learned=True), ["value"]),
        ("forgets the zero point", quantised.Grid(quantised.SIGNED, shifted=True, learned=True), ["value"]),
        ("passes everything", quantised.Grid(quantised.SYMMETRIC, learned=True), ["dx"]),
        ("no offset", quantised.Grid(quantised.SYMMETRIC, learned=True), ["ds"]),
    ],
    ids=str,
)
def test_a_slip_of_quantisation_is_found_where_it_is(slip, grid, where, fw):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        s, z = (a.astype(np.float32).astype(float) for a in grid.scales(rng))
        x = grid.numbers(s, z, rng).astype(np.float32).astype(float)
        leaves = (x, s, z, rng.normal(size=x.shape))
        seen = quantised.Quantised(grid, leaves, slipped(grid, leaves, slip))
        assert flagged(seen.checks("float32")) == where


@on_torch
@pytest.mark.parametrize("dtype", [np.int16, np.float32, None])
def test_integers_that_are_not_summed_in_int32_are_found(dtype, fw):
    for seed in SEEDS:
        right = quantised.Integers.of(fw, np.random.default_rng(seed))
        assert right.check().verdict == "pass"
        x, w, zx, zw = (a.astype(dtype or np.int64) for a in right.arguments)
        found = np.add.reduce((x - zx)[:, None] * (w - zw[:, None]), axis=-1, dtype=dtype or np.int64)
        assert replace(right, found=found).check().verdict == ("discrepancy" if dtype else "pass")


def trainer_with(slip):
    """Training with a scaled loss in NumPy, with one slip."""

    def trainer(start, given: Settings):
        w, scale, good = start.astype(np.float32), given.scale, 0

        def step(c):
            nonlocal w, scale, good
            with np.errstate(over="ignore", invalid="ignore"):
                g = (c * scale * (scale if slip == "scaled twice" else 1)).astype(np.float16).astype(np.float32)
                finite = bool(np.all(np.isfinite(g)))
                true = g if slip == "clipped before it is unscaled" else g / np.float32(scale)
                if slip == "a skipped step moves":
                    true = np.where(np.isfinite(true), true, 0)
                true = true * np.float32(min(1.0, given.longest / (np.linalg.norm(true) + 1e-6)))
                true = true / np.float32(scale) if slip == "clipped before it is unscaled" else true
            if finite or slip == "a skipped step moves":
                w = (w - np.float32(given.lr) * true).astype(np.float32)
            kept = slip == "a scale that never grows" and finite
            scale, good = (scale, 0) if kept else given.rule.after(scale, good, finite)
            return w, scale

        return step

    return trainer


@on_torch
@pytest.mark.parametrize(
    "slip",
    ["", "clipped before it is unscaled", "scaled twice", "a skipped step moves", "a scale that never grows"],
)
def test_a_slip_of_the_scaled_loss_is_found(slip, fw):
    for seed in SEEDS:
        found = flagged(Trajectory.of(fw, np.random.default_rng(seed), trainer_with(slip)).checks())
        assert bool(found) == bool(slip), found


def test_the_frameworks_own_are_not_flagged(fw):
    grid = quantised.Grid(quantised.SIGNED, shifted=True, learned=True)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        found = [*Trajectory.of(fw, rng).checks(), *quantised.Quantised.of(grid, fw, rng).checks("float32")]
        assert flagged([*found, *quantised.Trained.of(fw, rng).checks("float32", rng)]) == []
