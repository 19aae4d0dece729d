"""A headless Chromium asked over its DevTools protocol: NUL-terminated JSON in a pipe, the standard library alone."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT_S = 60
# In a container there is no sandbox within the sandbox, and /dev/shm is small.
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
)
# The browser reads from its descriptor 3 and writes to 4, which pipes made in another process may be themselves.
LAUNCH = """
import fcntl, os, sys
high = [fcntl.fcntl(int(pipe), fcntl.F_DUPFD, 10) for pipe in sys.argv[1:3]]
for pipe, own in zip(high, (3, 4)):
    os.dup2(pipe, own)
os.execv(sys.argv[3], sys.argv[3:])
"""
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39}


def installed():
    """The browser's path, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One process; ``open`` gives a fresh page. Use as a context manager."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours, theirs = os.pipe(), os.pipe()
        self.writing, self.reading = ours[1], theirs[0]
        pipes = (ours[0], theirs[1])
        command = [installed(), *OPTIONS, f"--user-data-dir={self.profile.name}", "about:blank"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, *map(str, pipes), *command],
            pass_fds=pipes,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self.rest, self.last, self.events = b"", 0, []
        return self

    def __exit__(self, *_):
        os.close(self.writing)
        os.close(self.reading)
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        self.profile.cleanup()

    def ask(self, method, session=None, **params):
        """The protocol's answer; events that come before it are kept in ``events``."""
        self.last += 1
        told = {"id": self.last, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self.writing, json.dumps(told).encode() + b"\0")
        number = self.last
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            heard = self.hear(deadline)
            if heard.get("id") == number:
                assert "error" not in heard, heard
                return heard["result"]
            self.events.append(heard)

    def hear(self, deadline):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reading], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"the browser did not answer within {TIMEOUT_S} s"
            part = os.read(self.reading, 1 << 20)
            assert part, "the browser ended"
            self.rest += part
        line, _, self.rest = self.rest.partition(b"\0")
        return json.loads(line)

    def open(self, path, **how):
        return Tab(self, Path(path), **how)


class Tab:
    """A page of a file: ``js`` evaluates, ``requests`` and ``complaints`` are what the browser told meanwhile."""

    def __init__(self, browser, path, width=1200, height=900, script=True, scheme="light"):
        self.browser = browser
        browser.events.clear()
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.resize(width, height)
        self.scheme(scheme)
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.url = path.resolve().as_uri()
        self.ask("Page.navigate", url=self.url)
        self.until_event("Page.loadEventFired")

    def ask(self, method, **params):
        return self.browser.ask(method, self.session, **params)

    def resize(self, width, height=900):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def until_event(self, method):
        deadline = time.monotonic() + TIMEOUT_S
        while not self.told(method):
            self.browser.events.append(self.browser.hear(deadline))

    def told(self, method):
        events = self.browser.events
        return [e["params"] for e in events if e.get("method") == method and e.get("sessionId") == self.session]

    def js(self, expression):
        """The value of an expression; a promise is waited for."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression):
        """Waits until the expression is true."""
        deadline = time.monotonic() + TIMEOUT_S
        while not self.js(expression):
            assert time.monotonic() < deadline, f"still not so after {TIMEOUT_S} s: {expression}"
            time.sleep(0.05)

    def type(self, selector, words):
        self.js(f"document.querySelector({json.dumps(selector)}).select()")
        self.ask("Input.insertText", text=words)

    def choose(self, selector, value):
        found = f"const s = document.querySelector({json.dumps(selector)}); s.value = {json.dumps(value)};"
        self.js(f"{{ {found} for (const e of ['input', 'change']) s.dispatchEvent(new Event(e, {{bubbles: true}})); }}")

    def key(self, name):
        for kind in ("rawKeyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=KEYS[name])

    def mouse(self, kind, x, y, clicks=1):
        held = kind != "mouseReleased"
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=int(held), clickCount=clicks)

    def drag(self, x1, x2, y):
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x1, y=y)
        self.mouse("mousePressed", x1, y)
        for x in (x1 + 5, (x1 + x2) / 2, x2):
            self.mouse("mouseMoved", x, y)
        self.mouse("mouseReleased", x2, y)

    def requests(self):
        """URLs that the page asked for beside itself and data within it."""
        asked = [e["request"]["url"] for e in self.told("Network.requestWillBeSent")]
        return [url for url in asked if url != self.url and not url.startswith("data:")]

    def complaints(self):
        """Uncaught exceptions, messages in the console, violations of the page's policy."""
        told = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [e for method in told for e in self.told(method)]

    def picture(self, path, whole=False):
        found = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(found["data"]))

    def close(self):
        self.ask("Page.close")
