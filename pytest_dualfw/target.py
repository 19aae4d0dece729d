"""A Target: framework x device x dtype x mode, one column of the run."""

from dataclasses import asdict, dataclass
from typing import Any

DEVICES = ("cpu", "gpu", "tpu")
DTYPES = ("float64", "float32", "bfloat16", "float16")
MODES = ("eager", "jit")

# What a target's parts are where nobody says: all but the framework.
DEFAULTS = ("", "cpu", "float32", "eager")

# Stands where a framework's name would, for a test that takes both frameworks at once.
BOTH = "both"


@dataclass(frozen=True)
class Target:
    """Where one run of a test takes place.

    ``index`` picks one of several devices of a kind. It is no part of the id, so that ids stay the same under
    pytest-xdist and in histories.
    """

    fw: str
    device: str = "cpu"
    dtype: str = "float32"
    mode: str = "eager"
    index: int | None = None

    def __str__(self) -> str:
        return f"{self.fw}-{self.device}-{self.dtype}-{self.mode}"

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read a target's id; parts left out at the end take their defaults: ``"jax"``, ``"jax-gpu-float64"``.

        Raises ValueError for a part that is not known.
        """
        parts = text.split("-")
        if len(parts) > 4:
            raise ValueError(f"{text!r} is not a target; write it like jax-cpu-float32-jit")
        for part, known in zip(parts[1:], (DEVICES, DTYPES, MODES), strict=False):
            if part not in known:
                raise ValueError(f"{part!r} in the target {text!r} is not known; allowed are {listed(known)}")
        fw, device, dtype, mode = (*parts, *DEFAULTS[len(parts) :])
        return cls(fw, device, dtype, mode)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def listed(names: tuple[str, ...] | list[str], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else "none"
