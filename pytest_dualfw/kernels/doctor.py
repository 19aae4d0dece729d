"""``dualfw doctor``: what this machine is, which numerics are in force, how fast it can be, what it can see.

Reads and measures; changes nothing.
"""

import json
import math
from argparse import ArgumentTypeError
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .. import frameworks, numerics
from ..command import DONE, NOTHING_MEASURED, Parser
from ..frameworks.probe import DETERMINISTIC_XLA, Probe, ProbeError, knows_deterministic_flag, probe
from ..numerics import Numerics
from ..target import DEVICES, Target, listed
from . import nvml
from .control import control
from .diagnosis import DTYPE, Diagnosis, Place, system, text
from .pairs import Stop
from .roofline import Roofline, roofline

if TYPE_CHECKING:
    from ..frameworks.base import Framework


def main(arguments: Sequence[str]) -> int:
    """Exit status 0; 2 for wrong usage; 5 where there is no framework to measure with."""
    parser = _parser()
    options = parser.parse_args(arguments)
    settings, here = Numerics(), system()
    found, missing = probed(options.fw or frameworks.known())
    if options.fw and missing:
        parser.error(next(iter(missing.values())))
    targets = [Target(name, device, DTYPE, "jit") for name, p in found.items() for device in p.kinds()]
    wanted = [t for t in targets if options.device in (None, t.device)]
    if found and not wanted:
        parser.error(
            f"{listed(list(found))} found no {options.device} here; see 'pytest-dualfw[cuda]', or leave --device out"
        )
    _prepare(wanted, settings)
    stop = Stop(max_time=options.max_time)
    made = [frameworks.framework(t, settings) for t in wanted]
    for fw in made:  # all of them first: the roof is the best that any framework reaches
        with numerics.in_force(fw, 0):
            roofline(fw, again=True)
    places = [place(fw, found[fw.name], stop, options.repeats) for fw in made]
    diagnosis = Diagnosis(here, found, missing, settings, places, nvml.gpus())
    told = json.dumps(diagnosis.to_json(), indent=1, allow_nan=False) if options.json else text(diagnosis)
    print(told)
    return DONE if places else NOTHING_MEASURED


def _prepare(targets: Iterable[Target], settings: Numerics) -> None:
    """As a run of tests would: what the libraries read once, before they are imported here."""
    on_gpu = [t.fw for t in targets if t.device == "gpu"]
    flag = DETERMINISTIC_XLA if "jax" in on_gpu and knows_deterministic_flag() else ""
    numerics.prepare_environment(settings, gpu=bool(on_gpu), deterministic_xla=flag)


def _parser() -> Parser:
    parser = Parser(prog="dualfw doctor", description="What this machine is, and what can be measured on it.")
    parser.add_argument("--fw", type=_frameworks, help=f"{listed(sorted(frameworks.known()))} (default: all installed)")
    parser.add_argument("--device", choices=DEVICES, help="measure there only (default: on every device found)")
    parser.add_argument("--repeats", type=_count, default=5, help="runs of the A/A control (default: 5)")
    parser.add_argument("--max-time", type=_seconds, default=2.0, help="seconds of each run at most (default: 2)")
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    return parser


def _frameworks(given: str) -> list[str]:
    """argparse makes its sentence of what this raises."""
    names = given.split(",")
    unknown = [name for name in names if name not in frameworks.known()]
    if unknown:
        raise ArgumentTypeError(f"{unknown[0]!r} is not a framework; known are {listed(sorted(frameworks.known()))}")
    return names


def _count(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise ArgumentTypeError(f"{given!r} is not a number of runs; give 1 or more")
    return int(given)


def _seconds(given: str) -> float:
    try:
        value = float(given)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise ArgumentTypeError(f"{given!r} is not a time; give seconds above 0")
    return value


def probed(names: Iterable[str]) -> tuple[dict[str, Probe], dict[str, str]]:
    """What each framework says of itself, and why others cannot be used: one sentence each, with the way out."""
    found, missing = {}, {}
    for name in names:
        if not frameworks.is_installed(name):
            missing[name] = f"{name} is not installed; pip install 'pytest-dualfw[{name}]' brings it"
            continue
        try:
            found[name] = probe(name)
        except ProbeError as error:
            missing[name] = f"{name} is installed and cannot be used ({error}); install it anew"
    return found, missing


def roofs(fw: "Framework", found: Probe) -> dict[str, Roofline]:
    """dtype -> roofline, for all that the device computes in."""
    known = {}
    for dtype in found.dtypes.get(fw.device, (DTYPE,)):
        side = fw.at(dtype=dtype)
        with numerics.in_force(side, 0):
            known[dtype] = roofline(side)
    return known


def place(fw: "Framework", found: Probe, stop: Stop, repeats: int) -> Place:
    """The settings in force, the roofline, and the control, which is run now."""
    known = roofs(fw, found)
    with numerics.in_force(fw, 0):
        state = {name: str(value) for name, value in fw.state().items()}
    rates = {dtype: roof.rate for dtype, roof in known.items()}
    own = known[DTYPE]
    return Place(fw.name, fw.device, state, own.bandwidth_of(0), own.bandwidth, rates, control(fw, stop, repeats))
