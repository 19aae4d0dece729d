"""What the clock asks of a library: one kernel as it is called, compiled, waited for and counted."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ..kernels.model import Compilation
from .program import Array, Arrays, Function, Pullable

# What a call is made with: the positional arguments of a kernel as one pass of it runs.
Given = tuple[Any, ...]
Give = Callable[[Arrays, Arrays], Given]


@dataclass(frozen=True)
class Kernel:
    """``what.f`` on its arguments. ``donate`` are positions of arguments whose buffers the compiled function may take;
    ``backward`` says that cotangents of the output come along and gradients go out, ``writes`` that the function
    writes to its arguments.
    """

    what: Pullable
    backward: bool = False
    donate: tuple[int, ...] = ()
    writes: bool = False


@dataclass(frozen=True)
class Result:
    """What a call returned, as NumPy: the outputs, their structure and names, a gradient or None for each
    differentiated leaf.
    """

    outputs: Arrays
    tree: Any
    names: list[str]
    gradients: list[Array | None] = field(default_factory=list)


class Timer(ABC):
    """Times the calls of one library on one target."""

    clock = "wall"
    """What tells the time: wall (perf_counter) or events (of the device)."""

    single, batch = 20e-6, 200e-6
    """A call of at least ``single`` seconds is a sample; of shorter ones as many as take ``batch`` seconds."""

    @abstractmethod
    def eager(self, kernel: Kernel) -> Function:
        """The kernel operation by operation: what the clock sees, without a layer of ours around it."""

    @abstractmethod
    def jit(self, kernel: Kernel) -> Function:
        """The kernel compiled whole, from a function that no compiler has seen yet."""

    @abstractmethod
    def give(self, kernel: Kernel, leaves: Arrays, cotangents: Arrays) -> Given:
        """Arguments of a call, of either mode, in fresh buffers on the device; returns when they are there."""

    @abstractmethod
    def compile(self, call: Function, given: Given) -> Compilation:
        """The first call of a compiled kernel, to its end. SilentFallback where nothing was compiled."""

    @abstractmethod
    def wait(self, out: Any) -> Any:
        """Returns ``out`` when it is computed."""

    @abstractmethod
    def compilations(self) -> int:
        """How many there were in this process, of whatever kind the library counts."""

    @abstractmethod
    def result(self, out: Any, *, backward: bool) -> Result:
        """What a run returned."""

    @abstractmethod
    def changed(self, given: Given, leaves: Arrays) -> bool:
        """Whether a call wrote to its arguments, or took them."""

    def scope(self) -> AbstractContextManager[Any]:
        """What must surround compiling and calling."""
        return nullcontext()

    def seconds(self, call: Function, sets: Sequence[Given]) -> float:
        """One call on each of ``sets``, each waited for: from before the first to after the last."""
        wait = self.wait
        start = perf_counter()
        for given in sets:
            out = call(*given)
            wait(out)
        return perf_counter() - start

    def dispatch(self, call: Function, given: Given) -> float:
        """Until the call returns, whether it has computed or not."""
        start = perf_counter()
        out = call(*given)
        returned = perf_counter()
        self.wait(out)
        return returned - start

    def busy(self, call: Function, sets: Sequence[Given]) -> float | None:
        """Seconds of one call in which the device was at work, where a profiler can tell what the clock cannot."""
        return None

    def peak_bytes(self, call: Function, given: Given) -> int | None:
        """The most device memory in use during a call, beyond what was in use before it; None where nothing counts."""
        return None

    def flops(self, call: Function, given: Given) -> tuple[float, str] | None:
        """Floating-point operations of a call and who counted them; None where no count can be trusted."""
        return None

    def folded(self, call: Function, given: Given) -> int:
        """Bytes of arrays that a compiled kernel closes over and its compiler takes for constants."""
        return 0

    def cache_bytes(self) -> int | None:
        """Of the device's last cache, past which inputs are rotated; None where they need not be."""
        return None

    def environment(self) -> dict[str, Any]:
        """What else a time depends on."""
        return {}
