"""The A/A control: one jitted function on both sides. What differs is noise, and says which change can be seen."""

import math
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import numerics
from .model import FORWARD, Ratio
from .pairs import Stop, paired
from .statistics import Z, ratio

if TYPE_CHECKING:
    from ..frameworks.base import Framework

# Order of the square matrices, so that one call takes some tenths of a millisecond.
ORDERS = {"cpu": 256}
ORDER_ELSEWHERE = 4096

# A change is seen if the 95 % interval excludes 1, and is to be seen in 8 of 10 runs: it lies 1.96 + 0.84 standard
# errors away (the normal law's quantiles of 97.5 % and 80 %).
POWER_Z = 0.841621


@dataclass(frozen=True)
class Control:
    """Ratios of several runs of the same function against itself."""

    runs: tuple[Ratio, ...]

    @property
    def standard_error(self) -> float:
        """Of the logarithm of a run's ratio: what its interval says, or how far the runs lie from 1, whichever is more.

        The interval of one run knows nothing of what changes from run to run.
        """
        within = median(math.log(r.high / r.low) for r in self.runs) / (2 * Z)
        between = math.sqrt(sum(math.log(r.median) ** 2 for r in self.runs) / len(self.runs))
        return max(within, between)

    @property
    def smallest_change(self) -> float:
        """As a fraction: exp((1.96 + 0.84) standard errors) - 1."""
        return math.expm1((Z + POWER_Z) * self.standard_error)

    @property
    def covering(self) -> int:
        """Runs whose interval covers 1: 95 of 100 should."""
        return sum(r.covers_one for r in self.runs)

    def to_json(self) -> dict[str, Any]:
        told = {"standard_error": self.standard_error, "smallest_change": self.smallest_change}
        return {"runs": [asdict(r) for r in self.runs], **told}


def control(fw: "Framework", stop: Stop, repeats: int) -> Control:
    """``repeats`` runs of ``tanh(x w)``, compiled, against itself, each until ``stop``, in one process."""
    from .passes import Pass
    from .subject import Subject

    order = ORDERS.get(fw.device, ORDER_ELSEWHERE)
    rng = np.random.default_rng(0)
    with numerics.in_force(fw, 0):
        x, w = (rng.normal(size=(order, order)) / order**0.25 for _ in range(2))
        subject = Subject.of(fw, lambda x, w: fw.xp.tanh(x @ w), (x, w), rng, backward=False)
        with subject.timer.scope():
            same = Pass.of(subject, FORWARD)
            same.seconds("jit", 20)
            return Control(tuple(_run(same, stop, seed) for seed in range(repeats)))


def _run(same: Any, stop: Stop, seed: int) -> Ratio:
    def sample() -> float:
        seconds: float = same.seconds("jit", 1)
        return seconds

    found = paired(sample, sample, stop, seed=seed)
    return ratio(found.a, found.b, seed)
