"""How long a device was at work, by JAX's profiler: what the wall clock of a queue of calls cannot tell."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jax
from jax.profiler import ProfileData

# Where XLA's profiler puts what ran on a device: a plane for each, a line for each of its streams. Other lines of the
# plane (modules, ops, steps) tell the same time again.
DEVICE, STREAM = "/device:", "Stream"


def busy(run: Callable[[], Any]) -> float | None:
    """Seconds in which at least one stream of a device was at work while ``run`` ran, which waits for its results.

    None where the profile shows no device: it cannot be taken (another one is being taken), or no tracer runs there.
    """
    with TemporaryDirectory(prefix="dualfw-profile-") as folder:
        try:
            with jax.profiler.trace(folder):
                run()
        except RuntimeError:  # "Only one profile may be run at a time"
            return None
        profiles = sorted(Path(folder).rglob("*.xplane.pb"))
        return at_work(ProfileData.from_file(str(profiles[0]))) if profiles else None


def at_work(profile: ProfileData) -> float | None:
    """Seconds covered by an event on any stream; what streams do side by side counts once."""
    covered = end = 0.0
    seen = False
    for start, stop in sorted(_events(profile)):
        covered += max(stop - max(start, end), 0.0)
        end, seen = max(end, stop), True
    return covered / 1e9 if seen else None


def _events(profile: ProfileData) -> Iterator[tuple[float, float]]:
    """Start and end in nanoseconds."""
    for plane in profile.planes:
        if plane.name.startswith(DEVICE):
            for line in plane.lines:
                if line.name.startswith(STREAM):
                    for event in line.events:
                        yield event.start_ns, event.start_ns + event.duration_ns
