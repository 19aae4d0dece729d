"""One test body on PyTorch and JAX, judged by NumPy references with hand-derived gradients.

Public names are imported on first use, so that loading the plugin costs nothing in a suite that does not use it.

PYTEST_DONT_REWRITE: nothing here asserts, and a conftest may name this package after pytest has imported it.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# A wheel carries `reference` and `suites` inside this package; in a checkout they lie beside it.
if not (Path(__file__).parent / "reference").is_dir():
    __path__.append(str(Path(__file__).resolve().parent.parent))

# `-p pytest_dualfw` and `pytest_plugins = ["pytest_dualfw"]` wake the plugin.
pytest_plugins = ["pytest_dualfw.plugin"]

if TYPE_CHECKING:
    from .findings import Check as Check
    from .findings import Discrepancy as Discrepancy
    from .findings import GradientMismatch as GradientMismatch
    from .frameworks.base import Framework as Framework
    from .gradients.check import check_grads as check_grads
    from .gradients.report import GradientReport as GradientReport
    from .kernels.checking import KernelMismatch as KernelMismatch
    from .kernels.model import KernelTiming as KernelTiming
    from .kernels.model import Work as Work
    from .port.compare import PortMismatch as PortMismatch
    from .port.compare import compare_port as compare_port
    from .port.report import PortReport as PortReport
    from .taps import Observation as Observation
    from .taps import observe as observe
    from .taps import tap as tap
    from .target import Target as Target
    from .tolerance import Tolerance as Tolerance

_HOME = {
    "Check": "findings",
    "Discrepancy": "findings",
    "Framework": "frameworks.base",
    "GradientMismatch": "findings",
    "GradientReport": "gradients.report",
    "KernelMismatch": "kernels.checking",
    "KernelTiming": "kernels.model",
    "Observation": "taps",
    "PortMismatch": "port.compare",
    "PortReport": "port.report",
    "Target": "target",
    "Tolerance": "tolerance",
    "Work": "kernels.model",
    "check_grads": "gradients.check",
    "compare_port": "port.compare",
    "observe": "taps",
    "tap": "taps",
}

__all__ = [
    "Check",
    "Discrepancy",
    "Framework",
    "GradientMismatch",
    "GradientReport",
    "KernelMismatch",
    "KernelTiming",
    "Observation",
    "PortMismatch",
    "PortReport",
    "Target",
    "Tolerance",
    "Work",
    "check_grads",
    "compare_port",
    "observe",
    "tap",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'pytest_dualfw' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
