"""Headless Chromium over chromedriver (the WebDriver protocol), with the standard library only."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# Events of the network that a page causes.
REQUEST = "Network.requestWillBeSent"


def _program(*names: str) -> str | None:
    found = (shutil.which(name) for name in names)
    return next((path for path in found if path), None)


CHROMIUM = _program("chromium", "chromium-browser", "google-chrome")
CHROMEDRIVER = _program("chromedriver")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None or CHROMEDRIVER is None,
    reason="Chromium is not installed: apt-get install chromium chromium-driver",
)


class Browser:
    """A window of headless Chromium.

    width, height : size of the window in pixels
    """

    def __init__(self, port: int, *, width: int, height: int, scripts: bool, dark: bool) -> None:
        self._url = f"http://127.0.0.1:{port}"
        arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--window-size={width},{height}",
        ]
        if dark:
            arguments.append("--blink-settings=preferredColorScheme=0")
        options = {"args": arguments, "binary": CHROMIUM, "perfLoggingPrefs": {"enableNetwork": True}}
        if not scripts:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        found = self._call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._url += f"/session/{found['sessionId']}"
        # The window is larger than the page by its borders.
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()[:500]}") from error

    def command(self, name: str, **parameters: Any) -> Any:
        """Sends a command of the DevTools protocol."""
        return self._call("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def open(self, path: Path) -> None:
        """Opens a file."""
        self._call("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script: str) -> Any:
        """The value of a JavaScript function body; it may be a promise."""
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def wait_for(self, condition: str) -> None:
        """Waits until an expression is true, at most 20 seconds."""
        script = f"""return (async () => {{ for (let k = 0; k < 400; k++) {{ if ({condition}) return true;
            await new Promise((done) => setTimeout(done, 50)); }} return false; }})();"""
        assert self.run(script), f"never true: {condition}"

    def mouse(self, *steps: tuple[str, int, int]) -> None:
        """Moves and presses the mouse: ("move" | "down" | "up", x, y) in pixels of the window."""
        actions: list[dict[str, Any]] = []
        for kind, x, y in steps:
            actions.append({"type": "pointerMove", "duration": 0, "x": x, "y": y})
            if kind != "move":
                actions.append({"type": f"pointer{kind.title()}", "button": 0})
        source = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}
        self._call("POST", "/actions", {"actions": [source]})

    def keys(self, selector: str, text: str) -> None:
        """Types into an element."""
        element = self._call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]
        self._call("POST", f"/element/{element}/value", {"text": text})

    def console(self) -> list[str]:
        """The messages and errors of the page since the last call."""
        return [entry["message"] for entry in self._call("POST", "/se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """The addresses that the page requested since the last call."""
        entries = self._call("POST", "/se/log", {"type": "performance"})
        messages = (json.loads(entry["message"])["message"] for entry in entries)
        return [message["params"]["request"]["url"] for message in messages if message["method"] == REQUEST]

    def screenshot(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self._call("GET", "/screenshot"))

    def pdf(self) -> bytes:
        """The page printed on A4."""
        printed = self.command("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)
        return base64.b64decode(printed["data"])

    def close(self) -> None:
        """Closes the window."""
        self._call("DELETE", "")


@contextmanager
def browser(*, width: int = 1280, height: int = 900, scripts: bool = True, dark: bool = False) -> Iterator[Browser]:
    """A browser, which is closed at the end."""
    assert CHROMEDRIVER is not None
    with subprocess.Popen(
        [CHROMEDRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as driver:
        try:
            assert driver.stdout is not None
            lines = iter(driver.stdout.readline, "")
            port = next(int(found[1]) for line in lines if (found := re.search(r"on port (\d+)\.", line)))
            window = Browser(port, width=width, height=height, scripts=scripts, dark=dark)
            try:
                yield window
            finally:
                window.close()
        finally:
            driver.terminate()
