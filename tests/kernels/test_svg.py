"""The plots: well-formed whatever the text, each mark tells its numbers, no bar where there is no number."""

import re
from dataclasses import replace

import pytest

from pytest_dualfw.kernels.bars import speedup
from pytest_dualfw.kernels.curves import sizes_of, times
from pytest_dualfw.kernels.model import BACKWARD, FORWARD, Work
from pytest_dualfw.kernels.svg import WIDTH, Scale, clean, cut

from ..svg import NS, parsed, texts
from .samples import COMPILES, FASTER, NOT_TIMED, TIMINGS, measured, timing

HOSTILE = "</svg><script>alert(1)</script> & \" ' \x00\x1b\ud800\ufffe é 漢"


def tooltips(picture):
    return [g.find(f"{NS}title").text for g in parsed(picture).iter(f"{NS}g") if g.find(f"{NS}title") is not None]


def bars(picture):
    """Bars have a tooltip; the squares of the legend have none."""
    groups = (g for g in parsed(picture).iter(f"{NS}g") if g.find(f"{NS}title") is not None)
    return [g.find(f"{NS}rect") for g in groups]


PICTURES = {
    "speed-up": speedup(TIMINGS, FORWARD),
    "with backward": speedup(TIMINGS[:2], BACKWARD),
    "times": times(TIMINGS),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_reader_who_does_not_see(picture):
    root = parsed(picture)
    assert root.get("role") == "img"
    assert root[0].tag == f"{NS}title"
    assert root[0].text


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_light_and_dark_and_nothing_from_outside(picture):
    assert "@media (prefers-color-scheme: dark)" in picture
    assert re.findall(r"https?://[^\s\"]+", picture) == ["http://www.w3.org/2000/svg"]
    assert "<script" not in picture


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_all_marks_lie_inside(picture):
    root = parsed(picture)
    height = float(root.get("height"))
    for mark in root.iter():
        for name, limit in (("x", WIDTH), ("x1", WIDTH), ("x2", WIDTH), ("cx", WIDTH), ("y", height), ("y1", height)):
            assert 0 <= float(mark.get(name, 0)) <= limit


def test_titles():
    assert parsed(PICTURES["speed-up"])[0].text == "Speed-up of jit over eager, forward, cpu float32"
    assert parsed(PICTURES["with backward"])[0].text == "Speed-up of jit over eager, forward+backward, cpu float32"
    assert parsed(PICTURES["times"])[0].text == "matmul, time of one call against size, cpu float32"


def test_what_a_bar_tells():
    assert tooltips(PICTURES["speed-up"]) == [
        "matmul n=64: 2.000x [1.980, 2.020] faster, eager 2.00 ms, jit 1.00 ms",
        "matmul n=64: 1.000x [0.990, 1.010] same, eager 1.00 ms, jit 1.00 ms",
        "matmul n=2048: 125.0x [123.8, 126.2] faster, eager 2.00 s, jit 16.0 ms",
    ]
    assert tooltips(PICTURES["with backward"]) == [
        "matmul n=64: 0.500x [0.495, 0.505] slower, eager 1.00 ms, jit 2.00 ms",
        "matmul n=64: 2.000x [1.600, 2.400] noisy, eager 2.00 ms, jit 1.00 ms",
    ]


def test_slower_points_to_the_left_and_faster_to_the_right():
    slower, faster = (float(bar.get("x")) for bar in bars(PICTURES["with backward"]))
    assert slower < faster
    assert [bar.get("class") for bar in bars(PICTURES["with backward"])] == ["filled", "pale"]


@pytest.mark.parametrize("status", [COMPILES, NOT_TIMED], ids=["invalid", "checked"])
def test_no_bar_where_there_is_no_number(status):
    picture = speedup([timing(status)], FORWARD)
    assert bars(picture) == []
    words = "INVALID: eager compiled" if status is COMPILES else "checked, not timed: timed=False"
    assert any(t.startswith(words) for t in texts(picture))


def test_the_axis_shows_a_fifth_at_least():
    """Noise around 1 does not fill the picture."""
    (bar,) = bars(speedup([timing(measured(eager=1.01, jit=1.0))], FORWARD))
    assert float(bar.get("width")) < WIDTH / 20


def test_hostile_text():
    hostile = timing(measured(), kernel=HOSTILE, framework=HOSTILE, compiler=HOSTILE, n=HOSTILE)
    for picture in (speedup([hostile], FORWARD), times([hostile, timing(measured(), kernel=HOSTILE, n=2)])):
        parsed(picture)
        assert "<script" not in picture


def test_clean():
    assert clean("a\x00b\x1bc\ud800d\ufffee\tf") == "abcde\tf"
    assert clean("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"
    assert clean("é 漢 🙂") == "é 漢 🙂"


def test_cut():
    assert cut("matmul", 100) == "matmul"
    assert cut("matmul of two large matrices", 100) == "matmul of tw…"


def test_scale():
    scale = Scale(1.0, 100.0, 0.0, 200.0)
    assert [scale(v) for v in (1.0, 10.0, 100.0)] == [0.0, 100.0, 200.0]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1e-6, 1e-3, [1e-6, 1e-5, 1e-4, 1e-3]),
        (0.5, 20, [0.5, 1, 2, 5, 10, 20]),
        (0.8, 1.25, [0.9, 1, 1.1, 1.2]),
    ],
)
def test_ticks(low, high, ticks):
    assert Scale(low, high, 0, 1).ticks() == pytest.approx(ticks)


