"""The hooks and fixtures, wired to the modules that do the work.

Switch off with ``-p no:dualfw`` (or ``-p no:pytest_dualfw.plugin``).

PYTEST_DONT_REWRITE
"""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from . import collection, frameworks, markers, numerics
from .options import Resolver, Settings
from .report.session import Session
from .running import Running, label_of, op_of, seen_from
from .target import BOTH, DEVICES, DTYPES, MODES, Target

if TYPE_CHECKING:
    import numpy as np

    from .assertions import CloseAssertion, GradientAssertion
    from .findings import Check
    from .frameworks.base import Framework
    from .kernels import fixture
    from .port.fixture import PortAssertion

pytest_plugins = ["pytest_dualfw.autoload"]

# A checkout imports the suites as `suites`, a wheel as `pytest_dualfw.suites`.
pytest.register_assert_rewrite("pytest_dualfw.suites", "suites")

settings_key = pytest.StashKey[Settings]()
frameworks_key = pytest.StashKey["dict[Target, Framework]"]()
running_key = pytest.StashKey[Running | None]()
state_key = pytest.StashKey[ExitStack]()
clock_key = pytest.StashKey["fixture.VirtualClock"]()


def pytest_configure(config: pytest.Config) -> None:
    _register_markers(config)
    if any(config.getoption(name, default=False) for name in ("help", "version", "markers")):
        return
    sent = getattr(config, "workerinput", {}).get("dualfw")
    settings = Settings.from_json(json.loads(sent)) if sent else Resolver(config).settings()
    config.stash[settings_key] = settings
    config.stash[frameworks_key] = {}
    config.stash[running_key] = None
    _prepare(config, settings)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Session(config, settings), "dualfw-session")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: what the controller resolved travels to the workers."""
    node.workerinput["dualfw"] = json.dumps(node.config.stash[settings_key].to_json())


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dualfw_fw" in metafunc.fixturenames:
        collection.parametrize(metafunc, metafunc.config.stash[settings_key])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    settings = config.stash[settings_key]
    problems = collection.mark_items(items, settings)
    if problems and hasattr(config, "workerinput"):  # a usage error in a worker would read as an internal one
        config.workeroutput["dualfw"] = problems[:1]  # type: ignore[attr-defined]
        items.clear()
    elif problems:
        raise pytest.UsageError(problems[0])
    if settings.xfails:
        collection.Ledger(settings.xfails).apply(items)
    for item in items:
        target = collection.target_of(item, settings)
        if target is not None and "kernel_benchmark" in getattr(item, "fixturenames", ()):
            from .kernels import fixture  # not before a test asks for it: it brings the whole engine

            item.stash[clock_key] = fixture.mark(item, target)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Set the target's state. Runs after pytest's own check for skips, so a skipped test imports no framework."""
    running = item.config.stash[running_key]
    if running is None:
        return
    marked = item.get_closest_marker("fw_tolerance")
    running.tolerance = markers.tolerance(marked) if marked else None
    item.stash[state_key].enter_context(collection.relaxed_deadline(item, running.target))
    for fw in _frameworks_of(item.config, running.target):
        fw.begin()
        item.stash[state_key].enter_context(numerics.in_force(fw, running.generator_seed))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    settings = item.config.stash[settings_key]
    target = collection.target_of(item, settings)
    if target is None:
        return (yield)
    label = label_of(
        item.nodeid, target, op_of(list(getattr(item, "callspec", SimpleNamespace(params={})).params.values()))
    )
    place = seen_from(item.config.invocation_params.dir, item.config.rootpath, item.nodeid)
    running = Running(item.nodeid, label, target, settings.seed, settings.numeric_options, place)
    item.config.stash[running_key] = running
    with ExitStack() as item.stash[state_key]:
        try:
            return (yield)
        finally:
            item.config.stash[running_key] = None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    running = item.config.stash[running_key]
    if running is None:
        return (yield)
    used = _frameworks_of(item.config, running.target)
    with ExitStack() as stack:
        changes = [stack.enter_context(numerics.watched(fw)) for fw in used]
        result = yield
    changed = [line for lines in changes for line in lines]
    if changed:
        pytest.fail(f"the test left {', '.join(changed)}; put it back, or use a context manager", pytrace=False)
    if running.target.mode == "jit" and any(fw.usage.computed_without_compiling() for fw in used):
        pytest.fail(
            f"the test computed on {running.target} and compiled nothing; "
            "pass the function through fw.compile, or mark the test fw_skip(mode='jit', reason=...)",
            pytrace=False,
        )
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    running = item.config.stash[running_key]
    if running is not None:
        report.dualfw = {
            "label": running.label,
            "target": str(running.target),
            "command": running.command(),
            "checks": [c.to_json() for c in running.checks] if report.when == "call" else [],
            "rows": running.rows if report.when == "call" else [],
        }
        if report.failed:
            report.dualfw["script"] = running.write_script() if running.write_script else ""
            again = f"{running.target}, seed {running.seed}; run it again with\n  {running.command()}"
            report.sections.append(("pytest-dualfw", again))
    return report


