"""Virtual devices of JAX: in one process, and in several."""

import pytest


@pytest.mark.parametrize(("ranks", "devices"), [(1, 4), (2, 2)])
def test_every_rank_has_its_own_devices(launched, ranks, devices):
    outcome = launched("places", module="collective", target="jax-cpu-float32", ranks=ranks, devices=devices)
    assert outcome.failure is None
    found = outcome.of("job")
    assert [int(rank["all"]) for rank in found] == [ranks * devices] * ranks
    own = [set(rank["own"].tolist()) for rank in found]
    assert [len(ids) for ids in own] == [devices] * ranks
    assert len(set.union(*own)) == ranks * devices


def test_a_count_that_the_environment_asks_for_does_not_stand(launched, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=3")
    (rank,) = launched("places", module="collective", target="jax-cpu-float32", ranks=1, devices=2).of("job")
    assert int(rank["all"]) == 2
