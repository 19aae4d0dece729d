"""Sorting, order statistics, the largest and where they are, search in sorted arrays, counts."""

from functools import partial

import numpy as np

from ..formulas.order import (
    commonest,
    counts,
    different,
    histogram,
    in_rows,
    k_largest,
    mean_rank,
    ones,
    places,
    quantile,
    ranked,
    searched,
)
from ..tensors import TensorRow, fixed, shaped

ONE = shaped((1, 1), skip=("ties", "tiny"))
NO_ROWS = (fixed("no rows", np.zeros((0, 4))),)
NO_COLUMNS = (fixed("no columns", np.zeros((3, 0))),)
DISTINCT = shaped((3, 4), skip=("ties", "zeros"))
# Where three or more are equal, slopes in one entry do not say what a gradient may be.
IN_ORDER = (*DISTINCT, fixed("pairs", [[1.0, 1.0, -2.0, 3.0], [0.5, 2.0, 2.0, 0.5]]))
ODD = shaped((3, 3), skip=("ties", "zeros"))
MATRIX = shaped((3, 4))
VECTOR = shaped((8,))
EDGES = "[-1.0, -0.5, 0.0, 0.0, 1.0]"
AT_EDGES = (fixed("at edges", [-1.0, -0.5, 0.0, 1.0, -1.25, 0.75, 1.5, -0.25]),)
REPEATED = (fixed("repeated", [3.0, 1.0, -1.0, 2.5, 3.0, 1.0, 3.0]),)
SMALL_INTEGERS = (fixed("integers", [3.0, 0.0, 1.0, 3.0, 3.0, 1.0]),)


ORDER_STATISTICS = (
    TensorRow(
        "median: the lower",
        "torch.median(x, 1).values",
        "jnp.quantile(x, 0.5, axis=1, method='lower')",
        lambda x: quantile(x, 0.5, "lower"),
        inputs=IN_ORDER + ODD + ONE,
    ),
    TensorRow(
        "median: the mean of two",
        "torch.quantile(x, 0.5, dim=1)",
        "jnp.median(x, axis=1)",
        lambda x: quantile(x, 0.5),
        inputs=IN_ORDER + ODD + ONE,
    ),
    TensorRow(
        "median: of all, an odd count",
        "torch.median(x)",
        "jnp.median(x)",
        lambda x: quantile(x.reshape(1, -1), 0.5)[0],
        inputs=ODD + ONE,
    ),
    TensorRow(
        "median default",
        "torch.median(x, 1).values",
        "jnp.median(x, 1)",
        lambda x: quantile(x, 0.5, "lower"),
        inputs=IN_ORDER,
        note="defaults differ: torch, which the truth follows, takes the lower of the middle two, jnp their mean",
    ),
    TensorRow(
        "nanmedian: an odd count",
        "torch.nanmedian(x, 1).values",
        "jnp.nanmedian(x, 1)",
        lambda x: quantile(x, 0.5),
        inputs=ODD + ONE,
    ),
    *(
        TensorRow(
            f"quantile: {method}",
            f"torch.quantile(x, 0.375, dim=1, interpolation='{method}')",
            f"jnp.quantile(x, 0.375, axis=1, method='{method}')",
            lambda x, method=method: quantile(x, 0.375, method),
            inputs=IN_ORDER + ONE,
        )
        for method in ("linear", "lower", "higher", "nearest", "midpoint")
    ),
    TensorRow(
        "quantile: several",
        "torch.quantile(x, torch.tensor([0.0, 0.25, 1.0], dtype=x.dtype), dim=1)",
        "jnp.quantile(x, jnp.array([0.0, 0.25, 1.0], dtype=x.dtype), axis=1)",
        lambda x: np.stack([quantile(x, q) for q in (0.0, 0.25, 1.0)]),
        inputs=IN_ORDER + ONE,
    ),
    TensorRow(
        "quantile: of all",
        "torch.quantile(x, 0.75)",
        "jnp.percentile(x, 75.0)",
        lambda x: quantile(x.reshape(1, -1), 0.75)[0],
        inputs=IN_ORDER + ONE,
    ),
    TensorRow(
        "nanquantile",
        "torch.nanquantile(x, 0.625, dim=1, keepdim=True)",
        "jnp.nanquantile(x, 0.625, axis=1, keepdims=True)",
        lambda x: quantile(x, 0.625)[:, None],
        inputs=IN_ORDER + ONE,
    ),
)

