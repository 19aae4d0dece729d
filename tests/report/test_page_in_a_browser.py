"""The page in a real browser: it draws, filters, zooms, asks for nothing, fits a phone, obeys keys."""

from dataclasses import replace

import numpy as np
import pytest

from pytest_dualfw.report.page import page
from pytest_dualfw.report.text import ABSENT

from ..report import models
from .browser import NAMES, Browser, installed

pytestmark = pytest.mark.skipif(
    not installed(), reason=f"none of {', '.join(NAMES)} is on PATH: install the Debian package chromium"
)
INK = """(canvas => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let inked = 0;
  for (let i = 3; i < pixels.length; i += 4) inked += pixels[i] > 0;
  return inked;
})"""


@pytest.fixture(scope="module")
def browser():
    with Browser() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("pages")
    told = models.large(ops=40, kernels=6, nights=30)
    (found / "page.html").write_text(page(replace(told, run=models.run(np.random.default_rng(3), 40, 0.02))))
    (found / "hostile.html").write_text(page(models.hostile()))
    return found


@pytest.fixture
def opened(browser, folder):
    tabs = []

    def open_(name="page", **how):
        tabs.append(browser.open(folder / f"{name}.html", **how))
        return tabs[-1]

    yield open_
    for tab in tabs:
        told = tab.requests(), tab.complaints()
        tab.close()
        assert told == ([], [])


def shown(tab, table):
    return tab.js(f"[...document.querySelectorAll('#{table} tbody tr')].filter(row => row.offsetHeight).length")


def test_every_chart_is_drawn(opened):
    tab = opened()
    drawn = tab.js(f"[...document.querySelectorAll('canvas')].map({INK})")
    assert len(drawn) == 11  # five series changed in two quantities, and the one to be chosen
    assert min(drawn) > 1000


def test_the_numbers_of_a_chart_are_those_of_the_model(opened):
    tab = opened()
    expected = models.large(ops=40, kernels=6, nights=30).timelines[0]["series"][0]["values"]["ratio"]
    tab.js("document.querySelector('figure[data-q=ratio] [tabindex]').focus()")
    for value in expected[:2]:
        tab.key("ArrowRight")
        told = tab.js("document.querySelector('figure[data-q=ratio] [role=status]').textContent")
        assert f"speed-up (eager/jit) {float(f'{value:.4g}'):g}x · 95 %: " in told
    assert told.startswith("2026-09-02 02:00 · commit ")


def test_a_gap_in_a_series_reads_as_no_number(opened):
    tab = opened()
    tab.choose("select[name=series]", "0 5")
    tab.js("document.querySelector('#chosen [tabindex]').focus()")
    for _ in range(3):
        tab.key("ArrowRight")
    assert f"speed-up (eager/jit) {ABSENT} · invalid" in tab.js(
        "document.querySelector('#chosen [role=status]').textContent"
    )


def test_dragging_zooms_and_a_double_click_resets(opened):
    tab = opened()
    tab.js("document.documentElement.style.scrollBehavior = 'auto'")
    tab.js("document.querySelector('figure canvas').scrollIntoView({block: 'center'})")
    left, top, width = tab.js(
        "(r => [r.left, r.top, r.width])(document.querySelector('figure .u-over').getBoundingClientRect())"
    )
    reset = "document.querySelector('figure .readout button').hidden"
    dates = "document.querySelector('figure [role=status]').textContent.slice(0, 10)"
    assert tab.js(reset)
    tab.drag(left + 0.5 * width, left + 0.8 * width, top + 60)
    tab.until(f"!{reset}")
    tab.js("document.querySelector('figure [tabindex]').focus()")
    tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=left + 2, y=top + 60)
    tab.until(f"{dates} > '2026-09-10' && {dates} < '2026-09-20'")
    for clicks in (1, 2):
        tab.mouse("mousePressed", left + 9, top + 60, clicks)
        tab.mouse("mouseReleased", left + 9, top + 60, clicks)
    tab.until(reset)


def test_escape_resets_the_zoom_too(opened):
    tab = opened()
    tab.js("document.querySelector('figure canvas').scrollIntoView({block: 'center', behavior: 'instant'})")
    left, top = tab.js("(r => [r.left, r.top])(document.querySelector('figure .u-over').getBoundingClientRect())")
    tab.drag(left + 40, left + 140, top + 60)
    tab.until("!document.querySelector('figure .readout button').hidden")
    tab.js("document.querySelector('figure [tabindex]').focus()")
    tab.key("Escape")
    tab.until("document.querySelector('figure .readout button').hidden")


