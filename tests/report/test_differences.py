"""A comparison as a table."""

from dataclasses import replace

from pytest_dualfw.history.comparison import Comparison, Difference
from pytest_dualfw.report.differences import SHOWN, lines, markdown

from .models import HOSTILE

SLOWER = Difference("matmul forward", "jit", 1e-3, 1.1e-3, 1.1, 8, 1.5e-4, "confirmed", True)
BETTER = Difference("add forward", "memory", 3e6, 1.5e6, 0.5, 8, 1e-4, "confirmed", False)
MAYBE = Difference("add forward", "ratio", 2.0, 1.9, 0.95, 4, 1.0, "suspect", True)
SAME = replace(SLOWER, bench="softmax forward", verdict="same")
ALL = Comparison([SAME, BETTER, MAYBE, SLOWER], ["a", "b", "c", "d"], "a note")


def test_lines():
    assert lines(ALL) == [
        "bench           quantity  before   after    factor  runs  p",
        "matmul forward  jit       1.00 ms  1.10 ms  1.100   8     1.5e-04  confirmed, worse",
        "add forward     ratio     2.000    1.900    0.950   4     -        suspect, worse",
        "add forward     memory    3.00 MB  1.50 MB  0.500   8     1.0e-04  confirmed, better",
        "a note",
        "on one side only: a, b, c, ...",
        "4 numbers compared: 1 worse, 1 suspect, 1 better",
    ]


def test_nothing_differs():
    assert lines(Comparison([SAME], ["a"])) == [
        "on one side only: a",
        "1 number compared: 0 worse, 0 suspect, 0 better",
    ]
    assert markdown(Comparison([SAME], [])) == (
        "# Kernels compared\n\n\n1 number compared: 0 worse, 0 suspect, 0 better\n"
    )


def test_markdown():
    assert (
        markdown(Comparison([SLOWER], [], "a_note"))
        == """\
# Kernels compared

| bench | quantity | before | after | factor | runs | p |  |
| --- | --- | --- | --- | --- | --- | --- | --- |
| matmul forward | jit | 1.00 ms | 1.10 ms | 1.100 | 8 | 1.5e-04 | confirmed, worse |

a\\_note
1 number compared: 1 worse, 0 suspect, 0 better
"""
    )


def test_many_are_counted():
    many = Comparison([replace(SLOWER, bench=f"k{i}") for i in range(SHOWN + 2)], [])
    assert len(lines(many)) == 1 + SHOWN + 2
    assert lines(many)[-2:] == ["and 2 more", "52 numbers compared: 52 worse, 0 suspect, 0 better"]


def test_hostile_names():
    text = markdown(Comparison([replace(SLOWER, bench=HOSTILE + "|`\n\ud800")], [HOSTILE], HOSTILE))
    (row,) = [row for row in text.splitlines() if row.startswith("| \\<")]
    assert row.replace("\\|", "").count("|") == 9
    assert "<" not in text.replace("\\<", "")
    assert text.encode()
