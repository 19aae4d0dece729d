"""Each way in which a benchmark of torch or JAX is known to lie, planted; the engine does not fall for it.

Proved by counters, by what waits for what, and by reasons told; never by how fast this machine is just now.
"""

import gc
import threading
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from pytest_dualfw import frameworks
from pytest_dualfw.frameworks.base import SilentFallback
from pytest_dualfw.frameworks.timing import Kernel
from pytest_dualfw.kernels.inputs import Rotation, Values
from pytest_dualfw.kernels.measure import Options, measure
from pytest_dualfw.kernels.model import Work
from pytest_dualfw.kernels.pairs import Stop, paired
from pytest_dualfw.kernels.subject import Subject
from pytest_dualfw.target import Target

SHORT = Stop(max_time=0.05, min_time=0.0)
FORWARD = Options(backward=False, stop=SHORT)
X = np.random.default_rng(0).normal(size=(16, 16))


@pytest.fixture(scope="module", params=["torch", "jax"])
def any_fw(request):
    return frameworks.framework(Target(request.param))


@pytest.fixture(scope="module")
def on_jax():
    return frameworks.framework(Target("jax"))


@pytest.fixture(scope="module")
def on_torch():
    return frameworks.framework(Target("torch"))


def subject_of(fw, fn, *args, **options):
    return Subject.of(fw.at(mode="jit"), fn, args, np.random.default_rng(0), backward=False, **options)


def timed_or_noisy(measured):
    return measured.status in ("ok", "noisy")


# asynchrony


class Slow:
    """Stands for an array that is computed some time after the call has returned."""

    def __init__(self, log):
        self._log = log

    def block_until_ready(self):
        self._log.append("waited")
        return self


def test_each_call_in_jax_is_waited_for_before_the_clock_is_read(on_jax, monkeypatch):
    from pytest_dualfw.frameworks import timing

    log = []
    monkeypatch.setattr(timing, "perf_counter", lambda: float(log.append("clock") or len(log)))
    subject = subject_of(on_jax, jnp.tanh, X)
    subject.timer.seconds(lambda x: log.append("called") or Slow(log), [(1,), (2,)])
    assert log == ["clock", "called", "waited", "called", "waited", "clock"]


def test_a_tree_of_results_is_waited_for(on_jax):
    """A call into Python that ends when it is told to: the wait ends after it."""
    opened, log = threading.Event(), []

    def host(x):
        opened.wait(10)
        log.append("computed")
        return np.asarray(x)

    call = jax.jit(lambda x: {"y": jax.pure_callback(host, jax.ShapeDtypeStruct(x.shape, x.dtype), x)})
    subject = subject_of(on_jax, jnp.tanh, X)
    threading.Timer(0.05, opened.set).start()
    subject.timer.wait(call(jnp.ones(3)))
    assert log == ["computed"]


def test_dispatch_is_told_apart(any_fw):
    told = measure(any_fw, lambda x: x @ x, (X,), FORWARD).forward
    assert timed_or_noisy(told), told.reasons
    assert told.eager.dispatch > 0 and told.jit.dispatch > 0


# compiling under the clock


def test_compiling_is_over_before_the_clock_starts_and_told_apart(any_fw):
    told = measure(any_fw, lambda x: x * 3 + 1, (X,), Options(stop=SHORT))
    for measured in told.passes:
        assert timed_or_noisy(measured), measured.reasons
        assert measured.recompiles == 0
        assert measured.compilation.first > 10 * measured.jit.median
        assert measured.compilation.cache == "cold"


def test_the_phases_of_compiling_have_the_names_of_the_framework(on_jax, on_torch):
    in_jax = measure(on_jax, lambda x: x * 3 + 1, (X,), FORWARD).forward.compilation
    assert list(in_jax.phases) == ["trace", "lower", "compile", "first run"]
    assert sum(in_jax.phases.values()) == pytest.approx(in_jax.first)
    in_torch = measure(on_torch, lambda x: x * 3 + 1, (X,), FORWARD).forward.compilation
    assert {"_compile.compile_inner", "bytecode_tracing"} <= in_torch.phases.keys()
    assert max(in_torch.phases.values()) <= in_torch.first


def test_a_function_that_was_compiled_before_is_compiled_anew(any_fw):
    """The same Python function again would be a hit in a cache, and 'compile time' the time to look it up."""

    def fn(x):
        return x * 5 + 2

    subject = subject_of(any_fw, fn, X)
    counts = []
    with subject.timer.scope():
        for _ in range(2):
            before = subject.timer.compilations()
            call = subject.timer.jit(subject.kernel(backward=False))
            told = subject.timer.compile(call, subject.timer.give(subject.kernel(backward=False), *subject.first))
            counts.append((subject.timer.compilations() - before, told.cache))
    assert counts == [(1, "cold"), (1, "cold")]