def test_what_a_point_tells():
    told = tooltips(PICTURES["times"])
    assert told[0] == "torch eager, n=64: 2.00 ms (quartiles 1.00 ms to 4.00 ms)"
    assert len(told) == 10  # in two modes: torch at two sizes, JAX at one, both at one size with backward


def test_lines_connect_points_and_nothing_else():
    """Two sizes of torch forward, one for each mode; a size without a number is no point."""
    lines = list(parsed(PICTURES["times"]).iter(f"{NS}polyline"))
    assert [len(line.get("points").split()) for line in lines] == [2, 2, 1, 1, 1, 1, 1, 1]


def test_no_curve_through_one_size():
    assert times([timing(FASTER, n=64)]) == ""
    assert times([timing(FASTER, n=64), timing(COMPILES, n=128)]) == ""


def axis(*params, works=None):
    made = [timing(measured(), **p) for p in params]
    if works is not None:
        made = [
            replace(t, passes=(replace(t.passes[0], work=None if w is None else Work(1.0, w, "row")),))
            for t, w in zip(made, works, strict=True)
        ]
    return sizes_of(made)


def test_the_axis_is_the_number_that_varies():
    found = axis({"n": 64, "causal": True}, {"n": 512, "causal": True})
    assert (found.name, found.words) == ("n", {64.0: "64", 512.0: "512"})


def test_the_axis_is_the_number_beside_a_word_that_varies_with_it():
    assert axis({"size": "tiny", "n": 64}, {"size": "large", "n": 512}).name == "n"


def test_the_axis_is_no_number_that_comes_twice():
    found = axis({"n": 64, "causal": "no"}, {"n": 64, "causal": "yes"}, {"n": 8, "causal": "no"}, works=[None] * 3)
    assert found.name == ""


def test_the_axis_is_bytes_where_several_vary():
    found = axis({"n": 1, "m": 2}, {"n": 2, "m": 8}, works=[1e3, 2e6])
    assert (found.name, found.words) == ("bytes read and written", {1e3: "1.00 kB", 2e6: "2.00 MB"})


@pytest.mark.parametrize("works", [[None, None], [1e3, 1e3], [1e3, None], [0.0, 1e3]])
def test_the_axis_is_the_order_where_nobody_counted(works):
    found = axis({"n": 1, "m": 2}, {"n": 2, "m": 8}, works=works)
    assert (found.name, list(found.words.values())) == ("", ["n=1 m=2", "n=2 m=8"])


@pytest.mark.parametrize("values", [(True, False), ("a", "b"), (0, 1), (-1, 2), ((1,), (2,))])
def test_what_is_no_length_is_no_axis(values):
    found = axis(*({"n": v} for v in values), works=[None, None])
    assert found.name == ""


def test_labels_do_not_run_into_each_other():
    sizes = [{"n": n} for n in (1_000_000, 1_010_000, 1_020_000, 4_000_000)]
    picture = times([timing(measured(), **p) for p in sizes])
    words = [t for t in texts(picture) if re.fullmatch(r"1e\+06|1.01e\+06|1.02e\+06|4e\+06", t)]
    assert words == ["1e+06", "4e+06"]
