"""What a framework computes for a row: the value, reverse mode, forward mode, and the same asked in other ways."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pytest_dualfw import Framework

from .points import Floats
from .row import Row

Function = Callable[..., Any]
Arrays = Sequence[Any]

VALUE, FORWARD, SECOND = "value", "forward d/dx", "second d/dx"
# Of ops of arrays: along tangents, in all arguments.
JVP, CURVATURE = "jvp", "second derivative along the tangents"
# Quantities in their own right; what is not among them is one of these asked in another way.
PLAIN = (VALUE, *(f"d/d{n}" for n in "xyzabcde"))
BASES = (*PLAIN, SECOND, CURVATURE)
# torch's second way to a gradient; its vmap and layouts are asked by it.
FUNCTIONAL = "torch.func"
# Of numbers: each stands in two places, and one of them is looked at.
BROADCAST = "broadcast"
# Layouts in memory that torch's arrays can have.
LAYOUTS = {"torch": ("strided", "transposed")}
# What a framework raises where it has no such rule for an op.
MISSING = (NotImplementedError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True)
class Question:
    """A row's arguments and what is asked of it there: gradients at ``cotangent(y)``, derivatives along ``tangents``.
    ``beside`` are other arguments of the same shapes, for a batch of two; ``deep`` asks in other ways too.
    """

    xs: tuple[Floats, ...]
    tangents: tuple[Floats, ...]
    beside: tuple[Floats, ...]
    cotangent: Callable[[tuple[int, ...]], Floats]
    gradients: bool = True
    deep: bool = False


@dataclass(frozen=True)
class Answer:
    """By quantity: ``value``, ``d/dx`` and so on, ``forward d/dx``, ``second d/dx``, ``vmap of value``, ...; in
    float64. ``missing`` says why a framework has no answer.
    """

    found: dict[str, Floats] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


class Measure:
    """Compiles a row once for each shape."""

    def __init__(self, row: Row, fw: Framework) -> None:
        self._row, self._fw = row, fw
        self._f = row.function(fw.name)
        self._value = fw.compile(self._f)
        self._made: dict[str, Function] = {}

    def at(self, q: Question) -> Answer:
        xs = [self._fw.asarray(x) for x in q.xs]
        answer = Answer({VALUE: self._plain(self._value(*xs))})
        if q.gradients:
            answer.found.update(self._named("", self._as_users_ask(q)(*xs)))
            self._try(answer, FORWARD if self._row.entrywise else JVP, lambda: self._forward(q, xs))
        if q.deep:
            self._ask_deeply(answer, q, xs)
        return answer

    def _ask_deeply(self, answer: Answer, q: Question, xs: Arrays) -> None:
        if q.gradients:
            self._try(answer, SECOND if self._row.entrywise else CURVATURE, lambda: self._second(q, xs))
        self._try(answer, f"other mode of {VALUE}", lambda: self._other_mode(q)(*xs))
        for way, f in self._ways(q):
            self._ask_another_way(answer, q, xs, way, f)

    def _ask_another_way(self, answer: Answer, q: Question, xs: Arrays, way: str, f: Function) -> None:
        if way != FUNCTIONAL:  # which changes gradients only
            value = self._home(q, way, lambda: f)
            self._try(answer, f"{way} of {VALUE}", lambda: value(*xs))
        if q.gradients:
            reverse = self._home(q, f"{way} reverse", lambda: self._reverse(f, q))
            self._try_all(answer, way, lambda: reverse(*xs))
            if way == BROADCAST:
                self._forgive_infinite_slopes(answer)

    def _forgive_infinite_slopes(self, answer: Answer) -> None:
        """The column that is not looked at brings 0 times the slope."""
        for n in self._row.arguments:
            what, plain = f"{BROADCAST} of d/d{n}", answer.found[f"d/d{n}"]
            if what in answer.found:
                found = answer.found[what]
                answer.found[what] = np.where(np.isinf(plain) & np.isnan(found), plain, found)

    def _ways(self, q: Question) -> Iterator[tuple[str, Function]]:
        fw, f = self._fw, self._f
        if fw.name == "torch":
            yield FUNCTIONAL, f
        beside = [fw.asarray(x) for x in q.beside]

        def mapped(*xs: Any) -> Any:
            return fw.vmap(f)(*(fw.xp.stack([x, b]) for x, b in zip(xs, beside, strict=True)))[0]

        def broadcast(*xs: Any) -> Any:
            return f(*(fw.xp.broadcast_to(x[:, None], (*x.shape, 2)) for x in xs))[:, 0]

        yield "vmap", mapped
        if self._row.entrywise and not self._row.one_axis:
            yield BROADCAST, broadcast
        for layout in LAYOUTS.get(fw.name, ()) if not self._row.of_memory else ():
            yield layout, lambda *xs, layout=layout: f(*(fw.laid_out(x, layout) for x in xs))

    def _as_users_ask(self, q: Question) -> Function:
        """``backward()`` in torch, whose rules for singular cases are others than those of torch.func."""
        if self._fw.name == "torch":
            return lambda *xs: self._backward(q, [x.detach().requires_grad_() for x in xs])
        return self._home(q, "reverse", lambda: self._reverse(self._f, q))

    def _backward(self, q: Question, xs: Arrays) -> Any:
        y = self._f(*xs)
        if y.requires_grad:  # else it is a constant
            y.backward(self._fw.asarray(q.cotangent(tuple(y.shape))))
        return [self._fw.xp.zeros_like(x) if x.grad is None else x.grad for x in xs]

    def _reverse(self, f: Function, q: Question) -> Function:
        def reverse(*xs: Any) -> Any:
            y, pullback = self._fw.vjp(f, *xs)
            return pullback(self._fw.asarray(q.cotangent(tuple(y.shape))))

        return reverse

    def _forward(self, q: Question, xs: Arrays) -> Any:
        vs = [self._fw.asarray(v) for v in q.tangents]
        return self._home(q, "forward", lambda: lambda xs, vs: self._fw.jvp(self._f, xs, vs)[1])(xs, vs)

    def _second(self, q: Question, xs: Arrays) -> Any:
        """The curvature along the tangents, reverse over reverse: v H v, entry by entry where the op is."""
        vs = tuple(self._fw.asarray(v) for v in q.tangents)

        def curvature(xs: Arrays, vs: Arrays) -> Any:
            pullback = self._fw.vjp(self._reverse(self._f, q), *xs)[1]
            return [h * v for h, v in zip(pullback(vs), vs, strict=True)]

        each = self._home(q, "second", lambda: curvature)(xs, vs)
        return each[0] if self._row.entrywise else sum(h.sum() for h in each)

    def _other_mode(self, q: Question) -> Function:
        """As written in jit mode; compiled in eager mode."""
        return self._f if self._fw.mode == "jit" else self._home(q, "other mode", lambda: self._fw.jit(self._f))

    def _home(self, q: Question, name: str, make: Callable[[], Function]) -> Function:
        """Made once for each shape. Derivatives are compiled in JAX in either mode: op by op it is far slower."""
        key = f"{name} {[x.shape for x in q.xs]}"
        if key not in self._made:
            made = make()
            self._made[key] = self._fw.jit(made) if self._fw.name == "jax" else made
        return self._made[key]

    def _named(self, way: str, gradients: Any) -> dict[str, Floats]:
        of = f"{way} of " if way else ""
        return {f"{of}d/d{n}": self._plain(d) for n, d in zip(self._row.arguments, gradients, strict=True)}

    def _try(self, answer: Answer, what: str, ask: Callable[[], Any]) -> None:
        try:
            answer.found[what] = self._plain(ask())
        except MISSING as error:
            answer.missing[what] = _first_line(error)

    def _try_all(self, answer: Answer, way: str, ask: Callable[[], Any]) -> None:
        try:
            answer.found.update(self._named(way, ask()))
        except MISSING as error:
            answer.missing[f"{way} of d/dx"] = _first_line(error)

    def _plain(self, y: Any) -> Floats:
        return np.asarray(self._fw.to_numpy(y)).astype(np.float64)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {next(iter(str(error).strip().splitlines()), '')}"