@pytest.fixture(scope="session")
def dualfw_fw(request: pytest.FixtureRequest) -> str:
    return _axis(request, "fw")


@pytest.fixture(scope="session")
def dualfw_device(request: pytest.FixtureRequest) -> str:
    return _axis(request, "device")


@pytest.fixture(scope="session")
def dualfw_dtype(request: pytest.FixtureRequest) -> str:
    return _axis(request, "dtype")


@pytest.fixture(scope="session")
def dualfw_mode(request: pytest.FixtureRequest) -> str:
    return _axis(request, "mode")


@pytest.fixture(scope="session")
def target(
    request: pytest.FixtureRequest, dualfw_fw: str, dualfw_device: str, dualfw_dtype: str, dualfw_mode: str
) -> Target:
    """Where this test runs: framework x device x dtype x mode; ``str(target)`` is ``jax-gpu-float32-jit``."""
    known = request.config.stash[settings_key].by_id
    return known[str(Target(dualfw_fw, dualfw_device, dualfw_dtype, dualfw_mode))]


@pytest.fixture(scope="session")
def fw(request: pytest.FixtureRequest, target: Target) -> "Framework":
    """The framework under test: makes arrays, compiles and differentiates functions, gives NumPy back."""
    if target.fw == BOTH:
        pytest.fail("a test that takes `both` has no single fw; use both.torch and both.jax", pytrace=False)
    (only,) = _frameworks_of(request.config, target)
    return only


@pytest.fixture(scope="session")
def both(request: pytest.FixtureRequest, target: Target) -> SimpleNamespace:
    """torch and jax in one test, on the same device, dtype and mode: ``both.torch`` and ``both.jax``."""
    return SimpleNamespace(**{fw.name: fw for fw in _frameworks_of(request.config, target)})


@pytest.fixture(scope="session")
def xp(fw: "Framework") -> Any:
    """The framework's array-API namespace."""
    return fw.xp


@pytest.fixture(scope="session")
def device(target: Target) -> str:
    """``cpu``, ``gpu`` or ``tpu``."""
    return target.device


@pytest.fixture(scope="session")
def dtype(target: Target) -> str:
    """``float64``, ``float32``, ``bfloat16`` or ``float16``."""
    return target.dtype


@pytest.fixture(scope="session")
def mode(target: Target) -> str:
    """``eager`` or ``jit``."""
    return target.mode


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> "np.random.Generator":
    """A NumPy generator, the same for every target of a test: seeded by the run's seed and the test's own id."""
    import numpy as np

    running = request.config.stash[running_key]
    settings = request.config.stash[settings_key]
    seed = running or Running(request.node.nodeid, "", settings.targets[0], settings.seed)
    return np.random.default_rng(seed.data_seed())


@pytest.fixture(scope="session")
def assert_close(request: pytest.FixtureRequest, target: Target) -> "CloseAssertion":
    """``assert_close(obtained, expected)``: framework, device, shape, dtype, then values within a tolerance."""
    from .assertions import CloseAssertion

    return CloseAssertion(_frameworks_of(request.config, target), lambda: request.config.stash[running_key])


@pytest.fixture(scope="session")
def check_grads(request: pytest.FixtureRequest, fw: "Framework") -> "GradientAssertion":
    """``check_grads(fn, *args, ...)``: judge values and gradients on this target (see pytest_dualfw.check_grads)."""
    from .assertions import GradientAssertion

    return GradientAssertion(fw, lambda: request.config.stash[running_key])


