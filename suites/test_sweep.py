"""Every row of the sweep on every target, against exact arithmetic; what is found must stand in the catalogue."""

import os
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from .profile import SAMPLED, SEARCHES, profile_of
from .sweep import catalogue
from .sweep.divergence import DEFECT
from .sweep.ops import FAMILIES
from .sweep.refusals import REFUSALS, Refusal
from .sweep.reproduce import standing
from .sweep.row import Row
from .sweep.samplers import SAMPLERS, Sampler
from .sweep.search import Search, search
from .sweep.sweep import Swept, sweep
from .sweep.tensors import TensorRow

ROWS = [pytest.param(row, id=row.name.replace(" ", "_")) for rows in FAMILIES.values() for row in rows]
NUMBERS = [param for param in ROWS if not isinstance(param.values[0], TensorRow)]
ARRAYS = [param for param in ROWS if isinstance(param.values[0], TensorRow)]
# A search of arrays compiles for each shape.
EXAMPLES, SHAPES = 60, 12
KNOWN = catalogue.Known(catalogue.read())


@pytest.mark.filterwarnings("ignore")  # overflows and casts are what is looked at
@pytest.mark.parametrize("row", ROWS)
def test_row(row: Row, fw: Any, report_row: Any, request: pytest.FixtureRequest) -> None:
    why = row.why_unsupported(fw.target)
    if why:
        pytest.skip(f"unsupported: {why}")
    swept = sweep(row, fw, deep=nightly(request))
    for what, (worst, median, excess) in swept.ulps().items():
        report_row("ulp", op=row.name, what=what, worst=worst, median=median, over_conditioning=excess)
    new = unknown(swept, fw.name)
    for line in new:
        report_row("not in the catalogue", op=row.name, found=line)
    if new and nightly(request):
        pytest.fail("not in the catalogue: " + "; ".join(new), pytrace=False)


def nightly(request: pytest.FixtureRequest) -> bool:
    return profile_of(request.config) == "nightly"


def unknown(swept: Swept, framework: str) -> list[str]:
    """Errors that the catalogue does not hold."""
    return [
        f"{s.judged.kind} of {s.what} at {s.place or s.xs}{list(s.index) or ''}: {s.obtained}"
        for s in swept.worst()
        if not KNOWN.holds(swept.row.name, framework, s.judged.kind, s.what)
    ]


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> float:
    """Seconds that each search may take: its part of --fw-minutes, on all of pytest-xdist's workers; 0 without."""
    config = request.config
    minutes: str = config.getoption("fw_minutes", None) or config.getini("fw_minutes") or "0"
    searches: int = sum(getattr(item, "originalname", "") in SEARCHES for item in request.session.items)
    return 60 * float(minutes) * int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) / searches


@dataclass(frozen=True)
class Hunt:
    """A search for what is not in the catalogue, for its share of the time, and what is to be said of what it finds.

    The run's seed (--fw-seed) repeats a search, another one searches elsewhere.
    """

    fw: Any
    rng: Any
    seconds: float

    def found(self, row: Row, examples: int) -> str:
        """Empty where nothing was."""
        why = row.why_unsupported(self.fw.target)
        if why:
            pytest.skip(f"unsupported: {why}")
        until, found = time.monotonic() + self.seconds, None
        while found is None:
            found = search(
                row,
                self.fw,
                Search(partial(KNOWN.holds, row.name, self.fw.name, DEFECT), examples, int(self.rng.integers(2**32))),
            )
            if time.monotonic() >= until:
                break
        return f"{found.what} at {found.place or found.xs}: {found.obtained}, right: {found.truth.low}" if found else ""


@pytest.fixture
def hunt(fw: Any, rng: Any, share: float) -> Hunt:
    return Hunt(fw, rng, share)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", NUMBERS)
def test_search(row: Row, hunt: Hunt, report_row: Any, request: pytest.FixtureRequest) -> None:
    """Points. Not in the quick profile."""
    found = hunt.found(row, EXAMPLES)
    if found:
        report_row("not in the catalogue", op=row.name, found=found)
    if found and nightly(request):
        pytest.fail(f"not in the catalogue: {found}", pytrace=False)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", ARRAYS)
def test_shapes(row: Row, hunt: Hunt, report_row: Any) -> None:
    """Shapes and entries, in the nightly profile. What is found is a lead and fails nothing: a row's truth is vouched
    for at the row's own shapes.
    """
    found = hunt.found(row, SHAPES)
    if found:
        report_row("leads of other shapes", op=row.name, found=found)


@pytest.mark.fw_only(dtype="float32", mode="eager")
def test_the_catalogue_stands(fw: Any, report_row: Any, request: pytest.FixtureRequest) -> None:
    """Its reproducers are run; a stale entry is told. The quick profile tries one in ``SAMPLED``."""
    mine = [replace(d, obtained={fw.name: d.obtained[fw.name]}) for d in catalogue.read() if fw.name in d.obtained]
    for d in mine:
        obtained, place = str(d.obtained[fw.name]), str(d.input if not d.index else d.at)
        report_row("catalogue", id=d.id, kind=d.kind, at=place, obtained=obtained, truth=d.truth, both=d.agree)
    quick = profile_of(request.config) == "quick"
    _, stale = standing(mine[:: SAMPLED if quick else 1])
    for line in stale:
        report_row("stale in the catalogue", entry=line)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.fw_only(dtype="float32", mode="eager")
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: r.name.replace(" ", "_"))
def test_refusal(refusal: Refusal, fw: Any, report_row: Any) -> None:
    """What is accepted in silence is told; in the nightly run it must be known."""
    accepted = refusal.accepted(fw)
    if accepted is not None:
        report_row("accepted in silence", op=refusal.name, why=refusal.why, obtained=str(accepted.tolist()))


@pytest.mark.fw_only(dtype="float32", mode="eager")
@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: s.name.replace(" ", "_"))
def test_sampler(sampler: Sampler, fw: Any) -> None:
    wrong = sampler.wrong(sampler.draw(fw, seed=20))
    assert not wrong, f"{sampler.name}: {wrong}"
