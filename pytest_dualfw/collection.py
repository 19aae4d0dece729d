"""Which tests there are: one item for each target, narrowed and marked as markers and the ledger say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from . import frameworks, markers
from .options import Settings
from .target import Target, listed

AXIS_FIXTURES = ("dualfw_fw", "dualfw_device", "dualfw_dtype", "dualfw_mode")
NOWHERE = "no-target"

# Hypothesis's own default. A first call that compiles takes longer, and then counts as flaky.
HYPOTHESIS_DEADLINE = timedelta(milliseconds=200)

errors_key = pytest.StashKey[list[str]]()


def parametrize(metafunc: pytest.Metafunc, settings: Settings) -> None:
    """One item for each target of the test; file order stays, and the target leads the id."""
    targets = settings.pairs if "both" in metafunc.fixturenames else settings.targets
    kept = tuple(t for t in targets if _is_for(metafunc.definition, t))
    params = [_param(t) for t in kept] or [_nowhere(metafunc, targets, settings)]
    # Session-scoped fixtures under a function-scoped parametrize: no regrouping, and Hypothesis accepts them.
    metafunc.parametrize(AXIS_FIXTURES, params, indirect=True, scope="function")


def target_of(item: pytest.Item, settings: Settings) -> Target | None:
    """The target an item runs on; None for a test that uses none of our fixtures."""
    callspec = getattr(item, "callspec", None)
    if callspec is not None and "dualfw_fw" in callspec.params:
        return settings.by_id.get("-".join([callspec.params[name] for name in AXIS_FIXTURES]))
    if "dualfw_fw" in getattr(item, "fixturenames", ()) and len(settings.targets) == 1:
        return settings.targets[0]  # a unittest.TestCase, which pytest does not parametrise
    return None


def mark_items(items: list[pytest.Item], settings: Settings) -> list[str]:
    """Turn our markers into pytest's own. Returns the sentences of the malformed ones."""
    problems: list[str] = []
    known = tuple(frameworks.known())
    for item in items:
        for mark in [m for m in item.iter_markers() if m.name in markers.MARKERS]:
            try:
                _apply(item, mark, target_of(item, settings), settings, known)
            except markers.MarkerError as error:
                problems.append(f"{item.nodeid}: {error}")
    return problems


@contextmanager
def relaxed_deadline(item: pytest.Item, target: Target) -> Iterator[None]:
    """Hypothesis's default deadline is off while a target runs whose first call compiles; an author's own stays.

    The attribute is the one that Hypothesis's own pytest plugin reads; a settings object once attached cannot be
    replaced through the public decorator.
    """
    function = getattr(item, "obj", None)
    if not getattr(function, "is_hypothesis_test", False) or (target.fw == "torch" and target.mode == "eager"):
        yield
        return
    import hypothesis

    attribute = "_hypothesis_internal_use_settings"
    function = getattr(function, "__func__", function)
    before = getattr(function, attribute, None)
    current = before or hypothesis.settings()
    if current.deadline == HYPOTHESIS_DEADLINE:
        setattr(function, attribute, hypothesis.settings(current, deadline=None))
    try:
        yield
    finally:
        setattr(function, attribute, before)


class Ledger:
    """A file of tests expected to fail: one id a line, a reason after ``#``. Strict: a line that is no longer true
    is an error, whether its test passes or is gone.
    """

    def __init__(self, path: str) -> None:
        lines = (f" {line} ".partition(" #") for line in Path(path).read_text(encoding="utf-8").splitlines())
        self.entries = {test.strip(): reason.strip() for test, _, reason in lines if test.strip()}
        self.path = path

    def apply(self, items: list[pytest.Item]) -> None:
        for item in items:
            if item.nodeid in self.entries:
                reason = self.entries[item.nodeid] or f"listed in {Path(self.path).name}"
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))

    def stale(self, collected: set[str], targets: tuple[Target, ...], root: Path) -> list[str]:
        """Entries of files and targets that this run covers and that name no test, and of files that are gone."""
        files = {nodeid.partition("::")[0] for nodeid in collected}
        files |= {f for f in (e.partition("::")[0] for e in self.entries) if not (root / f).exists()}
        return [
            e for e in self.entries if e not in collected and e.partition("::")[0] in files and _covered(e, targets)
        ]


