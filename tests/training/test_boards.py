"""Curves for TensorBoard: the events are in the file, and what is missing is told."""

import struct
import sys

import pytest
from pytest_dualfw.suites.training.boards import NoTensorBoard, write


def events(path):
    """The records of a file of events: length, its checksum, data, its checksum."""
    from tensorboardX.proto.event_pb2 import Event

    data, at = path.read_bytes(), 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        yield Event.FromString(data[at + 12 : at + 12 + length])
        at += 12 + length + 4


def test_curves_are_read_back(tmp_path):
    write(tmp_path / "run", {"loss": [2.5, 0.125], "accuracy": [0.5]})
    (path,) = (tmp_path / "run").iterdir()
    found = [(v.tag, e.step, v.simple_value) for e in events(path) for v in e.summary.value]
    assert found == [("loss", 0, 2.5), ("loss", 1, 0.125), ("accuracy", 0, 0.5)]


def test_without_the_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(NoTensorBoard) as error:
        write(tmp_path, {"loss": [1.0]})
    assert str(error.value) == (
        "event files for TensorBoard were asked for and tensorboardX is not installed; pip install tensorboardX"
    )