SORTS = (
    TensorRow("sort", "torch.sort(x, 1).values", "jnp.sort(x, 1)", lambda x: np.sort(x, 1), inputs=IN_ORDER + NO_ROWS),
    TensorRow(
        "sort: values at ties",
        "torch.sort(x, 1).values",
        "jnp.sort(x, 1)",
        lambda x: np.sort(x, 1),
        inputs=MATRIX + NO_COLUMNS,
        differentiable=False,
    ),
    TensorRow(
        "sort: descending",
        "torch.sort(x, 1, descending=True).values",
        "jnp.sort(x, 1, descending=True)",
        lambda x: np.sort(x, 1)[:, ::-1],
        inputs=IN_ORDER + ONE,
    ),
    TensorRow(
        "sort: of all",
        "torch.sort(torch.ravel(x)).values",
        "jnp.sort(x, axis=None)",
        lambda x: np.sort(x.reshape(-1)),
        inputs=DISTINCT + ONE,
    ),
    TensorRow("msort", "torch.msort(x)", "jnp.sort(x, 0)", lambda x: np.sort(x, 0), inputs=DISTINCT + NO_COLUMNS),
    TensorRow(
        "sort, then flip",
        "torch.flip(torch.sort(x, 1).values, (1,))",
        "jnp.flip(jnp.sort(x, 1), 1)",
        lambda x: np.sort(x, 1)[:, ::-1],
        inputs=IN_ORDER + ONE,
    ),
    TensorRow(
        "sort: by keys",
        "torch.gather(y, 0, torch.argsort(x, stable=True))",
        "lax.sort_key_val(x, y)[1]",
        lambda x, y: y[ranked(x)],
        inputs=shaped((4,), (4,)),
    ),
    TensorRow(
        "sort: of several arrays",
        "torch.gather(y, 0, torch.argsort(x, stable=True)) * torch.sort(x).values",
        "jnp.prod(jnp.stack(lax.sort((x, y), num_keys=1)), 0)",
        lambda x, y: (x * y)[ranked(x)],
        inputs=shaped((4,), (4,), skip=("ties", "zeros")),
    ),
    TensorRow(
        "argsort",
        "torch.argsort(x, dim=1, stable=True).to(x.dtype)",
        "jnp.argsort(x, 1, stable=True).astype(x.dtype)",
        in_rows(ranked),
        inputs=MATRIX + ONE + NO_COLUMNS,
        differentiable=False,
    ),
    TensorRow(
        "argsort: descending",
        "torch.argsort(x, dim=1, descending=True, stable=True).to(x.dtype)",
        "jnp.argsort(x, 1, descending=True, stable=True).astype(x.dtype)",
        in_rows(lambda row: ranked(row, largest_first=True)),
        inputs=MATRIX + ONE,
        differentiable=False,
    ),
    TensorRow(
        "argsort, then gather",
        "torch.gather(x, 1, torch.argsort(x, dim=1, stable=True))",
        "jnp.take_along_axis(x, jnp.argsort(x, 1, stable=True), 1)",
        lambda x: np.sort(x, 1),
        inputs=IN_ORDER + ONE,
    ),
    TensorRow(
        "argsort: ranks",
        "torch.argsort(torch.argsort(x, dim=1, stable=True), dim=1).to(x.dtype)",
        "jnp.argsort(jnp.argsort(x, 1, stable=True), 1).astype(x.dtype)",
        in_rows(lambda row: ranked(np.array(ranked(row)))),
        inputs=MATRIX,
        differentiable=False,
    ),
    TensorRow(
        "rankdata",
        "((x < x[:, None]).sum(1) + ((x == x[:, None]).sum(1) + 1) / 2).to(x.dtype)",
        "jsp.stats.rankdata(x).astype(x.dtype)",
        mean_rank,
        inputs=VECTOR,
        differentiable=False,
    ),
    TensorRow(
        "partition: its turning point",
        "torch.kthvalue(x, 3, 1).values",
        "jnp.partition(x, 2, axis=1)[:, 2]",
        lambda x: np.sort(x, 1)[:, 2],
        inputs=IN_ORDER,
    ),
    TensorRow(
        "kthvalue",
        "torch.kthvalue(x, 2, 1).values",
        "jnp.sort(x, 1)[:, 1]",
        lambda x: np.sort(x, 1)[:, 1],
        inputs=IN_ORDER,
    ),
)

