"""A launch as a value: which jobs run, on how many ranks, under which launcher."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..numerics import Numerics
from ..target import Target

# A launch of two ranks takes 3 to 6 s on a quiet machine; a machine under load may take ten times as long.
TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Job:
    """One thing that all ranks compute: ``work`` is ``module:function``, called as ``function(rank, **options)``.

    ``rank`` is a :class:`pytest_dualfw.ranks.worker.Rank`. The function returns NumPy arrays by name. ``options`` are
    plain JSON.
    """

    name: str
    work: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """``ranks`` processes that run ``jobs`` one after the other, each on ``devices`` devices of the target's kind.

    ``launcher`` is a row of :data:`pytest_dualfw.ranks.launchers.LAUNCHERS`. Ranks join into one group as their
    framework does it; a target without a framework (``Target("")``) leaves them unconnected. After ``timeout_s``
    seconds ranks that have not ended are stopped.
    """

    launcher: str
    target: Target
    jobs: tuple[Job, ...]
    ranks: int = 2
    devices: int = 1
    numerics: Numerics = field(default_factory=Numerics)
    timeout_s: float = TIMEOUT_S

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        data = json.loads(text)
        parts = {
            "target": Target(**data["target"]),
            "numerics": Numerics(**data["numerics"]),
            "jobs": tuple(Job(**job) for job in data["jobs"]),
        }
        return cls(**{**data, **parts})

    def who(self, rank: int) -> str:
        """``rank 1 of 2 (torchrun)``, as a message calls it."""
        return f"rank {rank} of {self.ranks} ({self.launcher})"
