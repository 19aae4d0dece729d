"""Matrix products."""

from typing import Any

import torch


def matmul_square(a: Any, b: Any) -> Any:
    return a @ b


matmul_tall = matmul_batched = matmul_tf32 = matmul_square


def matmul_int8(a: Any, b: Any) -> Any:
    """The product that torchao's quantised layers call; torch's public ``@`` would sum in int8."""
    return torch._int_mm(a, b)
