"""When a run started, as text that sorts."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=4096)  # all lines of a run say the same
def utc(text: str) -> str:
    """A time as ISO 8601 writes it, in UTC to the second: ``2026-11-21T23:00:00Z``. One without a zone is UTC.

    ValueError for what is no time.
    """
    found = datetime.fromisoformat(text.strip())
    try:
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError as error:  # the first and the last day of the calendar
        raise ValueError(f"{text!r} is outside the calendar in UTC") from error
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")
