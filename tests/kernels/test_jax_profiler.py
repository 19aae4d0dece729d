"""The time a device was at work, from profiles of devices that are not here."""

import jax
import jax.numpy as jnp
import pytest
from jax.profiler import ProfileData

from pytest_dualfw import frameworks
from pytest_dualfw.frameworks import jax_timing
from pytest_dualfw.frameworks.jax_profiler import at_work, busy
from pytest_dualfw.target import Target


def plane(name, **lines):
    """A profile's plane; each line is a list of (start, duration) in nanoseconds."""
    parts = [f'name: "{name}" event_metadata {{ key: 1 value {{ id: 1 name: "kernel" }} }}']
    for i, (line, events) in enumerate(lines.items()):
        told = " ".join(f"events {{ metadata_id: 1 offset_ps: {1000 * a} duration_ps: {1000 * d} }}" for a, d in events)
        parts.append(f'lines {{ id: {i} name: "{line.replace("_", " ")}" timestamp_ns: 5000 {told} }}')
    return f"planes {{ {' '.join(parts)} }}"


def seconds(*planes):
    return at_work(ProfileData.from_text_proto("\n".join(planes)))


def test_events_on_streams_count():
    assert seconds(plane("/device:GPU:0", Stream_13=[(0, 4000), (9000, 1000)])) == pytest.approx(5e-6)


def test_what_runs_side_by_side_counts_once():
    streams = {"Stream_13": [(0, 4000), (10_000, 2000)], "Stream_14": [(1000, 2000), (3000, 3000), (10_500, 3000)]}
    assert seconds(plane("/device:GPU:0", **streams)) == pytest.approx(9.5e-6)


def test_what_tells_the_same_time_again_does_not_count():
    lines = {"Stream_13": [(0, 4000)], "XLA_Ops": [(0, 9000)], "XLA_Modules": [(0, 9000)]}
    assert seconds(plane("/device:GPU:0", **lines), plane("/host:CPU", Stream_1=[(0, 50_000)])) == pytest.approx(4e-6)


def test_without_a_device_there_is_no_time():
    assert seconds(plane("/host:CPU", python=[(0, 50_000)])) is None


def test_a_profile_of_the_cpu_shows_no_device():
    called = []
    assert busy(lambda: called.append(jnp.ones(3).block_until_ready())) is None
    assert len(called) == 1


def test_while_another_profile_is_taken_there_is_no_time(tmp_path):
    with jax.profiler.trace(str(tmp_path)):
        assert busy(lambda: jnp.ones(3)) is None


def test_the_timer_asks_on_a_card_only(monkeypatch):
    asked = []
    monkeypatch.setattr(jax_timing, "busy", lambda run: asked.append(run()) or 6e-3)
    card, cpu = (frameworks.framework(Target("jax", device=d)).timer() for d in ("gpu", "cpu"))
    assert card.busy(lambda x: x, [(jnp.ones(3),), (jnp.ones(3),), (jnp.ones(3),)]) == pytest.approx(2e-3)
    assert cpu.busy(lambda x: x, [(jnp.ones(3),)]) is None
    assert len(asked) == 1
    monkeypatch.setattr(jax_timing, "busy", lambda run: None)
    assert card.busy(lambda x: x, [(jnp.ones(3),)]) is None
