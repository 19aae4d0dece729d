"""How an outcome is told: made-up libraries that share, copy, lose a write, a sign, a dtype, or say no."""

from dataclasses import replace

import numpy as np
import pytest
from pytest_dualfw.suites.exchange import alone, dlpack
from pytest_dualfw.suites.exchange.dlpack import CASES, COPIES, NUMPY, SHARES, UNSEEN, WRONG, Case, measured, refuses

CASE = Case("numpy", "other", "plain", (SHARES,))


class Snapshot:
    """Says it lies where the source lies, and keeps the values of the first moment."""

    def __init__(self, x):
        self.at, self.kept = NUMPY.pointer(x), np.array(x)


def said_no(x, copy):
    raise BufferError("no")


TAKERS = {
    SHARES: NUMPY,
    COPIES: replace(NUMPY, take=lambda x, copy: np.array(x)),
    "narrowed": replace(NUMPY, take=lambda x, copy: x.astype(np.float16)),
    refuses("BufferError"): replace(NUMPY, take=said_no),
    UNSEEN: replace(NUMPY, take=lambda x, copy: Snapshot(x), values=lambda x: np.array(x.kept), pointer=lambda x: x.at),
    "wrong sign": replace(NUMPY, take=lambda x, copy: -x),
    "wrong shape": replace(NUMPY, take=lambda x, copy: x.T),
}


@pytest.mark.parametrize("outcome", TAKERS, ids=str)
def test_outcomes(outcome):
    found = measured(CASE, {"numpy": NUMPY, "other": TAKERS[outcome]})
    assert found == (WRONG if outcome.startswith("wrong") else outcome)


def test_another_zero_is_another_value():
    zeros = replace(NUMPY, make={"plain": lambda: np.zeros(3)})
    assert measured(CASE, {"numpy": zeros, "other": TAKERS["wrong sign"]}) == WRONG
    assert measured(CASE, {"numpy": zeros, "other": TAKERS[COPIES]}) == COPIES


def test_a_source_that_cannot_be_written_is_judged_by_its_place():
    case = replace(CASE, name="read-only")
    assert measured(case, {"numpy": NUMPY, "other": TAKERS[SHARES]}) == SHARES
    assert measured(case, {"numpy": NUMPY, "other": TAKERS[COPIES]}) == COPIES
    empty = replace(CASE, name="empty")
    assert measured(empty, {"numpy": NUMPY, "other": TAKERS[COPIES]}) == COPIES


@pytest.mark.parametrize("name", NUMPY.make)
def test_arrays_of_numpy_are_what_their_names_say(name):
    x = NUMPY.make[name]()
    if x.dtype == np.float32 and name not in ("number", "empty", "backwards"):
        assert x.ctypes.data % 64 == (8 if name == "offset" else 0)
    assert x.flags.writeable == (name != "read-only")
    assert x.flags.c_contiguous == (name not in ("transposed", "every other column", "backwards"))


def test_a_known_outcome_is_one_that_was_not_promised():
    for case in (*CASES, *dlpack.NARROW, dlpack.FATAL):
        assert case.promise
        assert case.known not in case.promise
    assert len({str(case) for case in CASES}) == len(CASES)


@pytest.mark.fw_only("torch", dtype="float32", mode="eager")
def test_alone(fw):
    """In a process of its own the same outcome is seen, and its end is one too."""
    assert alone.outcome(Case("numpy", "torch", "plain", ())) == SHARES
    assert "KeyError: 'nothing'" in alone.outcome(Case("numpy", "torch", "nothing", ()))
