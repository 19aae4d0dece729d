"""The table that a reader sees: exact text, no number where none stands."""

from dataclasses import replace

import pytest

from pytest_dualfw.kernels import terminal
from pytest_dualfw.kernels.model import FORWARD, Ratio

from .samples import COMPILES, FASTER, NOT_TIMED, TIMINGS, invalid, measured, timing

TABLE = """\

matmul, cpu float32, inputs rotated, wall clock, jit by inductor (torch) and XLA (JAX)
                       eager      jit speed-up   95 % interval jit is  compile   break-even     peak memory roofline
  n=64
  torch forward      2.00 ms  1.00 ms   2.000x  [1.980, 2.020] faster   500 ms          500  3.00 / 1.50 MB     50 %
  torch + backward   1.00 ms  2.00 ms   0.500x  [0.495, 0.505] slower   500 ms        never  3.00 / 1.50 MB     50 %
  JAX   forward      1.00 ms  1.00 ms   1.000x  [0.990, 1.010]   same   500 ms      unclear  3.00 / 1.50 MB     50 %
  JAX   + backward   2.00 ms  1.00 ms   2.000x  [1.600, 2.400]  noisy   500 ms          500  3.00 / 1.50 MB     50 %
                     noisy: the interval is 34 % wide
  n=2048
  torch forward       2.00 s  16.0 ms   125.0x  [123.8, 126.2] faster   500 ms            1  3.00 / 1.50 MB     50 %
                     compile: warm, from a cache on disk
  JAX   forward      INVALID: eager compiled 3 times in 3 calls; allowed is none; 2 calls take 1.10 times as long as
                     1

eager, jit: median of one call. speed-up: median of the paired ratios eager/jit. compile: the first jitted call.
break-even: calls until compiling has paid. peak memory: eager / jit. roofline: jit, of what the machine attains.
6 measurements: 4 ok, 1 noisy, 1 invalid"""


def test_the_table():
    assert "\n".join(terminal.summary(TIMINGS)) == TABLE


def test_nothing_measured_says_nothing():
    assert terminal.summary([]) == []


def test_it_fits_a_terminal():
    assert max(map(len, terminal.summary(TIMINGS))) <= 116


def test_what_is_invalid_has_no_number():
    (line,) = terminal.row("jax", invalid("nothing was computed"))
    assert line == "  JAX   forward      INVALID: nothing was computed"


def test_numbers_that_are_there_are_not_shown_where_the_status_is_invalid_by_the_model():
    """An invalid pass carries no sides: there is nothing to show by mistake."""
    assert (COMPILES.eager, COMPILES.jit, COMPILES.ratio) == (None, None, None)


def test_what_was_only_checked():
    assert terminal.row("torch", NOT_TIMED) == ["  torch forward      checked, not timed: timed=False was given"]


def test_what_was_only_checked_is_counted_and_has_no_table():
    checked = [timing(NOT_TIMED, n=n, compiler="aot_eager") for n in (1, 2)]
    assert terminal.summary(checked) == ["2 measurements: 2 checked (timed=False was given)"]
    told = terminal.summary([*checked, timing(FASTER, kernel="sort")])
    assert told[1].startswith("sort, ")
    assert told[-1] == "3 measurements: 1 ok, 2 checked (timed=False was given)"
    assert not any("matmul" in line for line in told)


def test_one_kernel_without_parameters():
    lines = terminal.table([timing(FASTER)])
    assert len(lines) == 3
    assert lines[2].startswith("  torch forward      2.00 ms")


def test_kernels_devices_and_dtypes_have_tables_of_their_own():
    half = replace(TIMINGS[0], dtype="float16")
    told = terminal.summary([TIMINGS[0], half, timing(FASTER, kernel="sort")])
    headings = [line.split(", inputs")[0] for line in told if ", inputs " in line]
    assert headings == ["matmul, cpu float32", "matmul, cpu float16", "sort, cpu float32"]


def test_a_backend_that_compiles_nothing_is_told():
    told = terminal.summary([timing(FASTER, compiler="aot_eager")])
    assert told[-2] == (
        "torch jit by aot_eager traces and compiles nothing; --fw-compile-backend=inductor measures what is compiled."
    )


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(1.01, 1.2, "faster"), (0.8, 0.99, "slower"), (0.99, 1.01, "same"), (1.0, 1.2, "same"), (0.9, 1.0, "same")],
)
def test_the_interval_decides_the_word(low, high, word):
    assert terminal.verdict("ok", Ratio(1.0, low, high, 9)) == word
    assert terminal.verdict("noisy", Ratio(1.0, low, high, 9)) == "noisy"


@pytest.mark.parametrize(
    ("eager", "jit", "told"),
    [
        (None, None, "-"),
        (1_000, 2_000, "1.00 / 2.00 kB"),
        (999_000, 1_500_000, "999 kB / 1.50 MB"),
        (None, 5, "- / 5.00 B"),
    ],
)
def test_peak_memory(eager, jit, told):
    m = replace(FASTER, eager=replace(FASTER.eager, peak_bytes=eager), jit=replace(FASTER.jit, peak_bytes=jit))
    assert terminal.memory(m) == told


def test_break_even_counts_calls_up():
    m = measured(FORWARD, eager=3e-3, jit=1.5e-3)
    assert terminal.break_even(m) == "334"  # 0.5 s / 1.5 ms = 333.3
    assert terminal.break_even(replace(m, compilation=None)) == "-"


def test_medians_that_contradict_the_ratio():
    """The ratio is of pairs, the medians are of sides: on a noisy machine they may disagree."""
    faster, slower = Ratio(1.2, 1.1, 1.3, 9), Ratio(0.9, 0.8, 0.95, 9)
    assert terminal.break_even(replace(measured(eager=1e-3, jit=2e-3), ratio=faster)) == "unclear"
    assert terminal.break_even(replace(measured(eager=2e-3, jit=1e-3), ratio=slower)) == "never"


def test_of_rows():
    rows = [{"target": "torch-cpu-float32-eager", "timing": t.to_json()} for t in TIMINGS]
    assert terminal.of_rows(rows) == list(TIMINGS)
