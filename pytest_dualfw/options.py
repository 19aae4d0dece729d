"""From what was asked for to what runs: every name checked, every missing thing told, resolved once per run."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from . import frameworks
from .frameworks.probe import Probe, ProbeError, from_json, probe, to_json
from .numerics import Numerics
from .target import DEVICES, DTYPES, MODES, Target, listed

PROFILES = ("quick", "full", "nightly")
COMPILE_BACKENDS = ("aot_eager", "inductor")

# Inductor's first call takes about 10 s, aot_eager's 0.3 s.
BACKEND_OF = {"quick": "aot_eager", "full": "inductor", "nightly": "inductor"}

INSTALL = {"torch": "pip install torch", "jax": "pip install jax"}


@dataclass(frozen=True)
class Asked:
    """One option's value and where it stands: ``--fw`` on the command line, ``fw`` in the configuration, or nowhere."""

    names: tuple[str, ...]
    source: str

    @property
    def named(self) -> bool:
        return bool(self.source)

    @property
    def on_command_line(self) -> bool:
        return self.source.startswith("--")


@dataclass(frozen=True)
class Settings:
    """What this run does. Made in the controller and sent to xdist's workers as JSON."""

    targets: tuple[Target, ...]
    seed: int
    numerics: Numerics = field(default_factory=Numerics)
    profile: str = "quick"
    minutes: int = 0
    report: str = ""
    history: str = ""
    xfails: str = ""
    required: tuple[str, ...] = ()
    named: bool = False
    left_out: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    probes: Mapping[str, Probe] = field(default_factory=dict)

    @property
    def frameworks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(t.fw for t in self.targets))

    @property
    def numeric_options(self) -> str:
        """The options, other than targets and seed, without which a run's numbers do not come again."""
        n, usual = self.numerics, Numerics(compile_backend=BACKEND_OF[self.profile])
        told = [
            (self.profile != "quick", f"--fw-profile={self.profile}"),
            (n.compile_backend != usual.compile_backend, f"--fw-compile-backend={n.compile_backend}"),
            (n.tf32, "--fw-tf32"),
            (n.threads != usual.threads, f"--fw-threads={n.threads}"),
        ]
        return " ".join(option for said, option in told if said)

    @cached_property
    def by_id(self) -> dict[str, Target]:
        """Every target a test can run on, both frameworks at once included."""
        return {str(t): t for t in (*self.targets, *self.pairs)}

    @cached_property
    def pairs(self) -> tuple[Target, ...]:
        """Targets that both frameworks of the run cover: one for each device, dtype and mode."""
        sides = [{(t.device, t.dtype, t.mode, t.index) for t in self.targets if t.fw == fw} for fw in ("torch", "jax")]
        cells = dict.fromkeys((t.device, t.dtype, t.mode, t.index) for t in self.targets)
        return tuple(Target("both", *cell) for cell in cells if cell in sides[0] and cell in sides[1])

    def to_json(self) -> dict[str, Any]:
        probes = {name: to_json(p) for name, p in self.probes.items()}
        return {**asdict(self), "probes": probes}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Settings":
        changed: dict[str, Any] = {
            "targets": tuple(Target(**t) for t in data["targets"]),
            "numerics": Numerics(**data["numerics"]),
            "probes": {name: from_json(text) for name, text in data["probes"].items()},
            "required": tuple(data["required"]),
            "left_out": tuple(data["left_out"]),
        }
        return cls(**{**data, **changed})


