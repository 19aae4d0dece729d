"""Noise like that of rounding, in each operation that torch dispatches, forward and backward."""

from typing import Any

import torch
import torch._decomp
from torch.utils._python_dispatch import TorchDispatchMode

from .program import Rounding

# Operations whose results are exact: they copy, select or create. By the name in front of the overload.
EXACT = frozenset(
    """
    _to_copy _unsafe_view abs amax amin arange argmax argmin argsort as_strided_scatter bernoulli bernoulli_ cat ceil
    clamp clamp_max clamp_min clone col2im complex conj_physical constant_pad_nd copy copy_ cummax cummin detach
    diag_embed diagonal_backward diagonal_scatter embedding empty empty_like empty_strided eq eye fill fill_ flip floor
    full full_like gather ge gt hardtanh hardtanh_backward heaviside im2col index index_fill index_put index_select
    isfinite isinf isnan kthvalue le leaky_relu logical_and logical_not logical_or lt masked_fill masked_scatter
    masked_select max max_pool2d_with_indices max_pool2d_with_indices_backward maximum median min minimum nan_to_num ne
    neg new_empty new_full new_ones new_zeros nonzero one_hot ones ones_like rand rand_like randint randn randn_like
    relu relu_ repeat roll round scalar_tensor scatter select_backward select_scatter sgn sign slice_backward
    slice_scatter sort split_with_sizes_copy stack threshold threshold_backward topk tril triu trunc uniform_
    unfold_backward unique_dim value_selecting_reduction_backward where zero_ zeros zeros_like
    """.split()  # noqa: SIM905
)


# Operations that round inside, taken apart by torch's own rules.
_FUSED = """
    _log_softmax _log_softmax_backward_data _softmax _softmax_backward_data logsumexp log_sigmoid_forward
    log_sigmoid_backward native_layer_norm native_layer_norm_backward gelu gelu_backward softplus softplus_backward
    binary_cross_entropy_with_logits silu silu_backward mish mish_backward logaddexp tanh_backward sigmoid_backward
""".split()  # noqa: SIM905


def _taken_apart() -> dict[Any, Any]:
    table = torch._decomp.decomposition_table
    return {op: rule for op, rule in table.items() if getattr(op, "_schema", None) and _short(op) in _FUSED}


def _short(op: Any) -> str:
    return str(op._schema.name).partition("::")[2]


_STEPS = _taken_apart()


class RoundingNoise(TorchDispatchMode):  # type: ignore[misc, no-untyped-call, unused-ignore]
    """Within it, each floating result of an operation that rounds is multiplied by 1 + u xi."""

    def __init__(self, rounding: Rounding) -> None:
        super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
        self._rounding = rounding

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        steps = _STEPS.get(func)
        if steps is not None:
            with self:  # what one operation does inside is seen as the steps it consists of
                return steps(*args, **(kwargs or {}))
        out = func(*args, **(kwargs or {}))
        name = _short(func)
        aliased = any(r.alias_info is not None for r in func._schema.returns)  # a view, or written in place
        if aliased or name in EXACT:
            return out
        if isinstance(out, (tuple, list)):
            return type(out)(self._noisy(y) for y in out)
        return self._noisy(out)

    def _noisy(self, y: Any) -> Any:
        if not isinstance(y, torch.Tensor) or not (y.is_floating_point() or y.is_complex()):
            return y
        factor = torch.from_numpy(self._rounding.factor(y.shape))
        return y * factor.to(device=y.device, dtype=torch.float64)
