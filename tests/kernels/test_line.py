"""One line of JSON for each measurement: its fields, and the way back."""

import json

import pytest

from pytest_dualfw.kernels.environment import Commit, Machine, Surroundings
from pytest_dualfw.kernels.line import from_json, lines, text

from .samples import COMPILES, FASTER, NOT_TIMED, TIMINGS, timing

HERE = Surroundings(
    run_id="0123456789ab",
    started="2026-11-21T23:00:00Z",
    machine=Machine("a processor", 2, 1, "a card", "570.1"),
    commit=Commit("f00", "2026-11-20T08:00:00+00:00", True, "main"),
    env={"python": "3.11.7", "torch": "2.13.0", "jax": None, "jaxlib": None, "threads": 4, "flags": {}, "load": 0.5},
)

SIDE = ("median", "q1", "q3", "min", "n", "dispatch", "clock", "peak_bytes", "device")


def test_every_field():
    (line,) = lines(timing(FASTER, n=64), HERE)
    assert line.to_json() == {
        "schema": "dualfw-bench/1",
        "run_id": "0123456789ab",
        "started": "2026-11-21T23:00:00Z",
        "commit": {"id": "f00", "time": "2026-11-20T08:00:00+00:00", "dirty": True, "branch": "main"},
        "machine": {"key": HERE.machine.key, "cpu": "a processor", "cores": 2, "gpu": "a card", "driver": "570.1"},
        # threads: what the measurement says of itself goes before what the run says
        "env": {**HERE.env, "threads": 1, "compile_backend": "inductor"},
        "bench": {
            "id": "matmul n=64 torch-cpu-float32",
            "group": "matmul",
            "params": {"n": 64},
            "framework": "torch",
            "device": "cpu",
            "dtype": "float32",
            "cache": "rotated",
        },
        "pass": "forward",
        "eager": dict(zip(SIDE, (2e-3, 1e-3, 4e-3, 5e-4, 100, 2.5e-4, "wall", 3_000_000, None), strict=True)),
        "jit": dict(zip(SIDE, (1e-3, 5e-4, 2e-3, 2.5e-4, 100, 1.25e-4, "wall", 1_500_000, None), strict=True)),
        "ratio": {"median": 2.0, "lo": 1.98, "hi": 2.02, "n_pairs": 100},
        "compile": {"trace": 0.125, "compile": 0.25, "first": 0.5, "cache": "cold"},
        "recompiles": 0,
        "flops": 2.5e6,
        "bytes": 1.25e6,
        "counted_by": "row",
        "roofline_pct": 50.0,
        "status": "ok",
        "reasons": [],
        "stop_reason": "the interval is narrow enough",
        "remeasured": 0,
    }


def test_what_is_invalid_carries_reasons_and_no_number():
    told = lines(timing(COMPILES), HERE)[0].to_json()
    assert (told["status"], told["reasons"], told["recompiles"]) == ("invalid", list(COMPILES.reasons), 3)
    empty = ("eager", "jit", "ratio", "compile", "flops", "bytes", "counted_by", "roofline_pct")
    assert {told[key] for key in empty} == {None}


def test_the_way_back():
    written = text(line for t in (*TIMINGS, timing(NOT_TIMED)) for line in lines(t, HERE))
    assert written.endswith("}\n")
    assert [from_json(json.loads(line)) for line in written.splitlines()] == [
        line for t in (*TIMINGS, timing(NOT_TIMED)) for line in lines(t, HERE)
    ]


def test_numbers_that_json_has_not():
    (line,) = lines(timing(FASTER, low=float("nan"), high=float("inf")), HERE)
    assert json.loads(text([line]))["bench"]["params"] == {"low": "nan", "high": "inf"}


def test_one_line_whatever_is_written():
    (line,) = lines(timing(FASTER, kernel="a\nb\u2028 \ud800"), HERE)
    written = text([line])
    assert written.count("\n") == 1
    assert written.isascii()


def test_another_schema_is_refused():
    told = lines(timing(FASTER), HERE)[0].to_json()
    with pytest.raises(ValueError) as raised:
        from_json({**told, "schema": "dualfw-bench/2"})
    assert str(raised.value) == "the line has the schema 'dualfw-bench/2'; this version reads 'dualfw-bench/1'"


def test_a_field_that_is_missing():
    told = lines(timing(FASTER), HERE)[0].to_json()
    del told["ratio"]
    with pytest.raises(KeyError, match="ratio"):
        from_json(told)
