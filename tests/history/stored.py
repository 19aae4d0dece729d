"""Lines as a run stores them, and what a reader makes of text that lies in a folder."""

import json

from pytest_dualfw.history.reader import read
from pytest_dualfw.kernels.environment import Commit, Machine, Surroundings
from pytest_dualfw.kernels.line import lines

from ..kernels.samples import FASTER, SLOWER, timing

MACHINE = Machine("a processor", 2, 1, "a card", "570.1")


def surroundings(run="night 1", started="2026-11-21T23:00:00Z", branch="main"):
    env = {"python": "3.11.7", "torch": "2.13.0", "jax": None, "jaxlib": None, "flags": {}, "load": 0.5}
    return Surroundings(run, started, MACHINE, Commit("f00", "2026-11-20T08:00:00+00:00", True, branch), env)


def stored(*kernels, run="night 1", started="2026-11-21T23:00:00Z", branch="main", passes=(FASTER,)):
    """A line for each kernel and pass."""
    where = surroundings(run, started, branch)
    return [line for name in kernels or ("matmul",) for line in lines(timing(*passes, kernel=name), where)]


BOTH = (FASTER, SLOWER)


def line(**changes):
    """The JSON of one line, some of its fields changed: ``bench__id="x"`` is the field within the field."""
    data = json.loads(json.dumps(stored()[0].to_json()))
    for path, value in changes.items():
        *above, name = path.split("__")
        at = data
        for key in above:
            at = at[key]
        at[name] = value
    return data


def without(*names):
    data = line()
    for path in names:
        *above, name = path.split("__")
        at = data
        for key in above:
            at = at[key]
        del at[name]
    return data


def file_of(folder, *found, name="kernels.jsonl"):
    """A file with the given lines: JSON, text or bytes."""
    texts = [one if isinstance(one, (str, bytes)) else json.dumps(one) for one in found]
    raw = [one.encode() if isinstance(one, str) else one for one in texts]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(raw) + b"\n")
    return path


def told(folder, *found):
    """What the reader says of these lines, without the file's name."""
    path = file_of(folder, *found)
    return [sentence.removeprefix(f"{path}, ") for sentence in read(folder).problems]