def _covered(entry: str, targets: tuple[Target, ...]) -> bool:
    """An entry on a target that this run leaves out says nothing about this run."""
    return (
        "[" not in entry
        or any(f"[{t}" in entry for t in targets)
        or not any(f"[{fw}-" in entry for fw in (*frameworks.known(), "both"))
    )


@cache
def _param(target: Target) -> Any:
    marks = [getattr(pytest.mark, name) for name in markers.plain_marks(target)]
    return pytest.param(target.fw, target.device, target.dtype, target.mode, id=str(target), marks=marks)


def _nowhere(metafunc: pytest.Metafunc, targets: tuple[Target, ...], settings: Settings) -> Any:
    """The item of a test that no target of the run suits: skipped, and it says why."""
    covers = f"this run covers {listed([str(t) for t in settings.targets])}"
    need = "is for other targets (fw_only)" if targets else "needs torch and jax on the same targets"
    mark = pytest.mark.skip(reason=f"{metafunc.function.__name__} {need}; {covers}")
    return pytest.param(*[NOWHERE] * len(AXIS_FIXTURES), id=NOWHERE, marks=mark)


def _is_for(definition: Any, target: Target) -> bool:
    try:
        known = tuple(frameworks.known())
        return all(markers.selector(m, known).selects(target) for m in definition.iter_markers("fw_only"))
    except markers.MarkerError:  # told once for the item, as a usage error
        return True


def _apply(item: pytest.Item, mark: pytest.Mark, target: Target | None, settings: Settings, known: Any) -> None:
    markers.check(mark, known)
    if target is None:
        return
    if mark.name == "fw_requires":
        for unmet in _unmet(mark, target, settings):
            item.add_marker(pytest.mark.skip(reason=unmet))
    elif mark.name in _CONVERTED and markers.selector(mark, known).selects(target) == (mark.name != "fw_only"):
        item.add_marker(_CONVERTED[mark.name](mark, target))


def _skip(mark: pytest.Mark, target: Target) -> pytest.MarkDecorator:
    return pytest.mark.skip(reason=mark.kwargs.get("reason") or f"fw_skip on {target}")


def _only(mark: pytest.Mark, target: Target) -> pytest.MarkDecorator:
    return pytest.mark.skip(reason=f"fw_only leaves out {target}")


def _xfail(mark: pytest.Mark, target: Target) -> pytest.MarkDecorator:
    passed = {k: v for k, v in mark.kwargs.items() if k == "raises"}
    reason = mark.kwargs.get("reason") or f"fw_xfail on {target}"
    return pytest.mark.xfail(reason=reason, strict=mark.kwargs.get("strict", True), **passed)


_CONVERTED = {"fw_skip": _skip, "fw_xfail": _xfail, "fw_only": _only}


def _unmet(mark: pytest.Mark, target: Target, settings: Settings) -> Iterator[str]:
    from packaging.specifiers import SpecifierSet

    reason = mark.kwargs.get("reason", "")
    for name in ("torch", "jax"):
        spec, version = mark.kwargs.get(name), settings.versions.get(name)
        if (
            spec
            and target.fw in (name, "both")
            and version
            and not SpecifierSet(spec).contains(version, prereleases=True)
        ):
            yield f"needs {name} {spec}, found {version}" + (f": {reason}" if reason else "")
    needed = mark.kwargs.get("memory_gb")
    found = [
        d.memory_gb for p in settings.probes.values() for d in p.devices if d.kind == target.device and d.memory_gb
    ]
    if needed and found and max(found) < needed:
        yield f"needs {needed} GB on {target.device}, found {max(found):.1f}" + (f": {reason}" if reason else "")
