"""The fixture kernel_benchmark: measures both modes once, and hands each test its own samples to pytest-benchmark.

Samples reach pytest-benchmark through its public API: ``pedantic`` runs a function that moves a clock of ours by one
sample. So its table, JSON, comparison and groups show what was measured here.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from ..findings import Check
from ..frameworks.base import Framework, Function
from ..history.tonight import Tonight, tonight_key
from ..report.model import finite
from ..running import Running, without_target
from ..target import Target
from ..tolerance import Tolerance
from .measure import Options, Taken, take
from .model import COLUMN, FORWARD, TABLE, KernelTiming, Work
from .pairs import Samples, Stop
from .roofline import roofline

XDIST = "pytest-xdist runs tests beside each other, and a time taken so is worth nothing; run without -n to measure"
DISABLED = "benchmarks are switched off; run without --benchmark-disable to measure"
CHECKED_ONLY = "timed=False was given"
FOREIGN = "another plugin's benchmark fixture is in use; run with pytest-benchmark's to measure"

# pytest-benchmark's own default of --benchmark-max-time.
OTHERS_MAX_TIME = 1.0

kept_key = pytest.StashKey["dict[str, Kept]"]()


class VirtualClock:
    """Stands until it is moved: the timer of pytest-benchmark for samples that were taken already."""

    __name__ = "kernel_benchmark"

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    def move(self, seconds: float) -> None:
        self._now += seconds


@dataclass
class Kept:
    """What one test measured, for the one that differs from it in the mode alone."""

    taken: Taken
    checks: list[Check]
    mode: str


@dataclass(frozen=True)
class Place:
    """Where a call of the fixture stands: the test, what pytest-benchmark gives it, what is kept for the test of the
    other mode; None in a run of one mode. ``tonight`` knows the nights before, where the run has a history.
    """

    running: Running
    benchmark: Any
    clock: VirtualClock
    kept: dict[str, Kept] | None
    params: dict[str, Any]
    not_timed: str = ""
    max_time: float | None = None
    tonight: Tonight | None = None


class KernelBenchmark:
    """``kernel_benchmark(fn, *args, ...)``."""

    def __init__(self, fw: Framework, place: Place) -> None:
        self._fw, self._place = fw, place
        self._called = False

    def __call__(
        self,
        fn: Function,
        *args: Any,
        inputs: Callable[[Any], Any] | None = None,
        reference: Function | None = None,
        reference_vjp: Function | None = None,
        backward: bool = True,
        name: str | None = None,
        params: dict[str, Any] | None = None,
        work: Work | None = None,
        donate: int | tuple[int, ...] = (),
        tolerance: Tolerance | None = None,
        max_time: float | None = None,
        timed: bool = True,
    ) -> KernelTiming:
        """Measure ``fn`` eagerly and compiled, in pairs, forward and forward with backward.

        ``args`` are NumPy arrays or pytrees of them; floating leaves are rounded to the target's dtype. ``inputs(rng)``
        in their place draws them anew for each set of buffers. ``fn`` takes and returns the framework's arrays.
        First both modes' outputs and gradients are checked: against ``reference(*args)`` and
        ``reference_vjp(g, *args)``, else against the same function in float64, within the bound of conditioning or
        ``tolerance``. ``backward=False`` measures the forward pass alone. ``name`` and ``params`` are told with the
        result (default: the test's own). ``work`` says what one forward call has to do at least. ``donate`` are
        positions of arguments whose buffers JAX's compiled function may take. ``max_time`` are seconds for each pass
        (default 2), ``timed=False`` checks and does not time.

        Raises KernelMismatch (an AssertionError) where a result is wrong, ValueError or TypeError for a kernel that
        cannot be measured; what ``fn`` raises is passed on. A number that would lie is no error: the pass's ``status``
        is ``invalid`` and its ``reasons`` say why.
        """
        __tracebackhide__ = True
        self._expect_first()
        if args and inputs:
            raise TypeError("kernel_benchmark got both arguments and inputs=; pass one of them")
        place, running = self._place, self._place.running
        options = Options(
            reference=reference,
            reference_vjp=reference_vjp,
            backward=backward,
            name=name or running.label.removeprefix("test_"),
            params=place.params if params is None else params,
            work=work,
            donate=(donate,) if isinstance(donate, int) else tuple(donate),
            tolerance=tolerance or running.tolerance,
            stop=_stop(max_time or place.max_time),
            not_timed=place.not_timed or ("" if timed else CHECKED_ONLY),
            seed=running.data_seed(),
            roofline=roofline,
        )
        try:
            kept = self._measured(fn, inputs or args, options)
        except BaseException:
            hand_nothing_over(place.benchmark)  # else its teardown adds an error of its own
            raise
        for check in kept.checks:
            running.recorder.add(check)
        self._hand_over(kept.taken)
        return kept.taken.timing

    def _expect_first(self) -> None:
        if self._called:
            raise ValueError(
                "kernel_benchmark was called twice in one test, and pytest-benchmark has one row for each; "
                "parametrise the test"
            )
        self._called = True

    def _measured(self, fn: Function, inputs: Any, options: Options) -> Kept:
        """What the test of the other mode has measured, else what is measured now."""
        running, kept = self._place.running, self._place.kept
        target = running.target
        key = f"{without_target(running.nodeid, target)} {replace(target, mode='')}"
        found = kept.pop(key, None) if kept else None
        if found is None or found.mode == target.mode:
            found = self._taken(fn, inputs, options)
            running.rows.append({"table": TABLE, "target": str(target), COLUMN: finite(found.taken.timing.to_json())})
            if kept is not None:
                kept[key] = found
        self._fw.usage.compiled += 1
        return found

    def _taken(self, fn: Function, inputs: Any, options: Options) -> Kept:
        checks: list[Check] = []
        once = partial(take, self._fw, fn, inputs, replace(options, record=checks.append))
        tonight = None if options.not_timed else self._place.tonight
        try:
            taken = tonight.settled(self._fw, once) if tonight else once()
        except AssertionError:
            for check in checks:
                self._place.running.recorder.add(check)
            raise
        return Kept(taken, checks, self._place.running.target.mode)

    def _hand_over(self, taken: Taken) -> None:
        """The forward samples of the test's mode go through pytest-benchmark, or nothing where there are none."""
        place = self._place
        place.benchmark.extra_info["dualfw"] = finite(taken.timing.to_json())
        samples = taken.samples.get(FORWARD, Samples())
        mine = samples.a if place.running.target.mode == "eager" else samples.b
        if mine:
            turn = iter(mine)
            place.benchmark.pedantic(lambda: place.clock.move(next(turn)), rounds=len(mine))
        else:
            hand_nothing_over(place.benchmark)


class _NoNumber(Exception):
    """There is no sample."""


def hand_nothing_over(benchmark: Any) -> None:
    """pytest-benchmark leaves out what raised; a fixture that was not used at all would make it warn."""

    def nothing() -> None:
        raise _NoNumber

    with suppress(_NoNumber):
        benchmark.pedantic(nothing)


def _stop(max_time: float | None) -> Stop:
    return Stop() if max_time is None else Stop(max_time=max_time)


def mark(item: pytest.Item, target: Target) -> VirtualClock:
    """Give the item a clock of its own as pytest-benchmark's timer, and both modes one group, unless it has one."""
    clock = VirtualClock()
    if item.config.pluginmanager.hasplugin("benchmark"):
        given = item.get_closest_marker("benchmark")
        group = item.nodeid.partition("::")[2].replace(str(target), str(target).removesuffix(f"-{target.mode}"))
        kwargs = {"group": group, **(given.kwargs if given else {}), "timer": clock}
        item.add_marker(pytest.mark.benchmark(**kwargs), append=False)
    return clock


def place_of(request: pytest.FixtureRequest, running: Running, clock: VirtualClock, *, both_modes: bool) -> Place:
    """Where the test stands that asks for the fixture."""
    item, benchmark, asked = request.node, request.getfixturevalue("benchmark"), _asked_max_time(request.config)
    marked, called = item.get_closest_marker("benchmark"), getattr(item, "callspec", None)
    return Place(
        running=running,
        benchmark=benchmark,
        clock=clock,
        kept=request.config.stash.setdefault(kept_key, {}) if both_modes else None,
        params=dict(_plain(called.params)) if called else {},
        not_timed=_not_timed(request.config, benchmark),
        max_time=marked.kwargs.get("max_time", asked) if marked else asked,
        tonight=request.config.stash.get(tonight_key, None),
    )


def _asked_max_time(config: pytest.Config) -> float | None:
    """Seconds by ``--benchmark-max-time``; None where nobody gave it, since pytest-benchmark's default is its own."""
    value = config.getoption("benchmark_max_time", None)
    given = any(str(arg).startswith("--benchmark-max-time") for arg in config.invocation_params.args)
    return float(value) if value is not None and (given or float(value) != OTHERS_MAX_TIME) else None


def _not_timed(config: pytest.Config, benchmark: Any) -> str:
    """Why nothing is timed in this run; empty where it is."""
    if hasattr(config, "workerinput"):
        return XDIST
    if not hasattr(benchmark, "enabled"):
        return FOREIGN
    return "" if benchmark.enabled else DISABLED


def _plain(params: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parameters of a test that are plain values, without those that name its target."""
    for name, value in params.items():
        if not name.startswith("dualfw_") and isinstance(value, (str, int, float, bool)):
            yield name, value
