"""What check_grads costs beside its peers, with pytest-benchmark.

    python -m pytest benchmarks/test_gradient_check.py --benchmark-only -q -p no:randomly

One group for each function and framework. Each benchmark is interleaved with its unit, one forward and backward pass of
the same framework (for first calls: the first call of the compiled pass alone), and ``extra_info`` holds their ratio.
"""

import statistics
from typing import Any

import pytest
from gradient_cases import Case, all_cases
from gradient_table import (
    FIRST_CALLS,
    UNIT,
    Side,
    calls_of,
    first_call_sides,
    jax_sides,
    seconds,
    torch_sides,
)

ROUNDS = 7

CASES = all_cases()
TORCH_CASES = [pytest.param(c, id=c.name) for c in CASES if c.torch]
JAX_CASES = [pytest.param(c, id=c.name) for c in CASES if c.jax]


def interleaved(benchmark: Any, side: Side, unit: Side, *, group: str, rounds: int, warm: bool = True) -> None:
    """Benchmark ``side``; before each of its rounds the unit is timed. ``extra_info`` is in seconds and in units."""
    calls = calls_of(unit) if warm else 1
    units: list[float] = []
    benchmark.group = group
    benchmark.pedantic(
        side, setup=lambda: units.append(seconds(unit, calls)), rounds=rounds, warmup_rounds=1 if warm else 0
    )
    of_unit = statistics.median(units[-rounds:])
    benchmark.extra_info["unit, s"] = of_unit
    if benchmark.stats is not None:
        benchmark.extra_info["ratio"] = benchmark.stats.stats.median / of_unit


@pytest.mark.parametrize("side", [UNIT, "check_grads", "passing twin", "failing", "gradcheck, fast", "gradcheck, slow"])
@pytest.mark.parametrize("case", TORCH_CASES)
def test_torch(benchmark: Any, case: Case, side: str) -> None:
    sides = torch_sides(case)
    if side not in sides:
        pytest.skip("too slow: gradient_table.py extrapolates it")
    interleaved(benchmark, sides[side], sides[UNIT], group=f"torch, {case.name}", rounds=ROUNDS)


@pytest.mark.parametrize("side", [UNIT, "check_grads", "passing twin", "failing", "check_grads of JAX"])
@pytest.mark.parametrize("case", JAX_CASES)
def test_jax(benchmark: Any, case: Case, side: str) -> None:
    sides = jax_sides(case)
    interleaved(benchmark, sides[side], sides[UNIT], group=f"jax, {case.name}", rounds=ROUNDS)


@pytest.mark.parametrize("case", JAX_CASES)
def test_jax_first_call(benchmark: Any, case: Case) -> None:
    sides = first_call_sides(case)
    ours, unit = sides["first check_grads"], sides["first vjp"]
    interleaved(benchmark, ours, unit, group=f"jax, {case.name}", rounds=FIRST_CALLS, warm=False)
