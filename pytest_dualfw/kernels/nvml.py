"""What the driver tells of the GPUs: clocks, temperature, what holds the clock down. Optional: nvidia-ml-py.

Names and bits as in NVIDIA's NVML reference, "NvmlClocksEventReasons". Nothing is ever set.
"""

from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

REASONS = {
    0x001: "idle",
    0x002: "clocks set by an application",
    0x004: "power cap",
    0x008: "hardware slowdown",
    0x010: "sync boost",
    0x020: "thermal slowdown by software",
    0x040: "thermal slowdown by hardware",
    0x080: "power brake",
    0x100: "clocks set by the display",
}


@dataclass(frozen=True)
class Gpu:
    """One card: clocks in MHz as they are and at most, degrees Celsius, why the clock is not at its most. None where
    the card does not say, as a slice of a card may not.
    """

    name: str
    driver: str
    clock: int | None
    clock_most: int | None
    memory_clock: int | None
    temperature: int | None
    held_by: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def gpus() -> list[Gpu]:
    """The cards that the driver lists; none without nvidia-ml-py, without a driver or without a card."""
    nvml = _library()
    if nvml is None:
        return []
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return []
    try:
        return [_gpu(nvml, nvml.nvmlDeviceGetHandleByIndex(i)) for i in range(nvml.nvmlDeviceGetCount())]
    finally:
        nvml.nvmlShutdown()


def _library() -> Any:
    try:
        return import_module("pynvml")
    except ImportError:
        return None


def _gpu(nvml: Any, card: Any) -> Gpu:
    def ask(name: str, *args: Any) -> int | None:
        try:
            return int(getattr(nvml, name)(card, *args))
        except nvml.NVMLError:
            return None

    bits = ask("nvmlDeviceGetCurrentClocksThrottleReasons") or 0
    return Gpu(
        name=_text(nvml.nvmlDeviceGetName(card)),
        driver=_text(nvml.nvmlSystemGetDriverVersion()),
        clock=ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_GRAPHICS),
        clock_most=ask("nvmlDeviceGetMaxClockInfo", nvml.NVML_CLOCK_GRAPHICS),
        memory_clock=ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
        temperature=ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
        held_by=tuple(name for bit, name in REASONS.items() if bits & bit),
    )


def _text(value: Any) -> str:
    """Older versions of nvidia-ml-py return bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)
