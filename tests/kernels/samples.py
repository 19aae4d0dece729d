"""Timings as a run would leave them, for what draws them."""

from pytest_dualfw.kernels.model import (
    BACKWARD,
    CHECKED,
    FORWARD,
    INVALID,
    NOISY,
    OK,
    Compilation,
    KernelTiming,
    Measured,
    Ratio,
    Side,
    Work,
)


def side(median, peak=None):
    return Side(median, median / 2, 2 * median, median / 4, 100, median / 8, "wall", peak)


def measured(name=FORWARD, *, eager=2e-3, jit=1e-3, low=0.99, high=1.01, status=OK, reasons=(), cache="cold", **more):
    """``low`` and ``high``: the interval beside the ratio."""
    ratio = eager / jit
    compilation = Compilation(0.5, {"trace": 0.125, "compile": 0.25}, cache)
    sides = (side(eager, 3_000_000), side(jit, 1_500_000))
    work = Work(2.5e6, 1.25e6, "row")
    found = (*sides, Ratio(ratio, low * ratio, high * ratio, 100), compilation, work, 0.5)
    return Measured(name, status, reasons, *found, stop_reason="the interval is narrow enough", **more)


def invalid(*reasons, name=FORWARD, recompiles=0):
    return Measured(name, INVALID, reasons, recompiles=recompiles)


def timing(*passes, kernel="matmul", framework="torch", compiler="inductor", **params):
    return KernelTiming(
        kernel, framework, "cpu", "float32", passes, params, environment={"threads": 1, "compile_backend": compiler}
    )


FASTER, SLOWER = measured(), measured(BACKWARD, eager=1e-3, jit=2e-3)
SAME = measured(eager=1e-3, jit=1e-3)
NOT_SURE = measured(BACKWARD, status=NOISY, reasons=("the interval is 34 % wide",), low=0.8, high=1.2)
COMPILES = invalid(
    "eager compiled 3 times in 3 calls; allowed is none", "2 calls take 1.10 times as long as 1", recompiles=3
)
NOT_TIMED = Measured(FORWARD, CHECKED, ("timed=False was given",))

TIMINGS = (
    timing(FASTER, SLOWER, n=64),
    timing(SAME, NOT_SURE, framework="jax", compiler="XLA", n=64),
    timing(measured(eager=2.0, jit=0.016, cache="warm, from a cache on disk"), n=2048),
    timing(COMPILES, framework="jax", compiler="XLA", n=2048),
)
