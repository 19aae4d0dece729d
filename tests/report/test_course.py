"""The course of a series as a picture: valid, and with what is to be seen in it."""

import itertools

import pytest

from pytest_dualfw.report.course import course, courses

from ..svg import NS, parsed, texts
from .models import hostile
from .told import change, nights, series, timeline


def titles(picture):
    return [e.text for e in parsed(picture).iter(f"{NS}title")]


def test_a_step():
    one = series(changes=[change()])
    picture = course(timeline(one, marks=[[1, "torch 2.12 -> 2.13"], [1, "jax 1 -> 2"]]), one, "jit")
    assert texts(picture)[0] == "matmul forward: jit"
    assert "✗ jit 10 % slower" in texts(picture)
    assert titles(picture) == [
        "matmul forward: jit",
        "torch 2.12 -> 2.13, jax 1 -> 2",
        "jit 10 % slower; 2026-01-02 03:00; confirmed; compiler; torch 2.12 -> 2.13",
    ]
    assert len([*parsed(picture).iter(f"{NS}circle")]) == 3


def test_slower_is_higher_and_later_is_further_right():
    one = series(jit=(1e-3, 2e-3, 4e-3))
    circles = parsed(course(timeline(one), one, "jit")).iter(f"{NS}circle")
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in circles]
    assert dots == sorted(dots, key=lambda dot: (dot[0], -dot[1]))
    assert dots[0][1] - dots[1][1] == pytest.approx(dots[1][1] - dots[2][1], abs=0.2)  # factors, not differences


def test_a_night_without_a_number_is_no_dot():
    one = series(jit=(1e-3, None, 1e-3))
    assert len([*parsed(course(timeline(one), one, "jit")).iter(f"{NS}circle")]) == 2


@pytest.mark.parametrize("numbers", [(None,), (1e-3,), (1e-3, 1e-3), (1e-300, 1e300), (float("nan"), -1.0)])
def test_few_numbers_and_strange_ones(numbers):
    one = series(jit=numbers)
    parsed(course(timeline(one, nights=len(numbers)), one, "jit"))


def test_units():
    one = series(jit=(1e-3, 1e-3, 1e-3))
    one["values"] |= {"ratio": [2.0, 2.0, 2.0], "memory": [3e6, 3e6, 3e6]}
    for quantity, middle in (("jit", "1.00 ms"), ("ratio", "2.000"), ("memory", "3.00 MB")):
        assert middle in texts(course(timeline(one), one, quantity))


def test_dates_do_not_overlap():
    one = series(jit=(1e-3,) * 60)
    long = timeline(one)
    long["runs"] = [{"id": str(i), "started": f"2026-01-01T00:00:{i:02d}Z", "commit": ""} for i in range(60)]
    dates = [float(e.get("x")) for e in parsed(course(long, one, "jit")).iter(f"{NS}text") if e.text == "2026-01-01"]
    assert len(dates) >= 5
    assert min(b - a for a, b in itertools.pairwise(dates)) >= 110


def test_one_picture_for_each_quantity_that_changed():
    steps = [change(id="a"), change(id="b", quantity="compile"), change(id="c", run=2)]
    one = series(changes=steps)
    found = courses(nights(timeline(one, series("quiet"))))
    assert [*found] == ["change-c.svg", "change-b.svg"]
    assert found["change-c.svg"] == course(timeline(one), one, "jit")
    assert texts(found["change-c.svg"]).count("✗ jit 10 % slower") == 2


def test_the_worst_of_names():
    for picture in courses(hostile().nights).values():
        parsed(picture.encode())