@pytest.fixture(scope="session")
def compare_port(request: pytest.FixtureRequest, both: SimpleNamespace) -> "PortAssertion":
    """``compare_port(torch_module, jax_fn, params_map, inputs)``: judge a port (see pytest_dualfw.compare_port)."""
    from .port.fixture import PortAssertion

    return PortAssertion(lambda: request.config.stash[running_key])


@pytest.fixture
def kernel_benchmark(request: pytest.FixtureRequest, fw: "Framework", benchmark: Any) -> "fixture.KernelBenchmark":
    """``kernel_benchmark(fn, *args, ...)``: check and measure eager and jit of one kernel, in pairs."""
    from .kernels import fixture

    running = request.config.stash[running_key]
    assert running is not None  # fw has made sure that the test runs on a target
    modes = {t.mode for t in request.config.stash[settings_key].targets}
    place = fixture.place_of(request, running, request.node.stash[clock_key], both_modes=len(modes) > 1)
    return fixture.KernelBenchmark(fw, place)


@pytest.fixture
def record_check(request: pytest.FixtureRequest) -> "Callable[[Check], Check]":
    """``record_check(check)``: a Check of the test's own making goes into the report, and is returned."""

    def add(check: "Check") -> "Check":
        running = request.config.stash[running_key]
        return running.recorder.add(check) if running else check

    return add


@pytest.fixture
def report_row(request: pytest.FixtureRequest) -> Callable[..., None]:
    """``report_row("table", column=value, ...)``: a row of a table at the end of the run and in the report.

    Values are text, numbers or booleans; the target's id is added as the first column.
    """

    def add(table: str, **columns: Any) -> None:
        running = request.config.stash[running_key]
        if running is not None:
            # A worker sends plain Python values only.
            plain = {k: v.item() if hasattr(v, "item") else v for k, v in columns.items()}
            running.rows.append({"table": table, "target": str(running.target), **plain})

    return add


def _register_markers(config: pytest.Config) -> None:
    for _, _, text in markers.MARKERS.values():
        config.addinivalue_line("markers", text)
    for name in (*frameworks.known(), BOTH, *DEVICES, *DTYPES, *MODES):
        config.addinivalue_line("markers", f"fw_{name}: set on each test that runs on {name}")
    # Determinism is asked for where a framework has it; where it has none, that is no fault of the test.
    config.addinivalue_line("filterwarnings", "ignore:.*does not have a deterministic implementation:UserWarning")


def _prepare(config: pytest.Config, settings: Settings) -> None:
    gpus = [t for t in settings.targets if t.device == "gpu"]
    flag = ""
    if any(t.fw == "jax" for t in gpus) and frameworks.probe.knows_deterministic_flag():
        flag = frameworks.probe.DETERMINISTIC_XLA
    numerics.prepare_environment(settings.numerics, gpu=bool(gpus), deterministic_xla=flag)
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    if gpus and worker and gpus[0].index is None:
        counts = [sum(d.kind == "gpu" for d in p.devices) for p in settings.probes.values()]
        numerics.pick_gpu(worker, max(counts, default=1))


def _frameworks_of(config: pytest.Config, target: Target) -> "list[Framework]":
    """The adaptor of a target, or both of them; made once for the session. Imports the framework."""
    settings, made = config.stash[settings_key], config.stash[frameworks_key]
    sides = [t for t in settings.targets if str(t).partition("-")[2] == str(target).partition("-")[2]]
    wanted = [t for t in sides if target.fw in (t.fw, BOTH) and (target.fw != BOTH or t.fw in ("torch", "jax"))]
    for t in wanted:
        if t not in made:
            made[t] = frameworks.framework(t, settings.numerics)
    return [made[t] for t in wanted]


def _axis(request: pytest.FixtureRequest, axis: str) -> str:
    if hasattr(request, "param"):
        return str(request.param)
    targets = request.config.stash[settings_key].targets
    if len(targets) == 1:
        return str(getattr(targets[0], axis))
    pytest.fail(
        f"this test cannot be run once for each target: pytest parametrises neither unittest.TestCase nor "
        f"getfixturevalue, and the run has {len(targets)} targets; "
        "name one with --fw, --fw-dtype and --fw-mode, or write it as a function that takes fw",
        pytrace=False,
    )
