"""Reasons not to believe a time. Each is one sentence: what was seen, what is allowed, what to do; empty: none."""

from collections.abc import Callable
from statistics import median

import numpy as np

from ..frameworks.program import Array, is_inexact
from .statistics import order_interval

# 2k calls take twice as long as k, give or take what a neighbour on the machine takes away.
TWICE = (1.5, 2.7)
# What a call costs once, such as waking a thread, is small beside four or sixteen times as many.
TIMES = (1, 4, 16)
# So many comparisons, and so many of samples that take longer than LONG seconds.
ROUNDS, FEW_ROUNDS, LONG = 9, 3, 0.1

# From this share on, subnormal numbers decide the speed: tanh on them alone was 20 times slower.
SUBNORMAL_SHARE = 0.01

# An array of a few numbers costs the same, folded or not.
FOLDED_BYTES = 1024

ADVICE = {
    "eager": "define the body of a loop once, outside of fn; the gradient of a lax.scan compiles at each call",
    "jit": "let shapes, dtypes and Python values be the same at each call",
}


def recompiled(mode: str, count: int, calls: int) -> str:
    """Something was compiled while the clock ran."""
    return f"{mode} compiled {count} times in {calls} calls under the clock; allowed is none: {ADVICE[mode]}"


def nonlinear(mode: str, timed: Callable[[int], float], count: int) -> str:
    """``timed(n)``: seconds of n calls. Empty where 2k calls may take twice as long as k, k being ``count`` or, where
    they do not, 4 or 16 times as many. A machine whose speed changes by a factor of two in between proves nothing: the
    interval of the ratio has to lie outside of what is allowed.
    """
    low, high = TWICE
    found = []
    for k in (count * times for times in TIMES):
        ratios = [timed(2 * k) / timed(k)]
        rounds = ROUNDS if timed(k) < LONG else FEW_ROUNDS
        ratios += [timed(2 * k) / timed(k) for _ in range(rounds - 1)]
        least, most = order_interval(np.array(ratios))
        if most >= low and least <= high:
            return ""
        found.append(median(ratios))
    return (
        f"{mode}: {2 * count} calls take {found[0]:.2f} times as long as {count}, allowed is {low:g} to {high:g}: "
        "something else than the kernel is timed; look for a cached result, or for work that is put off"
    )


def too_fast(mode: str, seconds: float, least: float) -> str:
    """Faster than the memory and the arithmetic of this machine allow."""
    if seconds >= least:
        return ""
    return (
        f"{mode} takes {seconds:.3g} s, and this machine needs {least:.3g} s at least for the kernel's bytes and "
        "operations: they were not all done, or work= is too large"
    )


def folded(size: int) -> str:
    """Arrays that the compiled function holds as constants."""
    if size < FOLDED_BYTES:
        return ""
    return (
        f"jit folds arrays of {size} bytes that fn closes over into constants, and eager computes with them; allowed "
        f"are less than {FOLDED_BYTES} bytes: pass them as arguments"
    )


def wide(width: float, stop_reason: str, allowed: float) -> str:
    """The interval of the ratio says little."""
    if width <= allowed:
        return ""
    return (
        f"the interval is {width:.0%} wide and {stop_reason}; allowed is {allowed:.0%}: raise max_time, or measure "
        "on a quieter machine"
    )


def subnormal(name: str, x: Array, smallest: float) -> str:
    """Numbers below the smallest normal one of the dtype, on which a CPU can be 20 times slower."""
    if not is_inexact(x.dtype) or not x.size:
        return ""
    share = float(np.mean((np.abs(x) > 0) & (np.abs(x) < smallest)))
    if share < SUBNORMAL_SHARE:
        return ""
    return (
        f"{share:.0%} of {name} are subnormal numbers, on which a CPU can be 20 times slower; allowed is "
        f"{SUBNORMAL_SHARE:.0%}: pass values that the kernel would meet"
    )
