"""The nightly run's line: once a minute, with what was found so far."""

from types import SimpleNamespace

import pytest
from pytest_dualfw.suites.progress import Progress, shown


def report(when="call", failed=False, rows=()):
    return SimpleNamespace(when=when, failed=failed, dualfw={"rows": list(rows)})


def test_a_line_a_minute():
    now, told = [0.0], []
    progress = Progress(told.append, lambda: now[0])
    for now[0] in (10.0, 59.0):
        progress.pytest_runtest_logreport(report("teardown"))
    assert told == []
    now[0] = 61.0
    found = {"table": "not in the catalogue", "op": "sin", "found": "defect of value"}
    progress.pytest_runtest_logreport(report(failed=True, rows=[found, {"table": "ulp", "op": "sin"}]))
    assert told == [
        "1 min: 2 tests, 1 failed, 1 findings that are not in the catalogue; the newest: sin: defect of value"
    ]
    now[0] = 100.0
    progress.pytest_runtest_logreport(SimpleNamespace(when="teardown", failed=False))
    assert len(told) == 1


@pytest.mark.parametrize("missing", ["reporter", "controller"])
def test_nobody_to_tell(missing):
    plugin = SimpleNamespace(get_plugin=lambda name: None if missing == "reporter" else object())
    config = SimpleNamespace(pluginmanager=plugin, **({"workerinput": {}} if missing == "controller" else {}))
    assert shown(config) is None
