"""What convolution and pooling share: the number of places at which a window fits."""

from typing import TypeAlias

Pair: TypeAlias = tuple[int, int]


def output_size(size: Pair, window: Pair, *, stride: Pair, padding: Pair, dilation: Pair = (1, 1)) -> Pair:
    """Rows and columns of the output: floor((size + 2 padding - span) / stride) + 1, span = dilation (window - 1) + 1.

    Raises ValueError where a number is too small or the window spans more than the padded input.
    """
    _check_pair("window", window, 1)
    _check_pair("stride", stride, 1)
    _check_pair("padding", padding, 0)
    _check_pair("dilation", dilation, 1)
    spans = [d * (k - 1) + 1 for k, d in zip(window, dilation, strict=True)]
    padded = [n + 2 * p for n, p in zip(size, padding, strict=True)]
    if spans[0] > padded[0] or spans[1] > padded[1]:
        raise ValueError(f"the window spans {spans[0]} x {spans[1]}; the padded input allows {padded[0]} x {padded[1]}")
    rows, columns = ((n - k) // s + 1 for n, k, s in zip(padded, spans, stride, strict=True))
    return rows, columns


def _check_pair(name: str, value: Pair, least: int) -> None:
    if len(value) != 2 or min(value) < least:
        raise ValueError(f"{name} is {value}; allowed are two integers of at least {least}")
