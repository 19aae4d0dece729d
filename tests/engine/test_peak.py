"""Peak memory sees an array that is gone again."""

import sys

import numpy as np
import pytest

from pytest_dualfw import peak


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells and forgets a process's highest mark"
)
def test_an_array_that_is_gone_again_is_seen():
    with peak.watched() as held:
        np.ones(8 * 2**20).sum()  # 64 MB
    with peak.watched() as nothing:
        pass
    assert held.peak > 50 > nothing.peak


def test_where_nothing_tells(monkeypatch, tmp_path):
    monkeypatch.setattr(peak, "FORGET", tmp_path / "missing" / "clear_refs")
    with peak.watched() as unknown:
        pass
    assert unknown.peak is None