def test_any_series_and_quantity_can_be_chosen(opened):
    tab = opened()
    assert tab.js("document.querySelectorAll('select[name=series] option').length") == 24
    tab.choose("select[name=series]", "0 9")
    tab.choose("select[name=quantity]", "compile")
    told = tab.js("document.querySelector('#chosen [role=group]').getAttribute('aria-label')")
    assert told.startswith("Chart of kernel_02 n=64 torch-cpu-float32 forward+backward, compile.")
    tab.choose("select[name=series]", "0 8")
    assert tab.js("document.querySelector('select[name=quantity]').value") == "compile"
    assert tab.js(f"{INK}(document.querySelector('#chosen canvas'))") > 1000


def test_rows_are_filtered_by_text(opened):
    tab = opened()
    for table, words, rows, of in (
        ("matrix", "OP_01", 10, 40),
        ("catalogue", "op_003", 1, 20),
        ("both", "op_0", 40, 40),
    ):
        tab.type(f"[data-filter={table}-table] input", words)
        tab.until(f"document.querySelector('[data-filter={table}-table] output').textContent === '{rows} of {of} rows'")
        assert shown(tab, f"{table}-table") == rows
    tab.type("[data-filter=matrix-table] input", "nothing has this name")
    tab.until("document.querySelector('[data-filter=matrix-table] output').textContent === '0 of 40 rows'")


def test_the_matrix_is_filtered_by_status_framework_dtype_and_mode(opened):
    tab = opened()
    matrix = models.run(np.random.default_rng(3), 40, 0.02)["matrix"]
    parts = "[data-filter=matrix-table] label:nth-of-type({}) select"
    tab.choose("[data-filter=matrix-table] [data-status]", "failed")
    assert shown(tab, "matrix-table") == sum("failed" in row.values() for row in matrix.values()) > 0
    tab.choose(parts.format(3), "jax")
    jax = [{t: s for t, s in row.items() if t.startswith("jax")} for row in matrix.values()]
    assert shown(tab, "matrix-table") == sum("failed" in row.values() for row in jax) < shown(tab, "both-table")
    tab.choose(parts.format(4), "float32")
    tab.choose(parts.format(5), "jit")
    tab.choose("[data-filter=matrix-table] [data-status]", "pass")
    heads = (
        "[...document.querySelectorAll('#matrix-table thead th')].filter(h => h.offsetWidth).map(h => h.textContent)"
    )
    assert [h.strip() for h in tab.js(heads)] == ["op", "jax-cpu-float32-jit"]
    assert shown(tab, "matrix-table") == sum(row["jax-cpu-float32-jit"] == "pass" for row in matrix.values())


def test_the_catalogue_is_filtered_by_class(opened):
    tab = opened()
    tab.choose("[data-filter=catalogue-table] select", "defect")
    assert shown(tab, "catalogue-table") == 7


def test_a_reproducer_is_copied_whole(opened):
    tab = opened()
    tab.js(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async text => { window.copied = text; }}})"
    )
    tab.js("document.querySelector('[data-copy]').click()")
    tab.until("document.querySelector('[data-copy]').textContent === 'Copied'")
    assert tab.js("window.copied === document.querySelector('.code code').textContent")
    assert tab.js("window.copied").startswith("pytest 'suites/test_ops.py::test_op[")
    tab.until("document.querySelector('[data-copy]').textContent === 'Copy the command'")


