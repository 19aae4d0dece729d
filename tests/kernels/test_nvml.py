"""What the driver tells of GPUs, by a stand-in for nvidia-ml-py."""

import sys
from types import SimpleNamespace

import pytest

from pytest_dualfw.kernels import nvml


class NVMLError(Exception):
    pass


def library(*unsupported):
    def refuse(*args):
        raise NVMLError

    told = {
        "NVMLError": NVMLError,
        "NVML_CLOCK_GRAPHICS": 0,
        "NVML_CLOCK_MEM": 2,
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 1,
        "nvmlDeviceGetHandleByIndex": lambda i: f"card {i}",
        "nvmlDeviceGetName": lambda card: b"A Card",
        "nvmlSystemGetDriverVersion": lambda: "570.1",
        "nvmlDeviceGetClockInfo": lambda card, kind: 1400 + kind,
        "nvmlDeviceGetMaxClockInfo": lambda card, kind: 1980,
        "nvmlDeviceGetTemperature": lambda card, sensor: 41,
        "nvmlDeviceGetCurrentClocksThrottleReasons": lambda card: 0x004 | 0x040,
    }
    return SimpleNamespace(**told | dict.fromkeys(unsupported, refuse))


@pytest.fixture
def install(monkeypatch):
    return lambda found: monkeypatch.setitem(sys.modules, "pynvml", found)


CARD = nvml.Gpu("A Card", "570.1", 1400, 1980, 1402, 41, ("power cap", "thermal slowdown by hardware"))


def test_a_card(install):
    install(library())
    assert nvml.gpus() == [CARD]


def test_a_card_that_does_not_say(install):
    install(library("nvmlDeviceGetClockInfo", "nvmlDeviceGetCurrentClocksThrottleReasons"))
    assert nvml.gpus() == [nvml.Gpu("A Card", "570.1", None, 1980, None, 41, ())]


def test_no_driver(install):
    install(library("nvmlInit"))
    assert nvml.gpus() == []


def test_no_library(install):
    install(None)
    assert nvml.gpus() == []
