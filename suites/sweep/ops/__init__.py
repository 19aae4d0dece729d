"""All rows, by family."""

from ..row import Row
from .elementary import ELEMENTARY

FAMILIES: dict[str, tuple[Row, ...]] = {"elementary": ELEMENTARY}
