"""One kernel on one target: checked, compiled, warmed up, timed in pairs, and every reason for doubt told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .. import numerics
from ..findings import Check
from ..frameworks.base import Framework, Function
from ..gradients.request import Request
from ..tolerance import Tolerance
from .checking import Truth, expect_right
from .model import BACKWARD, CHECKED, FORWARD, KernelTiming, Measured, Work
from .pairs import Samples, Stop
from .passes import Pass
from .subject import Inputs, Subject
from .timed import Limits, Roof, timed


@dataclass(frozen=True)
class Options:
    """How to measure; what they mean stands at the fixture. ``not_timed`` says why only the outputs are checked;
    empty: they are timed too. ``roofline`` gives the machine's limits, None: they are not known. ``record`` receives
    every check.
    """

    reference: Function | None = None
    reference_vjp: Function | None = None
    backward: bool = True
    name: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    work: Work | None = None
    donate: tuple[int, ...] = ()
    tolerance: Tolerance | None = None
    stop: Stop = field(default_factory=Stop)
    not_timed: str = ""
    seed: Any = 0
    roofline: Callable[[Framework], Roof] | None = None
    record: Callable[[Check], Any] = lambda check: check

    def request(self) -> Request:
        return Request(reference=self.reference, reference_vjp=self.reference_vjp, tolerance=self.tolerance)


@dataclass(frozen=True)
class Taken:
    """A timing, and the samples that its passes were made of, by the name of the pass."""

    timing: KernelTiming
    samples: dict[str, Samples]


def measure(
    fw: Framework, fn: Function, inputs: tuple[Any, ...] | Inputs, options: Options | None = None
) -> KernelTiming:
    """Both modes of ``fn`` on the library, device and dtype of ``fw``; ``inputs`` are its arguments as NumPy arrays or
    pytrees of them, or a function of a generator that draws them anew.

    KernelMismatch (an AssertionError) where an output or a gradient is wrong; ValueError or TypeError for what cannot
    be measured; what ``fn`` raises is passed on.
    """
    return take(fw, fn, inputs, options or Options()).timing


def take(fw: Framework, fn: Function, inputs: tuple[Any, ...] | Inputs, options: Options) -> Taken:
    """As :func:`measure`, with the samples."""
    compiled = fw.at(mode="jit")
    rng = np.random.default_rng(options.seed)
    with numerics.in_force(compiled, int(rng.integers(2**31))):
        subject = Subject.of(compiled, fn, inputs, rng, backward=options.backward, donate=options.donate)
        with subject.timer.scope():
            return _taken(subject, options, rng)


def _taken(subject: Subject, options: Options, rng: np.random.Generator) -> Taken:
    passes = [Pass.of(subject, name) for name in ((FORWARD, BACKWARD) if options.backward else (FORWARD,))]
    truth = _check(subject, passes, options, rng)
    found, samples = [], {}
    for p in passes:
        if options.not_timed:
            measured = Measured(p.name, CHECKED, (options.not_timed,))
        else:
            measured, samples[p.name] = timed(p, options.stop, truth.unknown, _limits(p, options))
        found.append(measured)
    return Taken(_timing(subject, options, found), samples)


def _limits(p: Pass, options: Options) -> Limits:
    """Of the work that the caller names, else of what the library counts. Forward with backward takes no less than
    forward alone; bytes are the caller's to tell, since not every entry of an argument need be read.
    """
    counted = p.counted()
    work = options.work if options.work and p.name == FORWARD else counted
    if options.roofline is None or not (work or options.work):
        return Limits(work)
    roof = options.roofline(p.subject.fw)
    surely = [w for w in (options.work, counted and replace(counted, bytes=0.0)) if w]
    return Limits(work, max(map(roof.floor, surely)), roof)


def _check(subject: Subject, passes: list[Pass], options: Options, rng: np.random.Generator) -> Truth:
    """The widest pass has all outputs and gradients: what they should be is worked out once. The structure is that of
    the first, which no transformation has sorted.
    """
    whole = replace(passes[-1].results["eager"], tree=passes[0].results["eager"].tree)
    truth = Truth.of(subject.problem, options.request(), whole, subject.cotangents, rng)
    results = {f"{p.name}, {mode}": result for p in passes for mode, result in p.results.items()}
    expect_right(truth, results, options.name or subject.name, options.record)
    return truth


def _timing(subject: Subject, options: Options, found: list[Measured]) -> KernelTiming:
    fw = subject.fw
    return KernelTiming(
        kernel=options.name or subject.name,
        framework=fw.name,
        device=fw.device,
        dtype=fw.dtype,
        passes=tuple(found),
        params=dict(options.params),
        cache="rotated",
        environment={"threads": fw.numerics.threads, **subject.timer.environment()},
    )
