"""The two judges that tests call: assert_close for a value, check_grads for a function."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import optree

from .compare import compare
from .findings import GradientMismatch
from .frameworks.base import Framework
from .gradients.check import check_on
from .gradients.report import GradientReport, explain
from .running import Running
from .tolerance import Tolerance, bare_bound

Current = Callable[[], "Running | None"]


class CloseAssertion:
    """Compares results of the frameworks under test with NumPy, or with each other."""

    def __init__(self, used: list[Framework], current: Current) -> None:
        self._used = used
        self._current = current

    def __call__(
        self, obtained: Any, expected: Any, *, tolerance: Tolerance | None = None, dtype: str | None = None
    ) -> None:
        """Assert that ``obtained`` (an array of the framework, or a pytree of them) equals ``expected``.

        ``expected`` may be NumPy arrays, numbers, or arrays of a framework under test. Checked in this order:
        framework, device and dtype (WrongResult), structure and shape, values (AssertionError). Without a
        ``tolerance`` an entry may be off by u^(3/4) of itself and 16 u of the largest entry, u the unit roundoff
        of the target's dtype; a NaN or infinity must be the same in both.
        """
        __tracebackhide__ = True
        running = self._current()
        chosen = tolerance or (running.tolerance if running else None)
        leaves, tree = optree.tree_flatten(obtained)
        others, other = optree.tree_flatten(expected)
        if tree != other:
            raise AssertionError(f"the result has the structure {tree}; expected {other}")
        for path, x, y in zip(optree.tree_paths(obtained), leaves, others, strict=True):
            self._compare("value" + "".join(f"[{p!r}]" for p in path), x, y, chosen, dtype, running)

    def _compare(self, what: str, x: Any, y: Any, chosen: Tolerance | None, dtype: str | None, running: Any) -> None:
        __tracebackhide__ = True
        fw = self._owner(x)
        got = fw.to_numpy(x, dtype)
        plain = np.asarray(self._plain(y, dtype))
        wide = np.complex128 if np.iscomplexobj(got) or np.iscomplexobj(plain) else np.float64
        want = plain.astype(wide)
        bound = chosen.bound(want) if chosen else bare_bound(want, dtype or fw.dtype)
        check = compare(what, "assert_close", got.astype(wide), want, bound)
        if running:
            running.recorder.add(check)
        if check.verdict == "discrepancy":
            raise AssertionError(explain(check, str(fw.target)))

    def _owner(self, x: Any) -> Framework:
        """The framework an array belongs to; the first one complains where it belongs to none."""
        return next((fw for fw in self._used if fw.is_array(x)), self._used[0])

    def _plain(self, y: Any, dtype: str | None) -> Any:
        owner = next((fw for fw in self._used if fw.is_array(y)), None)
        return owner.to_numpy(y, dtype) if owner else y


class GradientAssertion:
    """``check_grads`` bound to the test's target, seed and tolerance; its checks go into the run's report."""

    def __init__(self, fw: Framework, current: Current) -> None:
        self._fw = fw
        self._current = current

    def __call__(self, fn: Callable[..., Any], *args: Any, **options: Any) -> GradientReport:
        __tracebackhide__ = True
        running = self._current()
        if running is None:
            return check_on(self._fw, fn, *args, **options)
        options.setdefault("tolerance", running.tolerance)
        options.setdefault("seed", running.data_seed())
        try:
            return check_on(self._fw, fn, *args, record=running.recorder.add, command=running.command(), **options)
        except GradientMismatch as mismatch:
            running.write_script = partial(getattr, mismatch.report, "script")
            raise