def test_jax_says_when_its_cache_on_disk_was_warm(on_jax, tmp_path):
    names = {
        "jax_compilation_cache_dir": str(tmp_path),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in names}
    from jax.experimental.compilation_cache import compilation_cache

    try:
        for name, value in names.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()
        first, second = (measure(on_jax, lambda x: jnp.sin(x) * 7, (X,), FORWARD).forward for _ in range(2))
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()
    assert first.compilation.cache == "cold"
    assert second.compilation.cache == "warm: JAX's compilation cache on disk"


def test_a_function_that_dynamo_does_not_compile_is_no_jit(on_torch):
    torch.compiler.set_stance("force_eager")
    try:
        with pytest.raises(SilentFallback) as error:
            measure(on_torch, lambda x: x * 3, (X,), FORWARD)
    finally:
        torch.compiler.set_stance("default")
    assert str(error.value) == (
        "the kernel ran eagerly on torch-cpu-float32-jit although it was compiled; "
        "look for torch.compiler.disable, TORCHDYNAMO_DISABLE or a stance of torch.compiler"
    )


def test_jax_without_its_compiler_is_no_jit(on_jax):
    with jax.disable_jit(), pytest.raises(SilentFallback) as error:
        measure(on_jax, lambda x: x * 3, (X,), FORWARD)
    assert str(error.value) == (
        "the kernel ran eagerly on jax-cpu-float32-jit although it was compiled; look for jax.disable_jit"
    )


# recompiling on each call


def test_a_loop_whose_body_is_new_at_each_call_is_no_measure_of_eager(on_jax):
    def loop(x):
        return jax.lax.scan(lambda c, _: (jnp.tanh(c), None), x, None, length=3)[0]

    told = measure(on_jax, loop, (X,), FORWARD).forward
    assert (told.status, told.eager, told.jit, told.ratio) == ("invalid", None, None, None)
    assert told.recompiles > 0
    (reason,) = told.reasons
    n = told.recompiles
    assert reason == (
        f"eager compiled {n} times in {n} calls under the clock; allowed is none: "
        "define the body of a loop once, outside of fn; the gradient of a lax.scan compiles at each call"
    )


def body(c, _):
    return jnp.tanh(c), None


def test_a_loop_whose_body_stands_outside_is_measured(on_jax):
    told = measure(on_jax, lambda x: jax.lax.scan(body, x, None, length=3)[0], (X,), FORWARD).forward
    assert timed_or_noisy(told), told.reasons


def test_what_compiles_late_is_seen_in_the_timed_part(on_jax, monkeypatch):
    """Quiet until the pairs begin, then a new compiled function at every fifth call."""
    from pytest_dualfw.kernels import timed

    calls, began = 0, []
    monkeypatch.setattr(timed, "paired", lambda *args: began.append(1) or paired(*args))

    def fn(x):
        nonlocal calls
        calls += bool(began)
        return jax.jit(lambda y: y * calls / calls)(x) if calls % 5 == 1 else x * 1

    told = measure(on_jax, fn, (X,), FORWARD).forward
    assert told.status == "invalid" and told.eager is None
    (reason,) = told.reasons
    assert reason.startswith(f"eager compiled {told.recompiles} times in ")
    assert told.recompiles > 0


# dead code, results kept, constants


def test_results_are_computed_though_nobody_reads_them(on_jax):
    """An argument, a call, a result that is waited for: nothing here can be left out."""
    seen = []
    kernel = Kernel(subject_of(on_jax, jnp.tanh, X).problem.pullable())
    timer = on_jax.timer()

    def fn(x):
        seen.append(1)
        return x

    given = [timer.give(kernel, [X.astype(np.float32)], []) for _ in range(3)]
    timer.seconds(lambda x: jax.pure_callback(fn, jax.ShapeDtypeStruct(x.shape, x.dtype), x), given)
    assert len(seen) == 3


def test_work_that_the_compiler_leaves_out_is_faster_than_the_machine(on_jax):
    """The product is not returned, so jit does not compute it; the row says what the kernel has to do."""

    class Roof:
        def floor(self, work):
            return work.flops / 1e9

        def share(self, work, seconds):
            return self.floor(work) / seconds

    def dead(x):
        _ = x @ x
        return x + 1

    work = Work(2 * 256**3, 0.0, "row")
    x = np.random.default_rng(0).normal(size=(256, 256))
    told = measure(on_jax, dead, (x,), replace(FORWARD, work=work, roofline=lambda fw: Roof())).forward
    assert told.status == "invalid"
    assert any(reason.startswith("jit takes") and "0.0336 s at least" in reason for reason in told.reasons)
    assert told.jit is None


def test_a_kernel_without_arguments_is_refused(any_fw):
    with pytest.raises(ValueError) as error:
        measure(any_fw, lambda: any_fw.asarray(X) @ any_fw.asarray(X), (), FORWARD)
    assert str(error.value) == (
        "the kernel has no array argument; pass the arrays that it works on, since a compiler folds those that it "
        "closes over into constants"
    )


