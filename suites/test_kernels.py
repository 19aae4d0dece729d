"""Every kernel at every size: its outputs and gradients are checked, and timed where timings were asked for.

``--benchmark-only`` asks for them: all three sizes then, eager and jit in pairs. Without it the tiny size is checked.
"""

from typing import Any

import pytest

from pytest_dualfw.kernels.measure import Options, measure

from .kernels import KERNELS, Kernel, kernels
from .kernels.table import TINY
from .profile import measuring


@pytest.fixture(scope="session")
def judged() -> set[tuple[str, ...]]:
    """The kernels whose tiny size was held against NumPy, with where it was."""
    return set()


@pytest.mark.parametrize("kernel", kernels(KERNELS), ids=str)
def test_kernel(
    kernel: Kernel, fw: Any, target: Any, kernel_benchmark: Any, judged: Any, pytestconfig: pytest.Config
) -> None:
    why = kernel.unsupported(target)
    if why:
        pytest.skip(f"unsupported: {why}")
    with kernel.in_force(fw):
        judge_tiny(kernel, fw, judged)
        kernel_benchmark(
            kernel.in_framework(fw.name),
            inputs=kernel.inputs(fw.device),
            **expected_of(kernel, target),
            params={"size": kernel.size, **kernel.dims(fw.device)},
            work=kernel.work(fw.device, fw.dtype),
            timed=measuring(pytestconfig),
        )


def judge_tiny(kernel: Kernel, fw: Any, judged: set[tuple[str, ...]]) -> None:
    """NumPy cannot follow every size. Where it does not, it judges the tiny one first, once for both modes."""
    place = (kernel.spec.name, fw.name, fw.device, fw.dtype)
    if kernel.referenced or place in judged:
        return
    tiny = kernel.at(TINY)
    options = Options(**expected_of(tiny, fw.target), not_timed="a smaller size is checked first")
    measure(fw, tiny.in_framework(fw.name), tiny.inputs(fw.device), options)
    judged.add(place)


def expected_of(kernel: Kernel, target: Any) -> dict[str, Any]:
    """What the kernel is held against: its reference where NumPy can follow, else its float64 rerun."""
    given: dict[str, Any] = {"name": kernel.spec.name, "backward": kernel.spec.backward, "donate": kernel.spec.donate}
    if kernel.referenced:
        given |= {"reference": kernel.reference(), "reference_vjp": kernel.reference_vjp()}
    return given | {"tolerance": kernel.tolerance(target)}
