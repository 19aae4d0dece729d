"""Every op of the table on every target: values, gradients, transformations, against its NumPy reference."""

from typing import Any

import numpy as np
import optree
import pytest

from .ops import OPS
from .table import Case, cases
from .transformed import Batch, Scalar

CASES = cases(OPS)
FIRST = [case for case in CASES if case.sample is case.op.samples[0]]
SMOOTH = [case for case in FIRST if case.sample.smooth]
BATCHED = [case for case in FIRST if case.sample.batched]
FULL_PRECISION = ("float64", "float32")
BATCH = 3


@pytest.fixture
def op(case: Case, fw: Any, target: Any) -> Any:
    """The framework's own op."""
    why = case.unsupported(target)
    if why:
        pytest.skip(f"unsupported: {why}")
    return case.in_framework(fw.name)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_gradient(case: Case, op: Any, target: Any, check_grads: Any, rng: np.random.Generator) -> None:
    check_grads(
        op,
        *case.sample.make(rng),
        reference=case.reference(),
        reference_vjp=case.reference_vjp(),
        wrt=case.sample.wrt,
        tolerance=case.tolerance(target),
    )


@pytest.mark.parametrize("case", SMOOTH, ids=str)
@pytest.mark.fw_only(dtype=FULL_PRECISION)
def test_second_order(case: Case, op: Any, check_grads: Any, rng: np.random.Generator) -> None:
    check_grads(
        op,
        *case.sample.make(rng),
        reference=case.reference(),
        reference_vjp=case.reference_vjp(),
        wrt=case.sample.wrt,
        order=2,
    )


@pytest.mark.parametrize("case", BATCHED, ids=str)
@pytest.mark.fw_only(dtype=FULL_PRECISION)
def test_vmap_is_a_loop(case: Case, op: Any, fw: Any, check_grads: Any, rng: np.random.Generator) -> None:
    """vmap over stacked samples, and its gradient, against the reference one sample after the other."""
    batch = Batch.of([case.sample.make(rng) for _ in range(BATCH)], case.sample.batched)
    check_grads(
        fw.vmap(op, in_axes=batch.axes),
        *batch.primals,
        reference=batch.loop(case.reference()),
        reference_vjp=batch.loop_vjp(case.reference_vjp()),
        wrt=case.sample.wrt,
        tolerance=case.tolerance(fw.target),
    )


@pytest.mark.parametrize("case", FIRST, ids=str)
@pytest.mark.fw_only(dtype=FULL_PRECISION)
def test_value_and_grad(case: Case, op: Any, fw: Any, check_grads: Any, rng: np.random.Generator) -> None:
    """The framework's functional value_and_grad of sum(g * op(...)), in one call."""
    primals = case.sample.make(rng)
    scalar = Scalar.of(case, primals, rng)
    check_grads(
        scalar.in_framework(op, fw), *primals, reference=scalar.in_numpy, wrt=(), tolerance=case.tolerance(fw.target)
    )


@pytest.mark.parametrize("case", FIRST, ids=str)
@pytest.mark.fw_only(dtype=FULL_PRECISION, mode="jit")
def test_jit_is_eager(case: Case, op: Any, fw: Any, assert_close: Any, rng: np.random.Generator) -> None:
    drawn: Any = case.sample.make(rng)
    primals: Any = optree.tree_map(fw.asarray, drawn)
    eager = optree.tree_map(fw.to_numpy, op(*primals))
    assert_close(fw.jit(op)(*primals), eager, tolerance=case.tolerance(fw.target))