def test_arrays_that_jax_folds_into_the_compiled_function(on_jax):
    w = jnp.ones((16, 16), jnp.float32)
    told = measure(on_jax, lambda x: x @ (w @ w), (X,), FORWARD).forward
    assert told.status == "invalid"
    assert told.reasons == (
        "jit folds arrays of 1024 bytes that fn closes over into constants, and eager computes with them; "
        "allowed are less than 1024 bytes: pass them as arguments",
    )


def test_torch_takes_arrays_that_it_closes_over_as_arguments(on_torch):
    w = torch.ones(16, 16)
    options = replace(FORWARD, reference=lambda x: x @ (w @ w).numpy())
    assert timed_or_noisy(measure(on_torch, lambda x: x @ (w @ w), (X,), options).forward)


# buffers: donated, written to, rotated


def test_donated_buffers_are_replaced_before_each_call(on_jax):
    told = measure(on_jax, lambda x: x * 2 + 1, (X,), replace(FORWARD, donate=(0,))).forward
    assert timed_or_noisy(told), told.reasons
    subject = subject_of(on_jax, lambda x: x * 2 + 1, X, donate=(0,))
    call, kernel = subject.timer.jit(subject.kernel(backward=False)), subject.kernel(backward=False)
    given = subject.timer.give(kernel, *subject.first)
    call(*given)
    assert given[0].is_deleted()  # it was taken: a second call would raise


def test_a_function_that_donates_by_itself_is_found_out(on_jax):
    inner = jax.jit(lambda x: x * 2 + 1, donate_argnums=0)
    assert subject_of(on_jax, lambda x: inner(x), X).writes
    assert timed_or_noisy(measure(on_jax, lambda x: inner(x), (X,), FORWARD).forward)


def test_a_function_that_writes_to_its_argument_gets_fresh_ones(on_torch):
    """Multiplied by ten at each call, the same buffer would be infinite after 40 of them."""
    seen = []

    def fn(x):
        seen.append(float(x[0, 0]))
        return x.mul_(10)

    subject = subject_of(on_torch, fn, X)
    assert subject.writes
    give = Rotation(lambda v, c: subject.timer.give(subject.kernel(backward=False), v, c), subject.sets, fresh=True)
    subject.timer.seconds(fn, give.take(50))
    assert set(seen[1:]) == {float(np.float32(X[0, 0]))}


def test_writing_to_an_argument_is_differentiated_too(on_torch):
    told = measure(on_torch, lambda x: x.mul_(10), (X,), Options(stop=SHORT))
    assert all(map(timed_or_noisy, told.passes)), [m.reasons for m in told.passes]


def test_sets_are_taken_in_turn_and_each_has_buffers_of_its_own(any_fw):
    subject = subject_of(any_fw, lambda x: x * 2, X)
    kernel = subject.kernel(backward=False)
    rotation = Rotation(lambda v, c: subject.timer.give(kernel, v, c), subject.sets, fresh=False)
    n = len(subject.sets)
    taken = [id(given[0]) for given in rotation.take(2 * n)]
    assert n > 1 and len(set(taken)) == n and taken[:n] == taken[n:]


def test_inputs_are_drawn_anew_for_each_set(any_fw):
    rng = np.random.default_rng(0)
    subject = Subject.of(any_fw.at(mode="jit"), lambda x: x * 2, lambda r: r.normal(size=9), rng, backward=False)
    firsts = {float(v.leaves[0][0]) for v in subject.sets}
    assert len(firsts) == len(subject.sets) > 1


# values


def test_subnormal_numbers_are_told(on_torch):
    told = measure(on_torch, lambda x: x * 1, (np.full((16, 16), 1e-40),), FORWARD).forward
    assert told.status == "noisy"
    assert (
        "100% of x are subnormal numbers, on which a CPU can be 20 times slower; allowed is 1%: "
        "pass values that the kernel would meet"
    ) in told.reasons


def test_numpy_arguments_never_reach_the_kernel(any_fw):
    seen = set()

    def fn(x, n):
        seen.add((type(x).__module__.partition(".")[0], type(n).__module__.partition(".")[0]))
        return x * n

    assert timed_or_noisy(measure(any_fw, fn, (X, np.float64(3)), FORWARD).forward)
    assert {module for pair in seen for module in pair} <= {"torch", "jax", "jaxlib"}


# threads, garbage, state


def test_threads_are_pinned_while_it_is_measured_and_put_back(on_torch):
    seen = set()

    def fn(x):
        if not torch.compiler.is_compiling():
            seen.add(torch.get_num_threads())
        return x * 2

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        told = measure(on_torch, fn, (X,), FORWARD)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == {1}
    assert told.environment["threads"] == 1


def test_garbage_is_not_collected_inside_a_call(on_jax):
    ran = {"timed": 0}

    def fn(x):
        ran["timed"] += not gc.isenabled()
        return x * 2

    measure(on_jax, fn, (X,), FORWARD)
    assert ran["timed"] >= 3
    assert gc.isenabled()


def test_values_know_their_size():
    assert Values([np.zeros(4, np.float32)], [np.zeros(2)]).bytes == 32
