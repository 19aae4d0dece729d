"""compare_port: whether a JAX function is the port of a torch module, and if not, where and why."""

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..compare import compare
from ..findings import Check
from ..frameworks import framework
from ..numerics import Numerics, in_force
from . import backward, diagnose, prepare
from . import steps as training
from .diagnose import Diagnosis
from .locate import Located
from .model import Array, Run
from .prepare import Prepared
from .report import PortReport
from .settle import settled
from .truth import Given, Truth
from .weights import wrong_weights

Record = Callable[[Check], Check]
ORACLE = "torch module"
# So many parameters gain nothing from threads.
SMALL = 2**20


class PortMismatch(AssertionError):
    """The JAX function is not the port of the torch module. ``report`` is the whole PortReport."""

    def __init__(self, message: str, report: PortReport) -> None:
        super().__init__(message)
        self.report = report


def compare_port(
    torch_module: Any,
    jax_fn: Callable[..., Any],
    params_map: Any = None,
    inputs: Any = (),
    *,
    template: Any = None,
    jax_params: Any = None,
    loss: Mapping[str, Callable[[Any], Any]] | None = None,
    optimisers: Mapping[str, Any] | None = None,
    steps: int = 3,
    seed: int | None = None,
    record: Record = lambda check: check,
) -> PortReport:
    """Hold ``jax_fn(params, *inputs)`` against ``torch_module(*inputs)``: output, gradients, steps of training.

    ``inputs`` is a tuple of NumPy arrays, or trees of them. ``params_map`` leads torch's names (of parameters and
    floating buffers) to paths in the JAX parameters: ``{"fc.weight": "params/Dense_0/kernel"}``; a value may be a pair
    of path and the name of a layout (``pytest_dualfw.layouts``), or a list of paths for equal parts of one weight; a
    path that is named twice is given the sum. What it leaves out is paired by shapes, names and the order of use; None
    pairs all.
    ``template`` is a tree like the JAX parameters, whose values are not looked at (arrays or ShapeDtypeStruct);
    ``jax_params`` one with converted weights, which are compared with torch's. Without either the parameters are
    nested dicts made from the map's paths, and with no map a flat dict of torch's names. ``jax_fn`` may return
    ``(output, new_parameters)``; those are held against the module's buffers.

    Both run in float64 and the verdict is about mathematics; then JAX runs in float32, where it may be off by
    rounding. Weights that are constant, as ones and zeros of a fresh norm, are moved first: they would hide a
    mistake. ``loss`` maps "torch" and "jax" to functions of the output that return a scalar (default: a random
    linear form of it). ``optimisers`` maps "torch" to a function of the parameters that makes a torch optimiser, or a
    pair of it and its schedule, and "jax" to an optax-like pair of functions init and update; without it the same SGD
    and Adam take the steps on both sides. ``steps=0`` takes none. ``seed`` replays an earlier comparison.

    Returns a PortReport; raises PortMismatch (an AssertionError) that carries it. ImportError where torch or jax is
    not installed; TypeError or ValueError, in one sentence, for a map, inputs or functions that cannot be compared.
    """
    __tracebackhide__ = True
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    asked = prepare.Asked(torch_module, jax_fn, params_map, inputs, template, jax_params, loss, optimisers, steps, seed)
    with np.errstate(all="ignore"):
        report = _recorded(Comparison(prepare.prepared(asked)), record)
    if report.failures:
        raise PortMismatch(report.message(), report)
    return report


def _recorded(comparison: "Comparison", record: Record) -> PortReport:
    """Every check is recorded, also those before an error."""
    report = comparison.report
    try:
        with _undisturbed(comparison.made):
            comparison.run()
    finally:
        report.checks = [record(check) for check in report.checks]
    return report


def _undisturbed(made: Prepared) -> AbstractContextManager[None]:
    """torch's settings and generator as they were afterwards. A small module runs on one thread: two of them wait for
    each other where other work goes on, and took four times as long.
    """
    threads = 1 if sum(x.size for x in made.values.values()) < SMALL else made.torch.fw.state()["threads"]
    return in_force(framework(made.torch.fw.target, Numerics(threads=threads)), made.asked.seed)


