"""compare_port in a test: its checks go into the run's report, its seed is the run's."""

from collections.abc import Callable
from typing import Any

from ..running import Running
from .compare import compare_port
from .report import PortReport

Current = Callable[[], "Running | None"]


class PortAssertion:
    """``compare_port`` bound to the test that runs."""

    def __init__(self, current: Current) -> None:
        self._current = current

    def __call__(
        self, torch_module: Any, jax_fn: Any, params_map: Any = None, inputs: Any = (), **options: Any
    ) -> PortReport:
        __tracebackhide__ = True
        running = self._current()
        if running is not None:
            options.setdefault("seed", running.generator_seed)
            options.setdefault("record", running.recorder.add)
        return compare_port(torch_module, jax_fn, params_map, inputs, **options)
