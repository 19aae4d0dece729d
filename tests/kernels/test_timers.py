"""Timers on devices that are not here: what they ask of the library, and when."""

import jax.numpy as jnp
import pytest
import torch

from pytest_dualfw import frameworks
from pytest_dualfw.frameworks import torch_timing
from pytest_dualfw.target import Target

LOG = []


class Event:
    """A CUDA event that writes down what happens to it."""

    def __init__(self, enable_timing):
        assert enable_timing
        self.name = "end" if "start" in LOG else "start"
        LOG.append(self.name)

    def record(self):
        LOG.append(f"{self.name} recorded")

    def synchronize(self):
        LOG.append(f"{self.name} reached")

    def elapsed_time(self, end):
        return 2.5  # milliseconds


class Buffer:
    def zero_(self):
        LOG.append("cache flushed")


@pytest.fixture
def on_card(monkeypatch):
    """A torch timer that believes in a card."""
    LOG.clear()
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch, "empty", lambda *args, **kwargs: Buffer())
    return frameworks.framework(Target("torch", device="gpu")).timer()


def test_events_lie_around_the_calls_and_behind_a_flush(on_card):
    seconds = on_card.seconds(lambda x: LOG.append(f"call {x}"), [(1,), (2,)])
    assert on_card.clock == "events"
    assert seconds == 2.5e-3
    assert [
        *("start", "end", "cache flushed", "start recorded", "call 1", "call 2", "end recorded", "end reached"),
    ] == LOG


def test_memory_on_a_card_is_the_peak_above_what_was_there(on_card, monkeypatch):
    log = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: log.append("wait"))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: log.append("reset"))
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 1000)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 5000)
    assert on_card.peak_bytes(lambda: log.append("call"), ()) == 4000
    assert log == ["wait", "reset", "call", "wait"]


def test_the_cache_of_a_card_is_asked_for(on_card, monkeypatch):
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda device: type("P", (), {"L2_cache_size": 50 * 2**20})
    )
    assert on_card.cache_bytes() == 50 * 2**20


def test_jax_on_a_card_is_timed_in_batches_and_waited_for_once():
    log = []

    class Out:
        def block_until_ready(self):
            log.append("waited")

    timer = frameworks.framework(Target("jax", device="gpu")).timer()
    timer.wait = lambda outs: [out.block_until_ready() for out in outs]
    timer.seconds(lambda x: log.append(f"call {x}") or Out(), [(1,), (2,)])
    assert log == ["call 1", "call 2", "waited", "waited"]
    assert (timer.single, timer.batch, timer.clock) == (2e-3, 2e-3, "wall")
    assert timer.cache_bytes() == 128 * 2**20


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_on_a_cpu(name):
    timer = frameworks.framework(Target(name)).timer()
    assert (timer.single, timer.batch, timer.clock, timer.cache_bytes()) == (20e-6, 200e-6, "wall", None)


def test_memory_on_a_cpu_is_what_xla_plans():
    import jax

    timer, x = frameworks.framework(Target("jax")).timer(), jnp.ones(1000, jnp.float32)
    assert timer.peak_bytes(jax.jit(lambda x: x * 2), (x,)) == 4000
    assert timer.peak_bytes(lambda x: x * 2, (x,)) is None
    assert frameworks.framework(Target("torch")).timer().peak_bytes(torch.neg, (torch.ones(3),)) is None


def test_a_cache_on_disk_that_was_warm_is_told(monkeypatch):
    fw = frameworks.framework(Target("torch", mode="jit"))
    timer = fw.timer()

    def call(x):
        torch_timing.counters["inductor"]["fxgraph_cache_hit"] += 1
        torch_timing.counters["stats"]["unique_graphs"] += 1
        return x + 1

    assert timer.compile(call, (torch.ones(2),)).cache == "warm: inductor's cache on disk"
