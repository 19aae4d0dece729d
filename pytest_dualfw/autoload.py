"""The entry point that pytest loads: knows the options, and wakes the plugin only in a run that uses it.

Awake means: a ``--fw*`` option was given, the project's configuration has a ``fw*`` key, or a conftest or ``-p``
names ``pytest_dualfw``. Otherwise this file is all that was loaded; NumPy and the frameworks are not.

PYTEST_DONT_REWRITE
"""

from collections.abc import Iterator
from typing import Any

import pytest

PLUGIN = "pytest_dualfw.plugin"

# Any of these, given with `-p no:`, keeps the plugin asleep (`no:dualfw` blocks `pytest_dualfw` too).
NAMES = ("pytest_dualfw", PLUGIN)

# option -> (ini type, help). The ini key is the same name with underscores; the command line wins.
OPTIONS: dict[str, tuple[str, str]] = {
    "fw": ("args", "frameworks to run on: torch,jax or all (default: every installed one)"),
    "fw-device": ("args", "devices: cpu, gpu, gpu:1, tpu or all (default: cpu)"),
    "fw-dtype": ("args", "dtypes: float64, float32, bfloat16, float16 or all (default: float32)"),
    "fw-mode": ("args", "modes: eager, jit or all (default: eager)"),
    "fw-profile": ("string", "how much the suites run: quick, full or nightly (default: quick)"),
    "fw-minutes": ("string", "how long the suites search for what is not known yet (default: once over)"),
    "fw-compile-backend": ("string", "what torch.compile uses: aot_eager or inductor (default: by profile)"),
    "fw-seed": ("string", "seed of all data (default: a new one, printed in the header)"),
    "fw-report": ("string", "folder for report.json"),
    "fw-history": (
        "string",
        "folder to which kernel timings are appended, night after night; suspects are timed again",
    ),
    "fw-xfails": ("string", "file that lists tests expected to fail, one id a line; stale lines are errors"),
    "fw-mnist": ("string", "folder of MNIST's four files, on which the suites train too"),
    "fw-tensorboard": ("string", "folder for the suites' training curves as TensorBoard's event files"),
    "fw-threads": ("string", "CPU threads of both frameworks (default: 1)"),
}
FLAGS = {"fw-tf32": "allow TF32 in float32 products (default: full precision)"}
REQUIRED = "fw_required"

# Short names that other projects own now and then: added last, where they are free.
ALIASES = {"--device": "fw_device", "--dtype": "fw_dtype", "--mode": "fw_mode", "--mnist": "fw_mnist"}

FIXTURES = (
    *("fw", "xp", "device", "dtype", "mode", "target", "rng", "assert_close", "check_grads", "both", "report_row"),
    *("kernel_benchmark", "record_check", "compare_port"),
)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    group = parser.getgroup("dualfw", "one test body on torch and jax (pytest-dualfw)")
    for name, (kind, text) in OPTIONS.items():
        group.addoption(f"--{name}", dest=_key(name), metavar=name.rpartition("-")[2].upper(), help=text)
        parser.addini(_key(name), text, type=kind, default=None)  # type: ignore[arg-type]
    for name, text in FLAGS.items():
        group.addoption(f"--{name}", dest=_key(name), action="store_true", default=None, help=text)
        parser.addini(_key(name), text, type="bool", default=None)
    parser.addini(REQUIRED, "targets that must have run, as prefixes of their ids: jax-gpu", type="args", default=None)
    if _conftests_are_loading(pluginmanager):
        add_aliases(parser)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> Iterator[None]:
    yield
    manager = early_config.pluginmanager
    if not manager.hasplugin(PLUGIN) and _asked_for(early_config) and not any(map(manager.is_blocked, NAMES)):
        manager.import_plugin(PLUGIN)
    if manager.hasplugin(PLUGIN):
        add_aliases(parser)


def pytest_exception_interact(node: Any, call: Any, report: Any) -> None:
    """Say why a fixture of ours was not found. Costs nothing until something fails."""
    error = call.excinfo.value
    missing = getattr(error, "argname", None)
    if (
        isinstance(error, pytest.FixtureLookupError)
        and missing in FIXTURES
        and not node.config.pluginmanager.hasplugin(PLUGIN)
    ):
        report.sections.append(("pytest-dualfw", asleep(missing)))


def asleep(fixture: str) -> str:
    return (
        f"the fixture '{fixture}' is one of pytest-dualfw's, which is installed but not active in this run; "
        "give --fw=torch,jax (or --fw=all), or set fw in pytest's configuration"
    )


def add_aliases(parser: pytest.Parser) -> None:
    """Add ``--device``, ``--dtype`` and ``--mode`` where nobody owns them.

    pytest offers no way to ask who owns an option (pytest issues 11514 and 12915), hence the private attributes.
    """
    groups = [*parser._groups, parser._anonymous]
    taken = {name for group in groups for option in group.options for name in option.names()}
    for alias, key in ALIASES.items():
        if alias not in taken:
            parser.getgroup("dualfw").addoption(
                alias, dest=key, metavar=alias[2:].upper(), help=f"same as --{key.replace('_', '-')}"
            )


def _asked_for(config: pytest.Config) -> bool:
    keys = [_key(name) for name in (*OPTIONS, *FLAGS)]
    given = vars(config.known_args_namespace)
    return any(given.get(k) is not None for k in keys) or any(config.getini(k) is not None for k in (*keys, REQUIRED))


def _conftests_are_loading(manager: pytest.PytestPluginManager) -> bool:
    """Loaded by a conftest: pytest_load_initial_conftests is running already and will not call us."""
    return any(name.endswith("conftest.py") for name, _ in manager.list_name_plugin())


def _key(name: str) -> str:
    return name.replace("-", "_")
