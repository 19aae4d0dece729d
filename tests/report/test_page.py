"""The page as text: what it holds, in which order, how large it is, and that text of others stays text."""

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from pytest_dualfw.report.page import PageModel, anchor, page
from pytest_dualfw.report.page.headline import headline
from pytest_dualfw.report.page.matrix import SYMBOLS
from pytest_dualfw.report.page.render import asset, for_script
from pytest_dualfw.report.text import ABSENT
from pytest_dualfw.report.words import in_words

from ..report import models

KILOBYTE = 1000


@pytest.fixture(scope="module")
def large():
    return page(models.large())


# In these, what reorders text ends with the element; the span is a turned column's head, an inline block.
ISOLATING = {"option", "bdi", "td", "th", "pre", "code", "text", "title", "p", "span", "script"}


class Read(HTMLParser):
    """Ids and links of a page, the sections' titles, and every attribute that could load something."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads, self.handlers, self.texts = [], [], [], [], []
        self.scripts, self.last = 0, ""
        self.feed(text)

    def around(self, words):
        """The elements in which the words stand."""
        return [tag for tag, text in self.texts if words in text]

    def handle_data(self, text):
        self.texts.append((self.last, text))

    def handle_starttag(self, tag, attributes):
        self.last = tag
        told = dict(attributes)
        self.scripts += tag == "script"
        self.ids += [told["id"]] if "id" in told else []
        self.links += [told["href"]] if tag == "a" else []
        self.loads += [told[a] for a in ("src", "srcset", "data", "action", "poster") if a in told]
        self.loads += [told["href"]] if tag == "link" else []
        self.handlers += [a for a in told if a.startswith("on")]


def markup_of(section, whole):
    return re.search(rf'<section id="{section}".*?</section>', whole, re.DOTALL)[0]


def text_of(section, whole):
    inline = re.sub(r"</?(bdi|b|small)\b[^>]*>", "", markup_of(section, whole))
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", inline)).split())


def test_sections_stand_in_their_order_and_all_links_lead_somewhere(large):
    read = Read(large)
    order = re.findall(r'<section id="([^"]+)"', large)
    assert " ".join(order) == "environment matrix findings set-aside both ulp catalogue speed roofline nights training"
    assert len(read.ids) == len(set(read.ids))
    inner = {link[1:] for link in read.links if link.startswith("#")}
    assert inner <= set(read.ids)
    assert [link for link in read.links if not link.startswith("#")] == ["https://github.com/leeoniya/uPlot"]


def test_nothing_is_loaded_from_anywhere(large):
    read = Read(large)
    assert read.loads == ["data:,"]
    assert read.handlers == []
    assert (
        '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; '
        'style-src &#39;unsafe-inline&#39;; script-src &#39;unsafe-inline&#39;; img-src data:">' in large
    )


def test_a_page_of_300_ops_and_60_nights_takes_300_kilobytes():
    model = models.large()
    alone = replace(model, kernels=[], run={**model.run, "tables": {}})
    assert (len(model.run["matrix"]), len(model.run["targets"])) == (300, 8)
    assert [len(model.timelines[0][key]) for key in ("runs", "series")] == [60, 100]
    assert len(page(alone).encode()) <= 300 * KILOBYTE


def test_with_all_tables_and_the_kernels_of_the_run_it_takes_little_more(large):
    assert len(large.encode()) <= 380 * KILOBYTE


def test_a_page_of_nothing_says_so():
    text = page(PageModel(made="now"))
    assert "Nothing was tested or measured" in text
    assert "<section" not in text
    assert "leeoniya" not in text


def test_each_source_alone_makes_a_page():
    model = models.large(ops=6, kernels=1, nights=4)
    expected = {
        "run": {"environment", "matrix", "both", "ulp", "catalogue", "training"},
        "kernels": {"environment", "speed", "roofline"},
        "nights": {"nights"},
    }
    for name, sections in expected.items():
        text = page(PageModel(**{name: getattr(model, name)}))
        assert set(re.findall(r'<section id="([^"]+)"', text)) - {"findings", "set-aside"} == sections


def of(statuses):
    """A run of one op in which the tests ended so."""
    rng = np.random.default_rng(0)
    told = [{**models.outcome(rng, f"op {i}", models.TARGETS[0]), "status": s} for i, s in enumerate(statuses)]
    return models.report([{**t, "outcome": "failed" if t["status"] == "discrepancy" else "passed"} for t in told])


@pytest.mark.parametrize(
    ("model", "state"),
    [
        (PageModel(of(["pass"])), "good"),
        (PageModel(of(["pass", "skipped"])), "good"),
        (PageModel(of(["pass", "inconclusive"])), "care"),
        (PageModel(of(["inconclusive", "discrepancy"])), "bad"),
        (PageModel(of(["failed"])), "bad"),
        (PageModel(of(["error"])), "bad"),
        (PageModel({**of(["pass"]), "problems": ["no test ran on torch"]}), "bad"),
        (PageModel(nights={"counts": {"same": 3}, "problems": [], "timelines": []}), "good"),
        (PageModel(nights={"counts": {"suspect": 1}, "problems": [], "timelines": []}), "care"),
        (PageModel(nights={"counts": {"regressed": 1, "suspect": 1}, "problems": [], "timelines": []}), "bad"),
        (PageModel(kernels=[{"status": "invalid"}]), "care"),
        (PageModel(kernels=[{"status": "ok"}]), "good"),
        (PageModel(kernels=[{"status": "checked"}]), "none"),
    ],
)
def test_the_headline_is_as_bad_as_the_worst(model, state):
    assert headline(model).state == state
    assert f'<h1 class="verdict {state}">' in page(model)


def test_the_headline_counts():
    model = PageModel(of(["pass", "pass", "discrepancy", "failed", "error", "inconclusive"]))
    assert [(f.count, f.words) for f in headline(model).facts] == [
        (1, "tests with a finding"),
        (2, "tests failed otherwise"),
        (1, "inconclusive"),
        (2, "of 6 tests passed"),
    ]


def test_a_cell_leads_to_what_is_told_of_its_test():
    model = PageModel(of(["pass", "discrepancy", "skipped"]))
    told = model.run["tests"]
    text = page(model)
    assert f'<td class="discrepancy"><a href="#{anchor(told[1]["test"])}" aria-label="discrepancy">D</a>' in text
    assert f'<article class="card" id="{anchor(told[1]["test"])}"' in text
    assert f'<td class="skipped"><a href="#{anchor("skipped: ")}" aria-label="skipped">s</a>' in text
    assert f'<tr id="{anchor("skipped: ")}">' in text
    assert text.count("<td>✓") == 1
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def test_ops_stand_in_the_order_of_their_worst_verdict():
    text = page(PageModel(of(["pass", "skipped", "failed", "discrepancy", "pass"])))
    assert re.findall("<th scope=row>(op .)", markup_of("matrix", text)) == ["op 3", "op 2", "op 1", "op 0", "op 4"]


def test_a_finding_shows_what_reproduces_it():
    told = of(["discrepancy"])
    told["tests"][0] |= {
        "checks": [
            models.check("dx", 40, "discrepancy"),
            models.check("dw", 3000, "discrepancy"),
            models.check("out", 0.5),
        ],
        "message": "dx disagrees",
        "command": "pytest 'a b'",
        "script": "import numpy\nprint(1 < 2)\n",
    }
    text = page(PageModel(told))
    assert "<code>pytest &#39;a b&#39;</code>" in text
    assert "<code>import numpy\nprint(1 &lt; 2)\n</code>" in text
    shown = text_of("findings", text)
    assert "dw reference 0.003 1e-06 3e+03 dx reference 4e-05 1e-06 40 dx disagrees" in shown
    assert "out" not in shown.split()


def test_the_worst_finding_comes_first_and_what_is_left_out_is_counted():
    told = of(["discrepancy"] * 335)
    for i, t in enumerate(told["tests"]):
        t["test"] = f"test number {i}."
        t["checks"] = [models.check("dx", 2.0 + i, "discrepancy")] * 8
    text = page(PageModel(told))
    assert text.count('<article class="card"') == 30
    assert text.count("<li id=") == 300
    assert "and 5 more tests in report.json" in text
    assert text.count("and 2 more checks in report.json") == 30
    first = text_of("findings", text)
    assert first.index("test number 334.") < first.index("test number 333.") < first.index("test number 305.")
    assert "test number 304." not in first


def test_what_is_set_aside_stands_with_its_reason_once():
    told = of(["skipped"] * 7 + ["inconclusive"])
    for i, t in enumerate(told["tests"]):
        t |= {"test": f"test {i}", "reason": "no GPU"}
    told["tests"][7] |= {"reason": "", "checks": [{**models.check("dx", 0, "inconclusive"), "note": "too noisy"}]}
    shown = text_of("set-aside", page(PageModel(told)))
    assert (
        "? inconclusive too noisy test 7 s skipped no GPU test 0 test 1 test 2 test 3 test 4 and 2 more tests" in shown
    )


def test_torch_and_jax_stand_beside_each_other_with_the_worst_of_all_their_checks():
    told = of(["pass", "pass", "pass"])
    for t, target, ratio in zip(told["tests"], ("torch", "torch", "jax"), (0.25, 0.5, 0.125), strict=True):
        t |= {"label": "conv", "target": f"{target}-cpu-float32-jit", "checks": [models.check("dw", ratio)]}
    assert "conv 0.5 0.125 dw, torch float32 jit" in text_of("both", page(PageModel(told)))


def test_problems_are_told_and_counted():
    shown = text_of("problems", page(PageModel({**of(["pass"]), "problems": [f"line {i} is bad" for i in range(53)]})))
    assert "line 0 is bad line 1 is bad" in shown
    assert shown.endswith("line 49 is bad and 3 more")


def test_ulp_of_an_infinity_is_shown():
    row = {"target": "jax-cpu-float32-eager", "op": "exp", "what": "value", "worst": "inf"}
    told = {**of(["pass"]), "tables": {"ulp": [row, {**row, "worst": "nan", "op": "log"}]}}
    shown = text_of("ulp", page(PageModel(told)))
    assert f"exp value {ABSENT} ∞" in shown
    assert "log" not in shown.split()


def test_the_catalogue_has_a_row_for_each_entry_and_counts_its_targets():
    row = {"id": "celu: d/dx: defect: jax", "kind": "defect", "at": "(-74.89428364214164,)", "obtained": "0.0"}
    told = {**of(["pass"]), "tables": {"catalogue": [{**row, "truth": "1.23456789e-17"}] * 3}}
    shown = text_of("catalogue", page(PageModel(told)))
    assert "defect 1." in shown
    assert shown.endswith("celu d/dx: jax defect (-74.89,) 0.0 1.235e-17 3")


def test_other_tables_are_shown_and_cut_openly():
    told = {**of(["pass"]), "tables": {"digits": [{"n": i, "accuracy": 1 / 3} for i in range(52)], "kernels": [{}]}}
    shown = text_of("tables", page(PageModel(told)))
    assert shown.startswith("Other tables digits n accuracy 0 0.333 1 0.333")
    assert shown.endswith("49 0.333 and 2 more rows in report.json")
    assert "kernels" not in shown


def test_kernels_are_told_with_their_interval_and_invalid_ones_with_their_reason():
    good = models.line(np.random.default_rng(0), "softmax n=64", "jax", "forward")
    good |= {"eager": {"median": 3e-4}, "jit": {"median": 2e-4}, "ratio": {"median": 1.5, "lo": 1.25, "hi": 2.0}}
    good |= {"compile": {"first": 0.25}, "roofline_pct": 12.5}
    bad = {"bench": {"id": "conv"}, "status": "invalid", "reasons": ["compiled in the timed part", "twice"]}
    shown = text_of("speed", page(PageModel(kernels=[good, bad, {"status": "checked"}])))
    assert "softmax n=64 forward ✓ ok 300 us 200 us 1.500x 1.250 to 2.000 250 ms 12 %" in shown
    assert f"conv forward ✗ invalid {f'{ABSENT} ' * 5}compiled in the timed part; twice" in shown
    assert shown.endswith("1 measurement checked and not timed.")


def test_the_roofline_says_what_it_cannot_draw():
    told = models.lines(np.random.default_rng(0), 1)
    without = {**told[0], "flops": 0}
    shown = text_of("roofline", page(PageModel(kernels=[*told, without])))
    assert shown.endswith("1 measurement without floating-point operations not drawn.")
    assert shown.count("FLOP/s, ") == len(told)


def test_changes_of_a_series_are_told_in_words():
    assert in_words(models.change("jit", 3, 1.052)) == "jit 5.2 % slower"
    assert in_words(models.change("eager", 3, 0.9, worse=False)) == "eager 10 % faster"
    assert in_words(models.change("ratio", 3, 0.6)) == "ratio 40 % lower"
    assert in_words(models.change("memory", 3, 3.25)) == "memory 3.25 times more"
    assert in_words(models.change("compile", 3, 0.25, worse=False)) == "compile 75 % faster"


def test_the_history_tells_when_a_change_came_and_what_came_with_it():
    nights = models.history(np.random.default_rng(0), 2, 9)
    t = nights["timelines"][0]
    t["runs"][6]["commit"] = "abcdef0123"
    t["runs"][8]["commit"] = None
    t["series"][0]["changes"][0]["found"] = 8
    t["series"][0]["changes"][0]["acknowledged"] = {"who": "Ada", "why": "safer", "when": "today"}
    shown = text_of("nights", page(PageModel(nights=nights)))
    assert "AMD EPYC 9654, branch main 9 runs, 2026-09-01 02:00 to 2026-09-09 02:00; 8 series;" in shown
    assert (
        "✗ jit 15 % slower since 2026-09-07 02:00 (abcdef0), confirmed 2026-09-09 02:00; points to the compiler; "
        "at the same time torch 2.12 -> 2.13; accepted by Ada: safer" in shown
    )
    assert "? suspect" in shown
    assert shown.index("✗ regressed") < shown.index("? suspect") < shown.index("✓ improved") < shown.index("= same")


def test_charts_beyond_those_shown_are_counted():
    nights = models.history(np.random.default_rng(0), 20, 9)
    for s in nights["timelines"][0]["series"][:15]:
        s["changes"] = [models.change(q, 3, 1.1) for q in ("jit", "ratio")]
    text = page(PageModel(nights=nights))
    assert text.count("<figure") == 24
    assert "and 6 more charts of series that changed, to be chosen below" in text


def test_a_history_without_runs_makes_a_page():
    nights = models.history(np.random.default_rng(0), 1, 9)
    nights["timelines"][0] |= {"runs": [], "series": [], "marks": [], "machine_changes": []}
    assert "0 runs; 0 series;" in page(PageModel(nights=nights))


def test_training_curves_leave_out_what_a_logarithm_has_not():
    rows = [{"target": "t", "epoch": i, "loss": loss} for i, loss in enumerate((1.0, "inf", "nan", -1, 0, 0.5))]
    rows += [{"target": "long", "epoch": i, "loss": 1.0, "seconds": i / 7} for i in range(401)]
    shown = text_of("training", page(PageModel({**of(["pass"]), "tables": {"mlp": rows}})))
    assert "4 losses that are not finite numbers above zero are not drawn; one epoch in 3 is drawn" in shown
    assert (
        text_of("training", page(models.large(ops=2, kernels=1, nights=3))).count("torch-cpu-float32-eager tanh") == 2
    )


def test_more_curves_than_can_be_told_apart_are_counted():
    rows = [{"target": f"t{i}", "step": s, "loss": 1 / (1 + s)} for i in range(14) for s in range(3)]
    text = page(PageModel({**of(["pass"]), "tables": {"mlp": rows}}))
    assert "and 2 more curves in report.json" in text_of("training", text)


def test_hostile_text_stays_text():
    text = page(models.hostile())
    scripts = Read(text).scripts
    assert scripts == Read(page(models.large(ops=2, kernels=1, nights=3))).scripts == 3
    assert "<script>document" not in text
    assert "<img" not in text
    assert Read(text).handlers == []
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", text)
    text.encode()
    assert set(Read(text).around("\u202e")) <= ISOLATING
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)[1]
    assert not set("<>&\u2028\u2029") & set(data)
    assert json.loads(data)["nights"][0]["series"][0]["name"].startswith(models.HOSTILE)


def test_data_for_the_script_is_json_in_which_no_tag_can_stand():
    assert for_script({"</script>&\u2028": "\x7f\ud800"}) == '{"\\u003c/script\\u003e\\u0026\\u2028":"\ufffd\ufffd"}'


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_the_contrast_that_wcag_asks_for():
    """WCAG 2.2, 1.4.3: 4.5 to 1, in light and in dark, on the page and on what is raised."""
    schemes = re.findall(r":root \{(.*?)\}", asset("page.css"), re.DOTALL)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#\w{6})", scheme))
        for name in ("text", "faint", "link", "bad", "care", "good"):
            for ground in ("ground", "raised"):
                low, high = sorted((luminance(colours[name]), luminance(colours[ground])))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)


def test_uplot_comes_with_its_licence_and_sets_no_markup():
    assert asset("uplot.min.js").startswith("/*! https://github.com/leeoniya/uPlot (v1.6.32) */")
    assert asset("uplot.LICENSE").startswith("The MIT License (MIT)\n\nCopyright (c) 2022 Leon Sorokin")
    for script in ("uplot.min.js", "page.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", asset(script))
