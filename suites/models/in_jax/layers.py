"""Layers that find their parameters by name; the ops are those of the op table."""

from typing import Any

from pytest_dualfw import tap

from ...in_jax import layers as op


def linear(p: Any, name: str, x: Any) -> Any:
    return op.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])


def embedding(p: Any, name: str, indices: Any) -> Any:
    return op.embedding(indices, p[f"{name}.weight"])


def conv2d(p: Any, name: str, x: Any, **options: Any) -> Any:
    """Without a bias where the parameters hold none."""
    return op.conv2d(x, p[f"{name}.weight"], p.get(f"{name}.bias"), **options)


def conv_transpose2d(p: Any, name: str, x: Any, **options: Any) -> Any:
    return op.conv_transpose2d(x, p[f"{name}.weight"], p[f"{name}.bias"], **options)


def batch_norm(p: Any, name: str, x: Any, *, training: bool) -> Any:
    """In training the new running statistics are tapped under their names."""
    w, b = p[f"{name}.weight"], p[f"{name}.bias"]
    running = p[f"{name}.running_mean"], p[f"{name}.running_var"]
    if not training:
        return op.batch_norm_eval(x, w, b, *running)
    for kind, new in zip(("running_mean", "running_var"), op.batch_norm_running(x, *running), strict=True):
        tap(f"{name}.{kind}", new)
    return op.batch_norm(x, w, b)
