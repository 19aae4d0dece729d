"""One comparison of a planted mistake, and what of it was found."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pytest_dualfw import PortMismatch, PortReport, compare_port

from .table import Slip


@dataclass(frozen=True)
class Found:
    """Whether a mistake was seen at all, in the right layer, and with the right cause."""

    slip: Slip
    report: PortReport

    @property
    def flagged(self) -> bool:
        return self.report.verdict == "discrepancy"

    @property
    def localised(self) -> bool:
        return self.flagged and self.report.layer == self.slip.layer and self.is_training == self.only_training

    @property
    def is_training(self) -> bool:
        return "optimisers" in self.slip.options

    @property
    def only_training(self) -> bool:
        """Only steps of training part: neither a value nor a gradient does."""
        return self.report.step is not None and not self.report.forward and not self.report.backward

    @property
    def named(self) -> bool:
        return self.flagged and bool(self.slip.cause) and self.slip.cause in self.report.cause


def compared(slip: Slip, seed: int) -> PortReport:
    model = slip.model
    options = {"steps": 0, **model.options, **slip.options}
    inputs = model.inputs(np.random.default_rng(seed))
    try:
        return compare_port(model.module(), model.port(**slip.slip), model.params_map, inputs, seed=seed, **options)
    except PortMismatch as mismatch:
        return mismatch.report


def found(slips: tuple[Slip, ...], seeds: range) -> Iterator[Found]:
    for slip in slips:
        for seed in seeds:
            yield Found(slip, compared(slip, seed))