LARGEST = (
    TensorRow(
        "topk",
        "torch.topk(x, 2, 1).values",
        "lax.top_k(x, 2)[0]",
        lambda x: k_largest(x, 2),
        inputs=IN_ORDER + NO_ROWS,
    ),
    TensorRow(
        "topk: all of them",
        "torch.topk(x, 4, 1).values",
        "lax.top_k(x, 4)[0]",
        lambda x: k_largest(x, 4),
        inputs=IN_ORDER,
    ),
    TensorRow(
        "topk: values at ties",
        "torch.topk(x, 3, 1).values",
        "lax.top_k(x, 3)[0]",
        lambda x: k_largest(x, 3),
        inputs=MATRIX,
        differentiable=False,
    ),
    TensorRow(
        "topk: smallest",
        "torch.topk(x, 2, 1, largest=False).values",
        "-lax.top_k(-x, 2)[0]",
        lambda x: np.sort(x, 1)[:, :2],
        inputs=IN_ORDER,
    ),
    TensorRow(
        "topk: indices",
        "torch.topk(x, 2, 1).indices.to(x.dtype)",
        "lax.top_k(x, 2)[1].astype(x.dtype)",
        in_rows(lambda row: ranked(row, largest_first=True)[:2]),
        inputs=DISTINCT,
        differentiable=False,
        note="no two equal: torch does not say which comes first",
    ),
    *(
        row
        for what, place in (("max", np.argmax), ("min", np.argmin))
        for row in (
            TensorRow(
                f"arg{what}",
                f"torch.arg{what}(x, 1).to(x.dtype)",
                f"jnp.arg{what}(x, 1).astype(x.dtype)",
                partial(place, axis=1),
                inputs=MATRIX + ONE + NO_ROWS,
                differentiable=False,
            ),
            TensorRow(
                f"arg{what}: of all",
                f"torch.arg{what}(x).to(x.dtype)",
                f"jnp.arg{what}(x).astype(x.dtype)",
                lambda x, place=place: int(place(x)),
                inputs=MATRIX + ONE,
                differentiable=False,
            ),
            TensorRow(
                f"arg{what}: keepdims",
                f"torch.arg{what}(x, 0, keepdim=True).to(x.dtype)",
                f"jnp.arg{what}(x, 0, keepdims=True).astype(x.dtype)",
                partial(place, axis=0, keepdims=True),
                inputs=MATRIX + ONE,
                differentiable=False,
            ),
        )
    ),
    TensorRow(
        "max: indices",
        "torch.max(x, 1).indices.to(x.dtype)",
        "jnp.argmax(x, 1).astype(x.dtype)",
        lambda x: np.argmax(x, 1),
        inputs=DISTINCT,
        differentiable=False,
    ),
    TensorRow(
        "nanargmax",
        "torch.argmax(torch.where(torch.isnan(x), -torch.inf, x), 1).to(x.dtype)",
        "jnp.nanargmax(x, 1).astype(x.dtype)",
        lambda x: np.argmax(x, 1),
        inputs=MATRIX,
        differentiable=False,
    ),
    TensorRow(
        "mode",
        "torch.mode(x).values",
        "jsp.stats.mode(x).mode",
        commonest,
        inputs=REPEATED + SMALL_INTEGERS,
        differentiable=False,
    ),
)

SEARCHES = (
    *(
        TensorRow(
            f"searchsorted: {side}",
            f"torch.searchsorted(torch.tensor({EDGES}, dtype=x.dtype), x, side='{side}').to(x.dtype)",
            f"jnp.searchsorted(jnp.array({EDGES}, dtype=x.dtype), x, side='{side}').astype(x.dtype)",
            searched(side),
            inputs=VECTOR + AT_EDGES,
            differentiable=False,
        )
        for side in ("left", "right")
    ),
    *(
        TensorRow(
            f"searchsorted: {method}",
            f"torch.searchsorted(torch.tensor({EDGES}, dtype=x.dtype), x).to(x.dtype)",
            f"jnp.searchsorted(jnp.array({EDGES}, dtype=x.dtype), x, method='{method}').astype(x.dtype)",
            searched("left"),
            inputs=VECTOR + AT_EDGES,
            differentiable=False,
        )
        for method in ("scan_unrolled", "sort", "compare_all")
    ),
    TensorRow(
        "searchsorted: with a sorter",
        "torch.searchsorted(x, y, sorter=torch.argsort(x)).to(x.dtype)",
        "jnp.searchsorted(x, y, sorter=jnp.argsort(x)).astype(x.dtype)",
        lambda x, y: places(y, x, "left"),
        inputs=shaped((5,), (6,)),
        differentiable=False,
    ),
    TensorRow(
        "bucketize: right",
        f"torch.bucketize(x, torch.tensor({EDGES}, dtype=x.dtype), right=True).to(x.dtype)",
        f"jnp.digitize(x, jnp.array({EDGES}, dtype=x.dtype)).astype(x.dtype)",
        searched("right"),
        inputs=VECTOR + AT_EDGES,
        differentiable=False,
        note="digitize's right=False is bucketize's right=True",
    ),
    TensorRow(
        "bucketize: left",
        f"torch.bucketize(x, torch.tensor({EDGES}, dtype=x.dtype)).to(x.dtype)",
        f"jnp.digitize(x, jnp.array({EDGES}, dtype=x.dtype), right=True).astype(x.dtype)",
        searched("left"),
        inputs=VECTOR + AT_EDGES,
        differentiable=False,
    ),
    TensorRow(
        "isin",
        f"torch.isin(x, torch.tensor({EDGES}, dtype=x.dtype)).to(x.dtype)",
        f"jnp.isin(x, jnp.array({EDGES}, dtype=x.dtype)).astype(x.dtype)",
        lambda x: np.array([v in (-1.0, -0.5, 0.0, 1.0) for v in x]),
        inputs=VECTOR + AT_EDGES,
        differentiable=False,
    ),
)

