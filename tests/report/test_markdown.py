"""The verdict as Markdown: whole, and with texts of others that stay texts."""

import re

import pytest

from pytest_dualfw.report.markdown import LONGEST, SHOWN, markdown, plain

from .models import HOSTILE, ODD, hostile
from .told import change, nights, series, timeline


def rows(text):
    """Each row of each table as its cells."""
    return [re.split(r"(?<!\\)\|", row)[1:-1] for row in text.splitlines() if row.startswith("|")]


def test_nothing():
    assert markdown(None, None) == "# pytest-dualfw\n\nNothing was tested or measured.\n"


def test_nights():
    machine = change(id="def", quantity="eager", blame="machine", beside=[])
    found = timeline(
        series("matmul", "regressed", [change()]), series("scan", "invalid"), series(), machine_changes=[machine]
    )
    assert (
        markdown(None, nights(found, problems=["a_b"], regressed=1, invalid=1, same=1))
        == """\
# pytest-dualfw

## Nights

| ✗ regressed | ? suspect | ! invalid | ✓ improved | … insufficient | = same |
|---|---|---|---|---|---|
| 1 | 0 | 1 | 0 | 0 | 1 |

### EPYC, H200, branch main

3 runs, 2026-01-01 03:00 to 2026-01-03 03:00; 3 series; machine 7aaf

| | series | change | since | blame | beside | id |
|---|---|---|---|---|---|---|
| machine |  | eager 10 % slower | 2026-01-02 03:00, confirmed | machine |  | def |
| ✗ | matmul forward | jit 10 % slower | 2026-01-02 03:00, confirmed | compiler | torch 2.12 -\\> 2.13 | abc |
| ! | scan forward | | | | | |

1 problem of reading

- a\\_b
"""
    )


def finding(i=0):
    check = {"error": 0.123456, "bound": 1e-6}
    return {"op": f"op_{i}", "target": "torch-cpu", "check": check, "command": "pytest 'a[b]'"}


def run(count=1, problems=()):
    tests = [{"status": "discrepancy"}] * count + [{"status": "pass"}]
    return {"tests": tests, "findings": [finding(i) for i in range(count)], "problems": list(problems)}


def test_a_run():
    assert (
        markdown(run(problems=["torch was <asked> for"]), None)
        == """\
# pytest-dualfw

**1 finding** in 2 tests: 1 discrepancy, 1 pass

- torch was \\<asked\\> for

| op | target | error | allowed | again |
|---|---|---|---|---|
| op\\_0 | torch-cpu | 0.123 | 1e-06 | pytest 'a\\[b\\]' |

"""
    )


def test_many_are_counted():
    found = rows(markdown(run(SHOWN + 2), None))
    assert len(found) == 2 + SHOWN + 1
    assert found[-1][0] == " and 2 more "
    assert {len(row) for row in found} == {5}
    many = rows(markdown(None, nights(timeline(*(series(f"k{i}", "invalid") for i in range(SHOWN + 1))))))
    assert many[-1][0] == " and 1 more "
    assert {len(row) for row in many[3:]} == {7}
    told = markdown(None, nights(problems=[f"p{i}" for i in range(SHOWN + 4)]))
    assert told.endswith(f"- p{SHOWN - 1}\n- and 4 more\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a|b", "a\\|b"),
        ("`x` *y* [z](u) <b> #1 @who ~~no~~ a&amp;b $x$",
         "\\`x\\` \\*y\\* \\[z\\]\\(u\\) \\<b\\> \\#1 \\@who \\~\\~no\\~\\~ a\\&amp;b \\$x\\$"),
        ("two\nlines\r\nand\ttabs", "two lines and tabs"),
        ("\u202eright\u2067 \ud800\x00", "right "),
        ("a\\|b", "a\\\\\\|b"),
        ("\U0001f4a5 é", "\U0001f4a5 é"),
        ("x" * (LONGEST + 5), "x" * LONGEST + "… and 5 more characters"),
    ],
)  # fmt: skip
def test_text_of_others(text, told):
    assert plain(text) == told


def test_the_worst_of_everything():
    model = hostile()
    wrong = {**finding(), "op": HOSTILE + ODD, "target": "a|b\nc", "command": ODD}
    text = markdown({**model.run, "findings": [wrong]}, model.nights)
    assert text.encode()
    assert "<" not in text.replace("\\<", "")
    widths = [len(row) for row in rows(text)]
    assert set(widths) == {5, 6, 7}
    assert sorted(widths, key=(5, 6, 7).index) == widths  # each table stays together