def test_without_a_clipboard_the_text_is_selected(opened):
    tab = opened()
    tab.js("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.js("document.querySelector('[data-copy]').click()")
    tab.until("document.querySelector('[data-copy]').textContent === 'Selected'")
    assert tab.js("getSelection().toString().trim() === document.querySelector('.code code').textContent.trim()")


def test_hostile_text_shows_as_text(opened):
    tab = opened("hostile")
    assert tab.js("document.title").endswith("</title>") is False
    assert tab.js("document.title") != "taken"
    assert tab.js("document.querySelectorAll('img, script[src], iframe').length") == 0
    told = tab.js("document.querySelector('.problems bdi').textContent")
    assert told.startswith(models.HOSTILE + "\u202eright to left\u2067 \U0001f4a5\ufffd\ufffd\ufffd\ufffd\u2028 long")
    first = tab.js("document.querySelector('#matrix-table tbody th').textContent")
    assert first.startswith(models.HOSTILE) is True
    assert tab.js("document.querySelector('select[name=series] option').textContent").startswith(models.HOSTILE)
    assert tab.js("document.querySelectorAll('canvas').length") == 11


@pytest.mark.parametrize("name", ["page", "hostile"])
def test_a_phone_never_scrolls_sideways(opened, name):
    tab = opened(name, width=360, height=740)
    assert tab.js("document.documentElement.scrollWidth") == 360
    inside = ".scroll, pre, .sr, details, .plot"  # these scroll by themselves, or are not shown
    wide = f"e => e.getBoundingClientRect().right > 361 && !e.closest('{inside}')"
    assert tab.js(f"[...document.querySelectorAll('main *')].filter({wide}).length") == 0
    assert (
        tab.js("Math.max(...[...document.querySelectorAll('canvas')].map(c => c.getBoundingClientRect().right))") <= 360
    )


def test_charts_follow_the_width_of_the_window(opened):
    tab = opened(width=1200)
    widest = "Math.max(...[...document.querySelectorAll('.uplot')].map(c => c.getBoundingClientRect().right))"
    assert tab.js(widest) > 1000
    tab.resize(360)
    tab.until(f"{widest} <= 360")


def test_charts_name_what_changed_and_when_versions_did(opened):
    tab = opened()
    tab.js("""
      const canvas = CanvasRenderingContext2D.prototype, write = canvas.fillText;
      window.written = new Set();
      canvas.fillText = function (...told) { written.add(told[0]); write.apply(this, told); };
    """)
    tab.resize(1100)
    words = {
        "torch 2.12 -> 2.13",
        "jit 15 % slower (confirmed)",
        "ratio 13 % lower (suspect)",
        "ratio 25 % higher (confirmed)",
    }
    tab.until(f"{sorted(words)}.every(words => written.has(words))")


def test_charts_are_drawn_anew_in_the_dark(opened):
    tab = opened()
    picture = "document.querySelector('figure canvas').toDataURL()"
    ground = "getComputedStyle(document.body).backgroundColor"
    light = tab.js(picture)
    assert tab.js(ground) == "rgb(255, 255, 255)"
    tab.scheme("dark")
    tab.until(f"{ground} === 'rgb(13, 17, 23)'")
    assert tab.js(picture) != light


def test_all_controls_are_reached_by_keyboard_and_show_it(opened):
    tab = opened()
    tab.key("Tab")
    assert tab.js("document.activeElement.className") == "skip"
    assert tab.js("document.activeElement.getBoundingClientRect().left") >= 0
    tab.key("Enter")
    tab.until("document.activeElement.id === 'content'")
    tab.key("Tab")
    tab.until("document.activeElement.matches('#matrix input')")
    assert tab.js("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    seen = set()
    for _ in range(400):
        seen.add(tab.js("document.activeElement.dataset.seen = document.activeElement.tagName"))
        tab.key("Tab")
        if tab.js("document.activeElement.closest('footer, body:focus') !== null"):
            break
    assert {"INPUT", "SELECT", "BUTTON", "A", "DIV", "PRE", "SUMMARY"} <= seen
    missed = "main :is(input, select, button, summary, [tabindex='0']):not([data-seen])"
    assert (
        tab.js(f"[...document.querySelectorAll(`{missed}`)].filter(e => e.checkVisibility()).map(e => e.outerHTML)")
        == []
    )


def test_every_control_has_a_name_and_every_table_heads(opened):
    tab = opened()
    assert tab.js("[...document.querySelectorAll('input, select')].filter(e => !e.labels.length).length") == 0
    assert (
        tab.js(
            "[...document.querySelectorAll('[role=region], [role=group]')].filter(e => !(e.ariaLabel || "
            "document.getElementById(e.getAttribute('aria-labelledby')))).length"
        )
        == 0
    )
    assert tab.js("document.querySelectorAll('th:not([scope])').length") == 0
    assert tab.js("[...document.querySelectorAll('header, nav, main, footer')].map(e => e.tagName)") == [
        "HEADER",
        "NAV",
        "MAIN",
        "FOOTER",
    ]


def test_without_script_the_page_shows_pictures_and_all_rows(opened):
    tab = opened(script=False)
    tab.ask("Emulation.setScriptExecutionDisabled", value=False)  # from here on for the questions below
    wide = "[...document.querySelectorAll('{}')].filter(e => e.getBoundingClientRect().width > 100).length"
    assert tab.js("document.querySelectorAll('canvas').length") == 0
    assert tab.js(wide.format("figure svg")) == 10
    assert tab.js(wide.format(".spark")) == 24
    assert shown(tab, "matrix-table") == 40
    assert tab.js("[...document.querySelectorAll('form, [data-copy]')].filter(e => e.offsetHeight).length") == 0


def test_nothing_can_leave_the_page(browser, folder):
    tab = browser.open(folder / "page.html")
    blocked = "new Promise(done => { addEventListener('securitypolicyviolation', e => done(e.violatedDirective)); %s })"
    assert tab.js(blocked % "fetch('https://example.org/').catch(() => {})") == "connect-src"
    assert tab.js(blocked % "new Image().src = 'https://example.org/a.png'") == "img-src"
    assert tab.complaints() != []
    tab.close()
