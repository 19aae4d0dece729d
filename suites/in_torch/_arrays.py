"""Options that are arrays."""

from typing import Any

import torch


def like(array: Any, x: Any) -> Any:
    """The NumPy ``array`` as a tensor on the device of ``x``: of its dtype if floating, of its own if not.

    None stays None.
    """
    if array is None:
        return None
    made = torch.as_tensor(array)  # first a tensor: torch.compile cannot trace the dtype of a NumPy array
    return made.to(device=x.device, dtype=x.dtype if made.is_floating_point() else made.dtype)
