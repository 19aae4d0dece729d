"""Text and numbers that others wrote: cleaned, shortened openly, rounded."""

import re

from pytest_dualfw.report.text import ABSENT, anchor, figure, number, positive, rounded, shortened, visible

from . import models


def test_long_texts_say_how_much_is_missing():
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd" * 1000, 3) == "abc… and 3,997 more characters"


def test_numbers_of_others_are_numbers_or_nothing():
    for nothing in (None, True, "nan", float("nan"), "abc", [], 10**400):
        assert number(nothing) is None, nothing
    assert [number(v) for v in ("inf", 2, "1.5")] == [float("inf"), 2.0, 1.5]
    assert [positive(v) for v in (0, -1.0, "inf", 2)] == [None, None, None, 2.0]
    assert [figure(v) for v in (None, 0.0, 123456.0, float("inf"))] == [ABSENT, "0", "1.23e+05", "∞"]
    assert rounded("(1, 0.5, -1.23456789e-17)") == "(1, 0.5, -1.235e-17)"
    assert visible("a\tb\x00\x9f\ud800") == "a\tb\ufffd\ufffd\ufffd"


def test_anchors_hold_any_test():
    assert anchor("a") == "t-ca978112ca"
    assert re.fullmatch("t-[0-9a-f]{10}", anchor(models.HOSTILE + models.ODD))