COUNTS = (
    TensorRow("unique", "torch.unique(x)", "jnp.unique(x, size=4)", different, inputs=REPEATED, differentiable=False),
    TensorRow(
        "unique: counts",
        "torch.unique(x, return_counts=True)[1].to(x.dtype)",
        "jnp.unique(x, size=4, return_counts=True)[1].astype(x.dtype)",
        lambda x: [list(x).count(v) for v in different(x)],
        inputs=REPEATED,
        differentiable=False,
    ),
    TensorRow(
        "unique: inverse",
        "torch.unique(x, return_inverse=True)[1].to(x.dtype)",
        "jnp.unique(x, size=4, return_inverse=True)[1].astype(x.dtype)",
        lambda x: [different(x).index(v) for v in x],
        inputs=REPEATED,
        differentiable=False,
    ),
    TensorRow(
        "unique: padded",
        "F.pad(torch.unique(x), (0, 3), value=7.0)",
        "jnp.unique(x, size=7, fill_value=7.0)",
        lambda x: [*different(x), 7, 7, 7],
        inputs=REPEATED,
        differentiable=False,
    ),
    TensorRow(
        "unique: rows",
        "torch.unique(x, dim=0)",
        "jnp.unique(x, size=2, axis=0)",
        lambda x: x[[1, 0]],
        inputs=(fixed("rows", [[1.0, 0.5], [-1.0, 2.0], [1.0, 0.5]]),),
        differentiable=False,
    ),
    TensorRow(
        "bincount",
        "torch.bincount(x.to(torch.int64), minlength=5).to(x.dtype)",
        "jnp.bincount(x.astype(int), length=5).astype(x.dtype)",
        lambda x: counts(x, ones(x)),
        inputs=(*SMALL_INTEGERS, fixed("empty", np.zeros(0))),
        differentiable=False,
    ),
    TensorRow(
        "bincount: weights",
        "torch.bincount(torch.tensor([0, 2, 2, 1, 0, 2, 4, 4]), weights=x)",
        "jnp.bincount(jnp.array([0, 2, 2, 1, 0, 2, 4, 4]), weights=x, length=5)",
        lambda x: counts(np.array([0, 2, 2, 1, 0, 2, 4, 4]), x),
        inputs=VECTOR,
        differentiable=False,
    ),
    TensorRow(
        "histogram",
        "torch.histc(x, bins=4, min=-2, max=2)",
        "jnp.histogram(x, bins=4, range=(-2, 2))[0].astype(x.dtype)",
        lambda x: histogram(x, ones(x)),
        inputs=VECTOR + AT_EDGES + (fixed("ends", [-2.0, 2.0, 2.25, -2.25, 1.0, 0.0]),),
        differentiable=False,
    ),
    TensorRow(
        "histogram: weights",
        "torch.histogram(x, bins=4, range=(-2.0, 2.0), weight=y).hist",
        "jnp.histogram(x, bins=4, range=(-2, 2), weights=y)[0]",
        histogram,
        inputs=shaped((8,), (8,), skip=("huge",)),
        differentiable=False,
    ),
    TensorRow(
        "histogram: density",
        "torch.histogram(x, bins=4, range=(-2.0, 2.0), density=True).hist",
        "jnp.histogram(x, bins=4, range=(-2, 2), density=True)[0]",
        lambda x: histogram(x, ones(x)) / histogram(x, ones(x)).sum(),
        inputs=VECTOR + AT_EDGES,
        differentiable=False,
    ),
    TensorRow(
        "histogram: edges",
        "torch.histogram(x, bins=torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0], dtype=x.dtype)).hist",
        "jnp.histogram(x, bins=jnp.array([-2.0, -1.0, 0.0, 1.0, 2.0], dtype=x.dtype))[0].astype(x.dtype)",
        lambda x: histogram(x, ones(x)),
        inputs=VECTOR + AT_EDGES,
        differentiable=False,
    ),
)

ORDERING: tuple[TensorRow, ...] = (*SORTS, *LARGEST, *ORDER_STATISTICS, *SEARCHES, *COUNTS)
