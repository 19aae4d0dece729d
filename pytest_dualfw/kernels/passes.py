"""One pass of a kernel in both modes, called for the first time and ready for the clock."""

from dataclasses import dataclass
from functools import partial

from ..frameworks.program import Function
from ..frameworks.timing import Result, Timer
from .inputs import Rotation
from .model import BACKWARD, Compilation, Work
from .subject import Subject


@dataclass(frozen=True)
class Pass:
    """``results`` are what the first calls returned, ``compilation`` what the compiled one's cost, both by mode."""

    name: str
    subject: Subject
    calls: dict[str, Function]
    rotation: Rotation
    results: dict[str, Result]
    compilation: Compilation

    @classmethod
    def of(cls, subject: Subject, name: str) -> "Pass":
        """Compiles, and calls each mode once more for what it returns."""
        timer, kernel = subject.timer, subject.kernel(backward=name == BACKWARD)
        give = partial(timer.give, kernel)
        calls = {"eager": timer.eager(kernel), "jit": timer.jit(kernel)}
        compilation = timer.compile(calls["jit"], give(*subject.first))
        results, fresh = {}, subject.writes
        for mode, call in calls.items():
            given = give(*subject.first)
            results[mode] = timer.result(call(*given), backward=kernel.backward)
            fresh = fresh or timer.changed(given, subject.first[0])
        return cls(name, subject, calls, Rotation(give, subject.sets, fresh=fresh), results, compilation)

    @property
    def timer(self) -> Timer:
        return self.subject.timer

    def seconds(self, mode: str, count: int) -> float:
        """Of ``count`` calls, on arguments that are made before."""
        return self.timer.seconds(self.calls[mode], self.rotation.take(count))

    def counted(self) -> Work | None:
        """Operations as the library counts them, and the bytes of what goes in and comes out."""
        given = self.rotation.take(1)[0]
        found = self.timer.flops(self.calls["eager"], given)
        if found is None:
            return None
        result = self.results["eager"]
        moved = [*result.outputs, *(d for d in result.gradients if d is not None)]
        return Work(found[0], float(self.subject.sets[0].bytes + sum(x.nbytes for x in moved)), found[1])
