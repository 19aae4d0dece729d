"""A history in few characters: numbers that page.js reads back, and sparklines."""

import numpy as np

from pytest_dualfw.report.page.packing import DIGITS, packed
from pytest_dualfw.report.page.sketch import spark


def unpacked(text):
    exponent, digits = text.split(":")
    found, last, code, scale = [], 0, 0, 1
    for bits in map(DIGITS.index, digits):
        code, scale = code + bits % 32 * scale, scale * 32
        if bits < 32:
            last += (code - 1) // 2 if code % 2 else -(code // 2)
            found.append(float(f"{last}e{exponent}") if code else None)
            code, scale = 0, 1
    return found


def test_numbers_of_a_history_come_back_with_four_digits():
    rng = np.random.default_rng(0)
    for scale in (1e-9, 1.0, 3e11):
        values = [float(v) for v in scale * np.exp(rng.normal(0, 0.5, 200))]
        values[7] = values[8] = None
        back = unpacked(packed(values))
        assert [b is None for b in back] == [v is None for v in values]
        assert max(abs(b / v - 1) for b, v in zip(back, values, strict=True) if v) <= 5e-4
    assert unpacked(packed([1.9, 2.0, 1.234])) == [1.9, 2.0, 1.234]
    assert unpacked(packed([1e-9, 1e9]))[1] == 1e9
    assert unpacked(packed([None, -1.0, 0.0])) == [None] * 3
    assert packed([]) == "0:"


def test_sparklines_leave_a_gap_where_a_run_is_missing():
    assert '<path d="M0 22l0 0 1-20"/>' in spark([1.0, 2.0], [])
    assert '<path d="M0 22l0 0m2-20l0 0"/><path class="change" d="M2 2h0"/>' in spark([1.0, None, 2.0], [2, 1])
    assert spark([None, None], []) == ""
    assert "M0 2l0 0 1 0" in spark([3.0, 3.0], [])