class Resolver:
    """Turns options into Settings. Raises pytest.UsageError with one sentence for whatever cannot be had."""

    def __init__(self, config: pytest.Config, ask: Callable[[str], Probe] = probe) -> None:
        self.config = config
        self.ask = ask
        self.left_out: list[str] = []
        self.probes: dict[str, Probe] = {}

    def settings(self) -> Settings:
        profile = self._choice("fw_profile", PROFILES, "quick")
        targets = self._targets()
        axes = (self._asked(key) for key in ("fw", "fw_device", "fw_dtype", "fw_mode"))
        return Settings(
            targets=targets,
            seed=self._number("fw_seed", random.SystemRandom().randrange(2**32)),
            numerics=self._numerics(profile),
            profile=profile,
            minutes=self._number("fw_minutes", 0),
            report=self._folder("fw_report"),
            history=self._folder("fw_history"),
            xfails=self._file("fw_xfails"),
            required=self._required(targets),
            named=any(asked.on_command_line for asked in axes),
            left_out=tuple(self.left_out),
            versions={t.fw: self._version(t.fw) for t in targets},
            probes=self.probes,
        )

    def _targets(self) -> tuple[Target, ...]:
        names = self._frameworks()
        devices = self._devices(names)
        dtypes = self._names("fw_dtype", DTYPES, ("float32",), "dtype")
        modes = self._names("fw_mode", MODES, ("eager",), "mode")
        cells = [(fw, device, dtype) for fw in names for device in devices[fw] for dtype in dtypes]
        kept = [cell for cell in cells if self._has_dtype(*cell)]
        return tuple(
            Target(fw, kind, dtype, mode, int(index) if index else None)
            for fw, device, dtype in kept
            for kind, _, index in [device.partition(":")]
            for mode in modes
        )

    def _frameworks(self) -> tuple[str, ...]:
        names = self._names("fw", tuple(frameworks.known()), ("all",), "framework")
        asked = self._asked("fw")
        missing = [n for n in names if not frameworks.is_installed(n)]
        if asked.named and asked.names != ("all",) and missing:
            raise pytest.UsageError(
                f"{asked.source} names {missing[0]!r}, which is not installed; "
                f"run {INSTALL.get(missing[0], f'pip install {missing[0]}')}, or leave it out"
            )
        self.left_out += [f"{name} (not installed)" for name in missing]
        found = tuple(n for n in names if n not in missing)
        if not found:
            raise pytest.UsageError(
                "pytest-dualfw found no framework: neither torch nor jax is installed; "
                "run pip install 'pytest-dualfw[torch]', 'pytest-dualfw[jax]' or 'pytest-dualfw[all]'"
            )
        return found

    def _devices(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        asked = self._asked("fw_device")
        self._expect_some(asked, DEVICES)
        devices = asked.names or ("cpu",)
        for device in devices:
            self._check_device(asked, device)
        if devices == ("cpu",):  # every framework has it: nothing to ask, nothing to import
            return dict.fromkeys(names, devices)
        self._check_one_index(asked)
        return {name: self._devices_of(name, asked) for name in names}

    def _devices_of(self, name: str, asked: Asked) -> tuple[str, ...]:
        found = self._probe(name)
        if asked.names == ("all",):
            absent = [k for k in DEVICES if k not in found.kinds()]
            self.left_out += [f"{name}-{kind} (not found)" for kind in absent]
            return found.kinds()
        for device in asked.names:
            kind, _, index = device.partition(":")
            count = sum(d.kind == kind for d in found.devices)
            if count <= int(index or 0):
                raise pytest.UsageError(_no_device(asked.source, device, name, found))
        return asked.names

    def _check_device(self, asked: Asked, device: str) -> None:
        kind, colon, index = device.partition(":")
        if device == "all" and asked.names == ("all",):
            return
        if kind not in DEVICES or (colon and not index.isdigit()):
            raise pytest.UsageError(_unknown(asked.source, device, "device", DEVICES, "gpu:1, or all"))

    def _check_one_index(self, asked: Asked) -> None:
        for kind in DEVICES:
            same = [d for d in asked.names if d.partition(":")[0] == kind]
            if len(same) > 1:
                raise pytest.UsageError(
                    f"{asked.source} names {listed(same)}, and a run uses one {kind}; "
                    "name one of them, or spread the run over several with -n"
                )

    def _has_dtype(self, fw: str, device: str, dtype: str) -> bool:
        kind = device.partition(":")[0]
        there = self.probes[fw].dtypes.get(kind, DTYPES) if fw in self.probes else DTYPES
        if dtype in there:
            return True
        asked = self._asked("fw_dtype")
        if asked.named and asked.names != ("all",):
            raise pytest.UsageError(
                f"{asked.source} names {dtype!r}, which {fw} does not have on {kind}; it has {listed(there)}"
            )
        self.left_out.append(f"{fw}-{kind}-{dtype} (not supported)")
        return False

    def _probe(self, name: str) -> Probe:
        if name not in self.probes:
            try:
                self.probes[name] = self.ask(name)
            except ProbeError as error:
                raise pytest.UsageError(
                    f"{name} is installed but could not be asked for its devices ({error}); "
                    f"see what python -c 'import {name}' says"
                ) from error
        return self.probes[name]

    def _version(self, name: str) -> str:
        return self.probes[name].version if name in self.probes else frameworks.version_of(name)

    def _numerics(self, profile: str) -> Numerics:
        timed = getattr(self.config.option, "benchmark_only", False)  # of aot_eager nobody wants to know how fast it is
        usual = BACKEND_OF["full" if timed else profile]
        backend = self._choice("fw_compile_backend", COMPILE_BACKENDS, usual)
        return Numerics(tf32=bool(self._raw("fw_tf32")), threads=self._number("fw_threads", 1), compile_backend=backend)

    def _required(self, targets: tuple[Target, ...]) -> tuple[str, ...]:
        required = tuple(self.config.getini("fw_required") or ())
        for prefix in required:
            if not any(str(t).startswith(prefix) for t in targets):
                raise pytest.UsageError(
                    f"fw_required names {prefix!r}, which no target of this run has; "
                    f"its targets are {listed([str(t) for t in targets])}"
                )
        return required

    def _raw(self, key: str) -> Any:
        given = getattr(self.config.option, key, None)
        return self.config.getini(key) if given is None else given

    def _asked(self, key: str) -> Asked:
        value = self._raw(key)
        if value is None:
            return Asked((), "")
        return Asked(_split([value] if isinstance(value, str) else value), self._source(key))

    def _source(self, key: str) -> str:
        given = getattr(self.config.option, key, None)
        return f"--{key.replace('_', '-')}" if given is not None else f"{key} in pytest's configuration"

    @staticmethod
    def _expect_some(asked: Asked, known: tuple[str, ...]) -> None:
        if asked.named and not asked.names:
            raise pytest.UsageError(f"{asked.source} is empty; allowed are {listed(known)}, or all")

    def _names(self, key: str, known: tuple[str, ...], default: tuple[str, ...], word: str) -> tuple[str, ...]:
        asked = self._asked(key)
        names = asked.names or default
        self._expect_some(asked, known)
        if names == ("all",):
            return known
        for name in names:
            if name not in known:
                raise pytest.UsageError(_unknown(asked.source, name, word, known, "or all"))
        return names

    def _choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        value = self._raw(key) or default
        if value not in known:
            raise pytest.UsageError(f"{self._source(key)} is {value!r}; allowed are {listed(known)}")
        return str(value)

    def _number(self, key: str, default: int) -> int:
        value = self._raw(key)
        if value is None:
            return default
        if not str(value).isdigit():
            raise pytest.UsageError(f"{self._source(key)} is {value!r}; give a whole number, 0 or more")
        return int(value)

    def _file(self, key: str) -> str:
        path = self._path(key)
        if path and not Path(path).is_file():
            raise pytest.UsageError(
                f"{self._source(key)} names {path!r}, which is not there; write the file, or leave it out"
            )
        return path

    def _folder(self, key: str) -> str:
        path = self._path(key)
        if path and Path(path).exists() and not Path(path).is_dir():
            raise pytest.UsageError(f"{self._source(key)} names {path!r}, which is not a folder; name another one")
        return path

    def _path(self, key: str) -> str:
        """Relative to where pytest was started, or to the configuration file that says it."""
        given = getattr(self.config.option, key, None)
        if given is not None:
            return str(Path(self.config.invocation_params.dir, given))
        kept = self.config.getini(key)
        return str(Path(self.config.rootpath, kept)) if kept else ""


def _split(values: Iterable[str]) -> tuple[str, ...]:
    """Names apart by commas or blanks, each once, in the order given."""
    return tuple(dict.fromkeys(name for value in values for name in value.replace(",", " ").split()))


def _unknown(source: str, name: str, word: str, known: tuple[str, ...], also: str) -> str:
    return f"{source} names {name!r}, which is not a {word}; allowed are {', '.join(known)}, {also}"


def _no_device(source: str, device: str, name: str, found: Probe) -> str:
    return (
        f"{source} names {device!r}, and {name} {found.version} does not see it: "
        f"it is {found.build} and finds {listed(found.kinds())}; "
        f"install a build of {name} for that device, or name another one"
    )
