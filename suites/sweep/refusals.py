"""Arguments that an op should refuse: shapes that do not fit, indices out of range, options that do not exist."""

from dataclasses import dataclass
from typing import Any

from pytest_dualfw import Framework

from .divergence import CONVENTION, RAISES, Divergence
from .row import NAMES, modules


@dataclass(frozen=True, eq=False)
class Refusal:
    """Two expressions, without arguments, that should raise; ``why`` says what is wrong with them."""

    name: str
    torch: str
    jax: str
    why: str

    def accepted(self, fw: Framework) -> Any:
        """What the framework returns where it should have refused; None where it raised."""
        try:
            return fw.to_numpy(eval(getattr(self, fw.name), modules(NAMES[fw.name])))
        except Exception:  # of whatever kind: each framework has its own
            return None


def _matrix(*shape: int) -> tuple[str, str]:
    return f"torch.ones({shape})", f"jnp.ones({shape})"


T23, J23 = _matrix(2, 3)
T45, J45 = _matrix(4, 5)
OUT = "an index is out of range"
FIT = "the shapes do not fit"

REFUSALS: tuple[Refusal, ...] = (
    Refusal("add", f"{T23} + {T45}", f"{J23} + {J45}", FIT),
    Refusal("matmul", f"{T23} @ {T45}", f"{J23} @ {J45}", FIT),
    Refusal("reshape", f"{T23}.reshape(4, 2)", f"{J23}.reshape(4, 2)", FIT),
    Refusal("concatenate", f"torch.cat([{T23}, {T45}])", f"jnp.concatenate([{J23}, {J45}])", FIT),
    Refusal("stack", f"torch.stack([{T23}, {T45}])", f"jnp.stack([{J23}, {J45}])", FIT),
    Refusal("einsum", f"torch.einsum('ij,jk', {T23}, {T45})", f"jnp.einsum('ij,jk', {J23}, {J45})", FIT),
    Refusal("solve", f"torch.linalg.solve({T23}, {T23})", f"jnp.linalg.solve({J23}, {J23})", "no square matrix"),
    Refusal("cholesky", f"torch.linalg.cholesky({T23})", f"jnp.linalg.cholesky({J23})", "no square matrix"),
    Refusal("det", f"torch.linalg.det({T23})", f"jnp.linalg.det({J23})", "no square matrix"),
    Refusal("inv", f"torch.linalg.inv({T23})", f"jnp.linalg.inv({J23})", "no square matrix"),
    Refusal("singular inverse", "torch.linalg.inv(torch.zeros(2, 2))", "jnp.linalg.inv(jnp.zeros((2, 2)))", "singular"),
    Refusal(
        "singular solve",
        "torch.linalg.solve(torch.zeros(2, 2), torch.ones(2))",
        "jnp.linalg.solve(jnp.zeros((2, 2)), jnp.ones(2))",
        "singular",
    ),
    Refusal(
        "cholesky of an indefinite matrix",
        "torch.linalg.cholesky(-torch.eye(2))",
        "jnp.linalg.cholesky(-jnp.eye(2))",
        "the matrix is not positive definite",
    ),
    Refusal("axis of sum", f"{T23}.sum(2)", f"{J23}.sum(2)", "there is no such axis"),
    Refusal("axis of softmax", f"F.softmax({T23}, 2)", f"jax.nn.softmax({J23}, 2)", "there is no such axis"),
    Refusal("axis of cumsum", f"torch.cumsum({T23}, 2)", f"jnp.cumsum({J23}, 2)", "there is no such axis"),
    Refusal("index", f"{T23}[2]", f"{J23}[2]", OUT),
    Refusal("index by an array", f"{T23}[torch.tensor([5])]", f"{J23}[jnp.array([5])]", OUT),
    Refusal("take", f"torch.take({T23}, torch.tensor([6]))", f"jnp.take({J23}, jnp.array([6]))", OUT),
    Refusal(
        "gather",
        f"torch.gather({T23}, 1, torch.tensor([[3]]))",
        f"jnp.take_along_axis({J23}, jnp.array([[3]]), 1)",
        OUT,
    ),
    Refusal(
        "scatter",
        f"{T23}.scatter(1, torch.tensor([[3]]), 1.0)",
        f"{J23}.at[0, jnp.array([3])].set(1.0)",
        OUT,
    ),
    Refusal(
        "index add",
        f"{T23}.index_add(0, torch.tensor([2]), torch.ones(1, 3))",
        f"{J23}.at[jnp.array([2])].add(1.0)",
        OUT,
    ),
    Refusal("embedding", "F.embedding(torch.tensor([4]), torch.ones(3, 2))", "jnp.ones((3, 2))[jnp.array([4])]", OUT),
    Refusal("one_hot", "F.one_hot(torch.tensor([5]), 3)", "jax.nn.one_hot(jnp.array([5]), 3)", OUT),
    Refusal("negative one_hot", "F.one_hot(torch.tensor([-1]), 3)", "jax.nn.one_hot(jnp.array([-1]), 3)", OUT),
    Refusal("top_k", "torch.topk(torch.ones(3), 4).values", "lax.top_k(jnp.ones(3), 4)[0]", "k is too large"),
    Refusal("max of nothing", "torch.zeros(0).max()", "jnp.zeros(0).max()", "there is no largest of no numbers"),
    Refusal("argmax of nothing", "torch.zeros(0).argmax()", "jnp.zeros(0).argmax()", "there is no largest of none"),
    Refusal("integer division by zero", "torch.tensor(1) // torch.tensor(0)", "jnp.array(1) // jnp.array(0)", "x / 0"),
    Refusal("remainder by zero", "torch.tensor(1) % torch.tensor(0)", "jnp.array(1) % jnp.array(0)", "x / 0"),
    Refusal("negative integer power", "torch.tensor(2) ** -1", "jnp.array(2) ** -1", "an integer cannot hold it"),
    Refusal(
        "convolution",
        "F.conv1d(torch.ones(1, 2, 5), torch.ones(1, 3, 2))",
        "lax.conv(jnp.ones((1, 2, 5)), jnp.ones((1, 3, 2)), (1,), 'VALID')",
        "the channels do not fit",
    ),
    Refusal(
        "kernel larger than its input",
        "F.conv1d(torch.ones(1, 1, 2), torch.ones(1, 1, 3))",
        "lax.conv(jnp.ones((1, 1, 2)), jnp.ones((1, 1, 3)), (1,), 'VALID')",
        "no position is left",
    ),
    Refusal("split", f"torch.stack(torch.split({T23}, [1, 1], 1))", f"jnp.stack(jnp.split({J23}, 2, 1))", FIT),
    Refusal("broadcast", f"{T23}.expand(2, 4)", f"jnp.broadcast_to({J23}, (2, 4))", FIT),
    Refusal("flip", f"torch.flip({T23}, [2])", f"jnp.flip({J23}, 2)", "there is no such axis"),
    Refusal(
        "quantile above one",
        "torch.quantile(torch.ones(3), 1.5)",
        "jnp.quantile(jnp.ones(3), 1.5)",
        "there is no such quantile",
    ),
    Refusal(
        "variance of one", "torch.ones(1).var(correction=1)", "jnp.ones(1).var(ddof=1)", "nothing is left to average"
    ),
    Refusal("overflow of a cast", "torch.tensor(300.0).to(torch.int8)", "jnp.array(300.0).astype('int8')", "no int8"),
    Refusal(
        "NaN to an integer", "torch.tensor(float('nan')).int()", "jnp.array(jnp.nan).astype('int32')", "no integer"
    ),
)

FAMILY = "refusals"


def refused(refusal: Refusal, made: dict[str, Framework], versions: dict[str, str]) -> Divergence | None:
    """An entry of the catalogue where one of the frameworks accepts what it should refuse."""
    got: dict[str, Any] = {}
    for name, fw in made.items():
        with fw.scope():
            got[name] = refusal.accepted(fw)
    if all(x is None for x in got.values()):
        return None
    return Divergence(
        id=f"{refusal.name}: refusal: convention",
        op=refusal.name,
        family=FAMILY,
        kind=CONVENTION,
        what="refusal",
        at=refusal.why,
        input=(),
        obtained={name: RAISES if x is None else str(x.tolist()) for name, x in got.items()},
        ulps=0.0,
        targets=tuple("-".join(str(fw.target).split("-")[:3]) for fw in made.values()),
        versions=versions,
    )
