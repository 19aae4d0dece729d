"""Every row of the sweep on every target, against exact arithmetic; what is found must stand in the catalogue."""

from dataclasses import replace
from typing import Any

import pytest

from .profile import SAMPLED
from .sweep import catalogue
from .sweep.divergence import ACCURACY, DEFECT
from .sweep.ops import FAMILIES
from .sweep.refusals import REFUSALS, Refusal
from .sweep.reproduce import standing
from .sweep.row import Row
from .sweep.samplers import SAMPLERS, Sampler
from .sweep.search import search
from .sweep.sweep import Swept, sweep
from .sweep.tensors import TensorRow

ROWS = [pytest.param(row, id=row.name.replace(" ", "_")) for rows in FAMILIES.values() for row in rows]
NUMBERS = [param for param in ROWS if not isinstance(param.values[0], TensorRow)]
EXAMPLES = 60
KNOWN = {(d.op, d.what, d.kind, fw) for d in catalogue.read() for fw in d.frameworks}


@pytest.mark.filterwarnings("ignore")  # overflows and casts are what is looked at
@pytest.mark.parametrize("row", ROWS)
def test_row(row: Row, fw: Any, report_row: Any, request: pytest.FixtureRequest) -> None:
    why = row.why_unsupported(fw.target)
    if why:
        pytest.skip(f"unsupported: {why}")
    swept = sweep(row, fw)
    for what, (worst, median, excess) in swept.ulps().items():
        report_row("ulp", op=row.name, what=what, worst=worst, median=median, over_conditioning=excess)
    new = unknown(swept, fw.name)
    for line in new:
        report_row("not in the catalogue", op=row.name, found=line)
    if new and request.config.getoption("fw_profile", None) == "nightly":
        pytest.fail("not in the catalogue: " + "; ".join(new), pytrace=False)


def unknown(swept: Swept, framework: str) -> list[str]:
    """Errors that the catalogue does not hold; a loss of accuracy where it holds a defect is none."""
    return [
        f"{s.judged.kind} of {s.what} at {s.place or s.xs}{list(s.index) or ''}: {s.obtained}"
        for s in swept.worst()
        if not {(swept.row.name, s.what, kind, framework) for kind in (DEFECT, *((s.judged.kind,)))} & KNOWN
        and s.judged.kind in (DEFECT, ACCURACY)
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", NUMBERS)
def test_search(row: Row, fw: Any, rng: Any, report_row: Any, request: pytest.FixtureRequest) -> None:
    """Not in the quick profile. The run's seed (--fw-seed) repeats a search, another one searches elsewhere."""
    why = row.why_unsupported(fw.target)
    if why:
        pytest.skip(f"unsupported: {why}")
    known = {what for op, what, kind, name in KNOWN if (op, kind, name) == (row.name, DEFECT, fw.name)}
    found = search(row, fw, known, examples=EXAMPLES, seed=int(rng.integers(2**32)))
    if found is None:
        return
    told = f"{found.what} at {found.xs}: {found.obtained}"
    report_row("not in the catalogue", op=row.name, found=told)
    if request.config.getoption("fw_profile", None) == "nightly":
        pytest.fail(f"not in the catalogue: {told}", pytrace=False)


@pytest.mark.fw_only(dtype="float32", mode="eager")
def test_the_catalogue_stands(fw: Any, report_row: Any, request: pytest.FixtureRequest) -> None:
    """Its reproducers are run; a stale entry is told. The quick profile tries one in ``SAMPLED``."""
    mine = [replace(d, obtained={fw.name: d.obtained[fw.name]}) for d in catalogue.read() if fw.name in d.obtained]
    for d in mine:
        obtained, place = str(d.obtained[fw.name]), str(d.input if not d.index else d.at)
        report_row("catalogue", id=d.id, kind=d.kind, at=place, obtained=obtained, truth=d.truth, both=d.agree)
    quick = request.config.getoption("fw_profile", None) in (None, "quick")
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
