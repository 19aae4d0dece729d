"""Chains of elementwise operations: the operators are the same in both frameworks."""

from typing import Any


def elementwise_1(x: Any, y: Any) -> Any:
    return x * y


def elementwise_5(x: Any, y: Any) -> Any:
    return _round(x, x, y)


def elementwise_20(x: Any, y: Any) -> Any:
    z = x
    for _ in range(4):
        z = _round(z, x, y)
    return z


def _round(z: Any, x: Any, y: Any) -> Any:
    z = z * y
    z = z + x
    z = z - y
    z = z * z
    return z * x
