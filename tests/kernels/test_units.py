import math

import pytest

from pytest_dualfw.kernels import units


@pytest.mark.parametrize(
    ("value", "told"),
    [
        *((95.0, "95.0 s"), (1.5, "1.50 s"), (0.9996, "1.00 s"), (0.9994, "999 ms"), (2e-3, "2.00 ms")),
        *((999.4e-6, "999 us"), (12.34e-6, "12.3 us"), (5e-9, "5.00 ns"), (2e-10, "0.20 ns"), (0.0, "0.00 ns")),
    ],
)
def test_seconds(value, told):
    assert units.seconds(value) == told


@pytest.mark.parametrize(("value", "told"), [(0, "0"), (1.2, "2"), (12_400, "12,400"), (1.5e6, "1.50 million")])
def test_count(value, told):
    assert units.count(value) == told


def test_other_numbers():
    assert units.count(2.5e9) == "2.50 billion"
    assert units.count(math.inf) == "never"
    assert units.memory(3.15e6) == "3.15 MB"
    assert units.bandwidth(31e9) == "31.0 GB/s"
    assert units.rate(83.5e9) == "83.5 GFLOP/s"
    assert units.rate(790e12) == "790 TFLOP/s"
    assert [units.binary(n) for n in (512, 32 * 2**10, 2**20, 3 * 2**29)] == ["512 B", "32 KiB", "1 MiB", "1.5 GiB"]
    assert [units.times(r) for r in (0.109, 1.0, 27.6, 1234.5)] == ["0.109", "1.000", "27.6", "1234"]
    assert [units.percent(p) for p in (0.61, 0.0995, 0.05, 0.0003, 1.2)] == ["61 %", "10 %", "5.0 %", "0.03 %", "120 %"]
    assert [units.round_time(t) for t in (1e-5, 2e-3, 1.0)] == ["10 us", "2 ms", "1 s"]
