"""A judged history in the terminal."""

from pytest_dualfw.report.nights_terminal import SHOWN, lines

from .told import change, nights, series, timeline

HEAD = ["EPYC, H200, branch main", "  3 runs, 2026-01-01 03:00 to 2026-01-03 03:00; 1 series; machine 7aaf"]


def test_nothing():
    assert lines(nights()) == ["no series"]


def test_a_quiet_timeline():
    assert lines(nights(timeline(series()), same=1)) == [*HEAD, "", "1 same"]


def test_changes_of_the_machine_and_of_a_series():
    machine = change(id="def", quantity="eager", blame="machine", beside=[])
    bare = change(id="012", tier="suspect", blame="", beside=[])
    found = timeline(series("matmul", "regressed", [change(), bare]), machine_changes=[machine])
    assert lines(nights(found, regressed=1)) == [
        *HEAD,
        "  def  eager 10 % slower since 2026-01-02 03:00; confirmed; machine",
        "✗ regressed matmul forward",
        "    abc  jit 10 % slower since 2026-01-02 03:00; confirmed; compiler; torch 2.12 -> 2.13",
        "    012  jit 10 % slower since 2026-01-02 03:00; suspect",
        "",
        "1 regressed",
    ]


def test_many_are_counted():
    def told(count):
        return lines(nights(timeline(*(series(f"k{i}", "invalid") for i in range(count))), invalid=count))[2:-2]

    assert told(SHOWN) == [f"! invalid   k{i} forward" for i in range(SHOWN)]
    assert told(SHOWN + 3) == [*told(SHOWN), "  and 3 more series that changed"]
