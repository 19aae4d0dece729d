"""torch's side of DLPack."""

from collections.abc import Callable
from typing import Any

import ml_dtypes
import torch

from ..dlpack import DTYPES, PLAIN, Array, Side


def side(fw: Any) -> Side:
    def plain() -> torch.Tensor:
        return torch.from_numpy(PLAIN).to(fw._device).clone()

    def of(dtype: str) -> Callable[[], torch.Tensor]:
        return lambda: plain().to(getattr(torch, dtype))

    def values(x: torch.Tensor) -> Array:
        name = str(x.dtype).removeprefix("torch.")
        eight_bits = name.startswith("float8")  # which torch gives to nobody but by their bits
        bits: Array = fw._get(x.view(torch.uint8) if eight_bits else x)
        return bits.view(getattr(ml_dtypes, name)) if eight_bits else bits

    make: dict[str, Callable[[], Any]] = {
        **{dtype: of(dtype) for dtype in DTYPES},
        "plain": plain,
        "number": lambda: plain()[0, 2].clone(),
        "transposed": lambda: plain().T,
        "channels last": lambda: plain().reshape(2, 2, 2, 3).to(memory_format=torch.channels_last),
        "detached": lambda: plain().requires_grad_().detach(),
        "empty": lambda: plain()[:0],
        "offset": lambda: plain().flatten()[2:],
        "every other column": lambda: plain()[:, ::2],
        "every other row": lambda: plain()[::2],
        "broadcast": lambda: plain()[:1].expand(4, 6),
        "requires a gradient": lambda: plain().requires_grad_(),
        "parameter": lambda: torch.nn.Parameter(plain()),
        "conjugate": lambda: plain().to(torch.complex64).conj(),
        "negative": lambda: torch._neg_view(plain()),
        "imaginary part of a conjugate": lambda: (1j * plain()).conj().imag,
        "sparse": lambda: plain().to_sparse(),
        "without storage": lambda: plain().to("meta"),
        "capsule": lambda: plain().__dlpack__(),
    }
    return Side(make, values, take, lambda x: int(x.data_ptr()), zeroed)


def take(x: Any, copy: bool | None) -> Any:
    asked = {} if copy is None else {"copy": copy}
    return torch.from_dlpack(x, **asked)  # type: ignore[attr-defined]


def zeroed(x: Any) -> bool:
    if 0 in x.stride():  # entries that are one in memory
        return False
    x.zero_()
    return True
