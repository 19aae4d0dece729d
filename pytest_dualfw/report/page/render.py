"""The page as text: sections that have something to say, in their templates, with style, script and data inlined."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...kernels.svg import style
from ..text import MESSAGE, NAME, shortened, visible
from . import accuracy, catalogue, environment, findings, headline, matrix, nights, roofline, speed, tables, training
from .model import PageModel, Section

SECTIONS: tuple[Callable[[PageModel], Section | None], ...] = (
    environment.section,
    matrix.section,
    findings.section,
    findings.set_aside,
    accuracy.both,
    accuracy.ulp,
    catalogue.section,
    speed.section,
    roofline.section,
    nights.section,
    training.section,
    tables.section,
)
# No request can leave the page: nothing is allowed but what stands in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
# So many sentences about the run as a whole are shown; the rest is counted.
PROBLEMS = 50
_UNSAFE = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def page(model: PageModel) -> str:
    """The whole page: one self-contained HTML document in UTF-8, whatever the model holds."""
    sections = [s for s in (make(model) for make in SECTIONS) if s]
    data = {s.id: s.script for s in sections if s.script is not None}
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            model=model,
            headline=headline.headline(model),
            sections=sections,
            problems=PROBLEMS,
            policy=POLICY,
            style=Markup(asset("page.css") + style()[len("<style>") : -len("</style>")]),
            uplot_style=Markup(asset("uplot.min.css")) if "nights" in data else "",
            uplot=Markup(asset("uplot.min.js")) if "nights" in data else "",
            script=Markup(asset("page.js")),
            data=Markup(for_script(data)),
        )
    )


def for_script(data: Any) -> str:
    """JSON that can stand in a script element: without ``<``, ``>``, ``&`` and the line ends of JavaScript."""
    told = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "".join(_UNSAFE.get(c, c) for c in visible(told))


@cache
def asset(name: str) -> str:
    """A file of ours without its indentation, which no browser needs."""
    text = (files(__package__) / "assets" / name).read_text(encoding="utf-8")
    return "\n".join(line.strip() for line in text.splitlines())


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_fit,
    )
    made.filters["drawn"] = lambda picture: Markup(visible(picture.replace(f"{style()}\n", "")))
    made.filters["name"] = lambda text: shortened(str(text), NAME)
    made.filters["message"] = lambda text: shortened(str(text), MESSAGE)
    return made


def _fit(value: Any) -> Any:
    """Text of others without characters that no document may hold; markup is ours."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
