"""To be filled."""

from ..row import Row

LOSSES: tuple[Row, ...] = ()
