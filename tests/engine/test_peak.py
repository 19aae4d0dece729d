"""Peak memory sees an array that is gone again."""

import sys

import numpy as np
import pytest

from pytest_dualfw import peak

on_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells and forgets a process's highest mark"
)


@on_linux
def test_an_array_that_is_gone_again_is_seen():
    with peak.watched() as held:
        np.ones(8 * 2**20).sum()  # 64 MB
    with peak.watched() as nothing:
        pass
    assert held.peak > 50 > nothing.peak


@on_linux
def test_memory_that_the_process_holds_free_does_not_hide_an_array():
    for _ in range(2):  # the first round teaches malloc to take such blocks from its heap
        blocks = [bytearray(2**20) for _ in range(256)]
        last = blocks[-1]  # keeps the heap from shrinking
        del blocks
    with peak.watched() as held:
        np.ones(8 * 2**20).sum()  # 64 MB
    assert len(last) and held.peak > 50


def test_where_nothing_tells(monkeypatch, tmp_path):
    monkeypatch.setattr(peak, "FORGET", tmp_path / "missing" / "clear_refs")
    with peak.watched() as unknown:
        pass
    assert unknown.peak is None
