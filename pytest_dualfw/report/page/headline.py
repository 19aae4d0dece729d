"""What a reader must know in five seconds: does it hold, and how much speaks against it."""

from dataclasses import dataclass

from ...history.standing import IMPROVED, INVALID, REGRESSED, SUSPECTED
from ..text import ABSENT, plural
from .model import PASS, PageModel

# state -> (symbol, what it says)
STATES = {
    "bad": ("✗", "Something is wrong"),
    "care": ("!", "Nothing is known to be wrong, something is to be looked at"),
    "good": ("✓", "Nothing found"),
    "none": (ABSENT, "Nothing was tested or measured"),
}


@dataclass(frozen=True)
class Fact:
    """One count of the headline. ``state`` is one of STATES where the count is not zero; ``target`` the section."""

    count: int
    words: str
    state: str
    target: str


@dataclass(frozen=True)
class Headline:
    """The worst state of the facts, and the facts."""

    facts: list[Fact]

    @property
    def state(self) -> str:
        told = {f.state for f in self.facts if f.count}
        return next((s for s in STATES if s in told), "none")

    @property
    def symbol(self) -> str:
        return STATES[self.state][0]

    @property
    def words(self) -> str:
        return STATES[self.state][1]


def headline(model: PageModel) -> Headline:
    """Of what was run, measured or judged: the counts; of what is bad also that there is none."""
    problems = len(model.problems)
    told = [Fact(problems, plural(problems, "problem").partition(" ")[2], "bad", "problems")] if problems else []
    found = [*told, *_of_run(model), *(_of_nights(model) or _of_kernels(model))]
    return Headline([f for f in found if f.count or f.state == "bad"])


def _of_run(model: PageModel) -> list[Fact]:
    statuses = [t["status"] for t in model.tests]
    if not statuses:
        return []
    broken = statuses.count("failed") + statuses.count("error")
    return [
        Fact(statuses.count("discrepancy"), "tests with a finding", "bad", "findings"),
        Fact(broken, "tests failed otherwise", "bad", "findings"),
        Fact(statuses.count("inconclusive"), "inconclusive", "care", "set-aside"),
        Fact(statuses.count(PASS), f"of {plural(len(statuses), 'test')} passed", "good", "matrix"),
    ]


def _of_nights(model: PageModel) -> list[Fact]:
    if not model.nights:
        return []
    counts = model.nights["counts"]
    kinds = {
        REGRESSED: ("confirmed regressions", "bad"),
        SUSPECTED: ("suspected", "care"),
        INVALID: ("invalid measurements", "care"),
        IMPROVED: ("faster or smaller than before", "good"),
    }
    told = [Fact(counts.get(group, 0), words, state, "nights") for group, (words, state) in kinds.items()]
    return [*told, Fact(sum(counts.values()), "series in the history", "good", "nights")]


def _of_kernels(model: PageModel) -> list[Fact]:
    statuses = [line.get("status", "ok") for line in model.kernels]
    if not statuses:
        return []
    invalid = statuses.count("invalid")
    return [
        Fact(invalid, "invalid measurements", "care", "speed"),
        Fact(statuses.count("ok") + statuses.count("noisy"), "kernel timings", "good", "speed"),
    ]
