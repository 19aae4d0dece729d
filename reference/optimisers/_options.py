"""Limits of the optimisers' options."""


def require_non_negative(**options: float) -> None:
    """Every given option is at least 0; ValueError names the first that is not."""
    for name, value in options.items():
        if not value >= 0:
            raise ValueError(f"{name} is {value!r}; allowed are values of at least 0")


def require_decay_rate(**options: float) -> None:
    """Every given option lies in [0, 1), as a running mean's rate must; ValueError names the first that does not."""
    for name, value in options.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} is {value!r}; allowed are values from 0 to below 1")
