"""What grows is found and named, what does not is never flagged; and the rules on series that are made up."""

from collections import deque
from importlib import import_module

import numpy as np
import pytest
from pytest_dualfw.suites.exchange.memory import drawn

from pytest_dualfw import memory
from pytest_dualfw.memory import OBJECTS, RESIDENT, climbs, resident_bytes, rises, watch

STEPS = 104
here_and_now = pytest.mark.fw_only(dtype="float32", mode="eager")


def nothing():
    return {}


@pytest.fixture
def spelled(fw):
    return import_module(f"pytest_dualfw.suites.exchange.in_{fw.name}.memory")


@pytest.fixture
def loop(fw, spelled, rng):
    """Small, and in JAX compiled: what is watched is the watching."""
    return spelled.loop(fw.at(mode="jit") if fw.name == "jax" else fw, "sgd", *drawn(rng))


def grown(step, spelled, fw, steps=STEPS):
    return watch(step, spelled.census(fw), steps).growth


@here_and_now
def test_losses_that_are_kept(fw, loop, spelled):
    """In torch each with its graph."""
    kept = []
    found = grown(lambda: kept.append(loop.step()), spelled, fw)
    assert found["arrays"] == 1
    assert found["bytes of arrays"] == 4
    assert found[OBJECTS] >= 1


@here_and_now
def test_one_small_array_a_step(fw, loop, spelled):
    kept = []

    def step():
        loop.step()
        kept.append(fw.asarray(np.zeros(1)))

    assert grown(step, spelled, fw)["arrays"] == 1


@here_and_now
@pytest.mark.fw_only("torch")
def test_a_state_that_grows(fw, loop, spelled):
    """As many tensors as before, but a longer one."""
    (first, *_) = loop.state.network.parameters()
    xp = fw.xp

    def step():
        loop.step()
        state = loop.state.optimiser.state[first]
        state["trace"] = xp.concat([state.get("trace", first.grad[0, :0]), first.grad[0, :1]])

    found = grown(step, spelled, fw)
    assert "arrays" not in found
    assert found["bytes of arrays"] == 4


@here_and_now
@pytest.mark.fw_only("torch")
def test_a_hook_that_is_never_removed(fw, loop, spelled):
    def step():
        loop.state.network.register_forward_hook(lambda module, inputs, output: None)
        loop.step()

    found = grown(step, spelled, fw)
    assert found[OBJECTS] >= 1
    assert "arrays" not in found


@here_and_now
@pytest.mark.fw_only("torch")
def test_a_graph_that_is_kept_without_its_loss(fw, loop, spelled):
    kept = []
    assert grown(lambda: kept.append(loop.step().grad_fn), spelled, fw)[OBJECTS] >= 1


@here_and_now
@pytest.mark.fw_only("jax")
def test_a_program_for_each_shape(fw, loop, spelled):
    import jax
    import jax.numpy as jnp

    made = jax.jit(lambda n: jnp.zeros(n), static_argnums=0)
    sizes = iter(range(1, 10_000))

    def step():
        loop.step()
        made(next(sizes))

    assert grown(step, spelled, fw, 8)["programs"] == 1


@here_and_now
@pytest.mark.fw_only("jax")
def test_a_program_for_each_step(fw, spelled):
    """A function that is made anew is compiled anew."""
    import jax

    x = fw.asarray([1.0])
    assert grown(lambda: jax.jit(lambda x: x + 1)(x), spelled, fw, 8)["programs"] == 1


@here_and_now
def test_bytes_that_are_in_no_array(fw, loop, spelled):
    kept = []

    def step():
        loop.step()
        kept.append(b"x" * 16384)

    found = grown(step, spelled, fw)
    assert found.keys() == {RESIDENT}
    assert 0.5 * 16384 < found[RESIDENT] < 2 * 16384


@here_and_now
def test_right_loops_are_not_flagged(fw, loop, spelled):
    last, table, losses = deque(maxlen=5), {}, []

    def step():
        loss = loop.step()
        last.append(loss)
        table[len(losses) % 7] = loss
        losses.append(float(fw.to_numpy(loss.detach() if fw.name == "torch" else loss)))
        list(range(len(losses) % 13 * 1000))

    assert grown(step, spelled, fw) == {}
    assert len(losses) >= STEPS


def test_a_cycle_is_no_leak():
    class Knot:
        def __init__(self):
            self.self = self
            self.data = bytearray(1000)

    assert watch(Knot, nothing, STEPS).growth == {}


def test_objects_of_an_own_class():
    class Note:
        def __init__(self):
            self.me = self

    kept = []
    assert watch(lambda: kept.append(Note()), nothing, STEPS).growth[OBJECTS] >= 1


def test_steps_that_do_not_make_whole_blocks():
    calls = []
    course = watch(lambda: calls.append(None), nothing, 20)
    assert course.steps == 16
    assert len(calls) == memory.WARM_UP + 16
    assert watch(lambda: None, nothing, 1).steps == memory.BLOCKS


def test_memory_that_climbs_once_has_to_climb_again(monkeypatch):
    runs = []
    true = memory._watched

    def watched(step, census, steps):
        course = true(step, census, steps)
        runs.append(course)
        up = tuple(10**6 * k for k in range(memory.BLOCKS))
        return memory.Course(course.steps, course.counts, up if len(runs) == 1 else (0,) * memory.BLOCKS)

    monkeypatch.setattr(memory, "_watched", watched)
    assert watch(lambda: None, nothing, 8).growth == {}
    assert len(runs) == 2


def test_without_a_count_of_the_process(monkeypatch, tmp_path):
    assert resident_bytes() > 2**20
    monkeypatch.setattr(memory, "_STATM", tmp_path / "none")
    assert resident_bytes() is None
    course = watch(lambda: None, nothing, 8)
    assert course.resident == ()
    assert course.growth == {}


def test_the_state_of_the_collector_is_put_back():
    import gc

    before = gc.get_freeze_count()
    with pytest.raises(ZeroDivisionError):
        watch(lambda: 1 / (len(gc.get_objects()) * 0), nothing, 8)
    watch(lambda: None, nothing, 8)
    assert gc.get_freeze_count() == before


MB = 10**6


@pytest.mark.parametrize(
    ("series", "leaks"),
    [
        ((1, 2, 3, 4, 5), True),
        ((1, 2, 3, 3, 5), False),
        ((1, 1, 1, 1, 1), False),
        ((1, 5, 9, 9, 9), False),
        ((1, 5, 9, 8, 10), False),
    ],
)
def test_counts(series, leaks):
    assert rises(series) == leaks


@pytest.mark.parametrize(
    ("megabytes", "leaks"),
    [
        ((1, 2, 3, 4), True),
        ((1, 1.5, 3, 4), True),
        ((1, 1.01, 3, 4), False),  # in jumps
        ((1, 4, 4, 4), False),  # once
        ((1, 3, 3.9, 4), False),  # it settles
        ((1, 2, 1.5, 4), False),
        ((1, 1.05, 1.1, 1.15), False),  # pages
        ((), False),
    ],
)
def test_memory_of_the_process(megabytes, leaks):
    assert climbs(tuple(int(MB * x) for x in megabytes)) == leaks