@dataclass
class Comparison:
    """One comparison as it goes on."""

    made: Prepared
    report: PortReport = field(default_factory=PortReport)

    def run(self) -> None:
        made, report = self.made, self.report
        report.seed, report.suggested = made.asked.seed, made.suggested
        truth = Truth(made.torch, made.given, made.dtype)
        if made.dtype == "float32":
            report.notes.append(
                "the JAX function does not run in float64; it was judged in float32, by float32's rounding"
            )
        jax = self._wide(truth, self._settled(truth))
        self._weights()
        report.params_map = str(made.map)
        self._values(truth, jax)
        self._gradients(truth, jax)
        self._explain(truth, jax)
        self._train(truth)
        self._as_in_single(jax)
        self._rounding(truth)

    def _add(self, check: Check) -> bool:
        self.report.checks.append(check)
        return check.verdict == "pass"

    def _compare(self, what: str, obtained: Array, expected: Array, bound: Array) -> bool:
        return self._add(compare(what, ORACLE, obtained, np.asarray(expected, dtype=np.float64), bound))

    def _weights(self) -> None:
        """Converted weights against torch's, each under the map's layout, else under any."""
        for name, words in wrong_weights(self.made):
            self.report.weights.append(f"{name}: {words}")
            self._add(Check(f"weight {name}", ORACLE, "discrepancy", note=words))

    def _settled(self, truth: Truth) -> Run:
        """JAX's run. Where nobody said in which layout a weight lies, and the shapes do not say it, the layout under
        which more of the two sides agrees is the right one.
        """
        made = self.made
        best = made.run_jax(made.map)
        if not made.map.free or self._outputs_agree(truth, best):
            return best
        found = settled(made, truth, best)
        self.report.notes += found.notes
        return found.best

    def _wide(self, truth: Truth, jax: Run) -> Run:
        """A function that computes in float32 whatever it is given is judged as if in float64, if that can be had: its
        rounding is no mistake of the port. Where it drops to 16 bits, that is the cause.
        """
        found = self.made.jax.narrowings
        if not found or self.made.dtype == "float32" or self._outputs_agree(truth, jax):
            return jax
        wide = prepare.widened(self.made)
        self.report.notes += prepare.narrowed(self.made)
        if wide is None:
            return jax
        side, run = wide
        agree, single = self._outputs_agree(truth, run), all(n.dtype == "float32" for n in found)
        if agree and not single and (parting := Located(truth, jax).forward()):
            words = f"computed in {' and '.join(dict.fromkeys(n.dtype for n in found))}"
            told = Diagnosis(parting.point, "precision", words, True, "JAX run in float64 throughout")
            self.report.causes.append(told)
        if not single:
            return jax
        self.report.notes.append("it is judged here as if in float64: what float32 rounds is no mistake of the port")
        self.made.jax = side
        return run

    def _outputs_agree(self, truth: Truth, jax: Run) -> bool:
        found = prepare.outputs_of(truth.run, jax)
        return all(
            compare(k, ORACLE, x, truth.run.output[k], truth.bound(lambda r, k=k: r.output[k])).verdict == "pass"
            for k, x in found.items()
        )

    def _values(self, truth: Truth, jax: Run) -> None:
        for name, x in prepare.outputs_of(truth.run, jax).items():
            self._compare(f"output{_leaf(name)}", x, truth.run.output[name], truth.bound(lambda r, n=name: r.output[n]))
        self._compare("loss", jax.loss, truth.run.loss, truth.bound(lambda r: r.loss))
        for name, x in self.made.states(jax).items():
            self._compare(f"state {name}", x, truth.run.state[name], truth.bound(lambda r, n=name: r.state[n]))

    def _gradients(self, truth: Truth, jax: Run) -> None:
        for name, x in self.made.pulled(jax).items():
            bound = truth.bound(lambda r, n=name: r.gradients[n])
            self._compare(f"gradient of {name}", x, truth.run.gradients[name], bound)
        for i, x in enumerate(jax.input_gradients):
            bound = truth.bound(lambda r, i=i: r.input_gradients[i])
            self._compare(f"gradient of input {i}", x, truth.run.input_gradients[i], bound)

    def _explain(self, truth: Truth, jax: Run) -> None:
        failed = {c.what.partition(" ")[0].partition("[")[0] for c in self.report.failures}
        if not failed & {"output", "loss", "gradient", "state"}:
            return
        located = Located(truth, jax)
        if failed & {"output", "loss"}:
            self.report.forward = located.forward()
            self.report.causes += _causes(located, truth, jax) if not self.report.causes else []
        if "gradient" in failed:
            self.report.backward = backward.first(located, self.report.failures)
        if failed == {"gradient"}:
            found = backward.diagnosed(located, self.made.pulled(jax), self.report.failures)
            self.report.causes += [found] if found else []
        if failed == {"state"}:
            found = diagnose.of_state(located, self.made.states(jax))
            self.report.causes += [found] if found else []

    def _train(self, truth: Truth) -> None:
        asked = self.made.asked
        if asked.steps and not any(c.what.startswith("weight") for c in self.report.failures):
            self.report.step = training.compared(self.made, truth, self._compare, explain=not self.report.failures)

    def _as_in_single(self, jax: Run) -> None:
        """What no known cause explains and rounding to float32 would hide is no mistake that anybody made: a framework
        that holds a constant in float32, as torch's gradient of hardsigmoid its 1/6, does that.
        """
        report, made = self.report, self.made
        if not report.failures or report.cause or report.weights or made.dtype == "float32":
            return
        again, truth = Comparison(made), Truth(made.torch, made.given, "float32")
        again._values(truth, jax)
        again._gradients(truth, jax)
        again._train(truth)
        if again.report.failures:
            return
        note = "less than rounding to float32 explains, as where one side holds a constant in float32"
        report.notes.append(f"in float64 they part {report.parting}: {note}")
        report.checks = [_inconclusive(c, note) if c.verdict == "discrepancy" else c for c in report.checks]

    def _rounding(self, truth: Truth) -> None:
        """In float32 JAX may be off by what rounding does, not more."""
        if self.report.failures or self.made.dtype == "float32":
            return
        given = self.made.given
        rounded = Given(
            {n: prepare.single(x) for n, x in given.values.items()}, prepare.singles(given.inputs), given.weights
        )
        exact = Truth(self.made.torch, rounded, "float32")
        for name, x in self.made.in_single(rounded).items():
            bound = exact.bound(lambda r, n=name: r.output[n])
            check = compare(f"float32 output{_leaf(name)}", ORACLE, x, exact.run.output[name], bound)
            if check.verdict == "discrepancy":
                note = f"off by {check.ratio:.3g} times what rounding to float32 explains"
                self.report.notes.append(f"in float32 {check.what.removeprefix('float32 ')} is {note}")
                check = _inconclusive(check, note)
            self._add(check)


def _inconclusive(check: Check, note: str) -> Check:
    return Check(check.what, ORACLE, "inconclusive", check.error, check.bound, note)


def _leaf(path: str) -> str:
    return f" {path}" if path else ""


def _causes(located: Located, truth: Truth, jax: Run) -> list[Diagnosis]:
    found = diagnose.forward(located, prepare.outputs_of(truth.run, jax))
    return [found] if found else []
