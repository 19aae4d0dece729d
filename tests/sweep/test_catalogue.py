"""The catalogue as a file, and that what it holds is true: by reproducers, and by truths found in another way."""

import ast
import dataclasses
import math
from collections import Counter

import mpmath
import pytest
from mpmath import mp
from pytest_dualfw.suites.sweep import catalogue, upstream
from pytest_dualfw.suites.sweep.divergence import ACCURACY, CLASSES, DEFECT, Divergence
from pytest_dualfw.suites.sweep.exact import NOTHING, exact
from pytest_dualfw.suites.sweep.ops import FAMILIES
from pytest_dualfw.suites.sweep.pages import Accuracy, draw
from pytest_dualfw.suites.sweep.refusals import REFUSALS
from pytest_dualfw.suites.sweep.reproduce import printed, reproducer, standing
from pytest_dualfw.suites.sweep.tensors import TensorRow

KNOWN = catalogue.read()
ROWS = {row.name: row for rows in FAMILIES.values() for row in rows}
SMALL = Divergence(
    id="sin: value: defect: torch",
    op="sin",
    family="elementary",
    kind=DEFECT,
    what="value",
    at="a finite number",
    input=(-0.0, math.inf, [[1.5, -2.0]]),
    obtained={"torch": math.nan, "jax": "raises"},
    ulps=1.5,
    targets=("torch-cpu-float64",),
    versions={"torch": "1"},
    index=(0, 1),
    truth='"0.5"',
    agree=True,
)


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "c.toml"
    catalogue.write([SMALL], path)
    (again,) = catalogue.read(path)
    assert repr(again) == repr(SMALL)


def test_no_file_is_an_empty_catalogue(tmp_path):
    assert catalogue.read(tmp_path / "none.toml") == []


def test_its_size():
    kinds = Counter(d.kind for d in KNOWN)
    assert len(KNOWN) >= 150
    assert kinds[DEFECT] + kinds[ACCURACY] >= 40
    assert sum(d.agree for d in KNOWN) >= 5
    assert sum(map(len, FAMILIES.values())) >= 300


def test_every_entry_is_of_a_row_and_has_an_id_of_its_own():
    assert len({d.id for d in KNOWN}) == len(KNOWN)
    assert {d.op for d in KNOWN} <= {*ROWS, *(r.name for r in REFUSALS)}
    assert {d.kind for d in KNOWN} <= set(CLASSES)


def test_every_entry_has_a_short_reproducer():
    for d in KNOWN:
        for fw in d.frameworks:
            program = reproducer(d, fw)
            ast.parse(program)
            assert len(program.splitlines()) <= 15, d.id


def test_a_stale_entry_is_told():
    known = next(d for d in KNOWN if d.kind == DEFECT and d.frameworks == ["torch"])
    stale = dataclasses.replace(known, obtained={"torch": 12345.0})
    kept, told = standing([known, stale])
    assert kept == []  # they share an id
    assert told == [f"{known.id} on torch: {printed([reproducer(known, 'torch')])[0]}, and 12345.0 in the catalogue"]


def test_a_reproducer_that_raises():
    assert printed(["1 / 0", "print(2)"]) == ["raises ZeroDivisionError: division by zero", "2"]


def by_another_way(d):
    """The value in many more digits; derivatives by five points in the place of three, and a much smaller step."""
    row, xs = ROWS[d.op], [exact(x) for x in d.input]
    what = d.what.rpartition(" of ")[2]
    with mp.workdps(1500):
        if what == "value":
            return row.truth(*xs)
        i = row.arguments.index(what[-1])
        step = abs(xs[i]) * mpmath.mpf(10) ** -100
        y = [row.truth(*xs[:i], xs[i] + k * step, *xs[i + 1 :]) for k in (-2, -1, 0, 1, 2)]
        if what.startswith("second"):
            return (16 * (y[1] + y[3]) - 30 * y[2] - y[0] - y[4]) / (12 * step**2)
        return (y[0] - 8 * y[1] + 8 * y[3] - y[4]) / (12 * step)


CONFIRMABLE = [
    d
    for d in KNOWN
    if d.kind in (DEFECT, ACCURACY)
    and not isinstance(ROWS.get(d.op), TensorRow)
    and d.truth.replace(".", "").replace("-", "").replace("e", "").replace("+", "").isdigit()
    and all(d.input)
]


@pytest.mark.parametrize("d", CONFIRMABLE, ids=lambda d: d.id.replace(" ", "_"))
def test_a_truth_by_another_way(d):
    other = by_another_way(d)
    with mp.workdps(40):
        stated = mpmath.mpf(d.truth)
        assert abs(stated - other) <= mpmath.mpf(10) ** -15 * abs(other) + NOTHING
        for obtained in d.obtained.values():
            assert not math.isfinite(obtained) or abs(exact(obtained) - other) > 0


def test_pages_hold_every_entry_and_are_escaped():
    rows = [Accuracy("elementary", "sin", "value", "torch-cpu-float64-eager", 0.5, 0.1, 1.0)]
    pages = draw(KNOWN, rows, {"torch": "1", "jax": "2"})
    for d in KNOWN:
        assert (d.id if d.frameworks else f"| {d.op} | support |") in pages[f"divergences/{d.family}.md"]
    assert "| sin | value | 0.5 / 0.1 |" in pages["accuracy.md"]


def divergence(**told):
    return dataclasses.replace(SMALL, **told)


def test_a_thread_tells_of_what_is_wrong_in_its_framework_alone(monkeypatch):
    monkeypatch.setattr(upstream, "UPSTREAM", {("sin", "value", "torch"): "thread"})
    alone = divergence(id="alone", obtained={"torch": 1.0})
    both, usage = divergence(id="both"), divergence(id="usage", kind="convention")
    other = divergence(id="other", what="d/dx")
    assert {d.id: d.upstream for d in upstream.linked([alone, both, usage, other])} == {
        "alone": "thread",
        "both": "",
        "usage": "",
        "other": "",
    }
    assert [d.upstream for d in upstream.linked([both, usage])] == ["thread", ""]
    assert [d.upstream for d in upstream.linked([usage])] == ["thread"]


def test_what_is_known():
    known = catalogue.Known([divergence(obtained={"torch": 1.0}), divergence(what="d/dy", kind="accuracy")])
    assert known.holds("sin", "torch", DEFECT, "value")
    assert known.holds("sin", "torch", ACCURACY, "value")
    assert known.holds("sin", "torch", DEFECT, "vmap of value")
    assert known.holds("sin", "jax", ACCURACY, "forward d/dx")
    assert not known.holds("sin", "jax", DEFECT, "value")
    assert not known.holds("sin", "jax", DEFECT, "d/dy")
    assert not known.holds("sin", "jax", ACCURACY, "d/dx")
    assert not known.holds("sin", "torch", DEFECT, "second d/dx")
    assert not known.holds("cos", "torch", DEFECT, "value")


def test_every_thread_is_of_an_entry():
    for op, what, framework in upstream.UPSTREAM:
        assert any((d.op, d.what) == (op, what) and framework in d.obtained for d in KNOWN), (op, what, framework)
