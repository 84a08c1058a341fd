"""A headless Chromium, spoken to through a pipe: no package is needed but the browser itself."""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import time
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 60
"""Seconds that the browser may take for an answer, on a machine that does other things too."""


def browser_path() -> str | None:
    """Return the path of a browser that is installed here, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of a browser, by the Chrome DevTools Protocol over its `--remote-debugging-pipe`.

    Attributes:
        events: What the browser told by itself, in order.
    """

    def __init__(self, path: str, profile: pathlib.Path) -> None:
        """Start the browser.

        Args:
            path: The program.
            profile: A folder for it alone.
        """
        self.events: list[dict[str, Any]] = []
        self._number = 0
        self._buffer = b""
        child_reads, self._writes = os.pipe()
        self._reads, child_writes = os.pipe()
        # The protocol's ends are descriptors 3 and 4 of the browser, whatever they are here.
        script = f'exec 3<&{child_reads} 4>&{child_writes}; exec "$@"'
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run")
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", path, *options, f"--user-data-dir={profile}"],
            pass_fds=(child_reads, child_writes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(child_reads)
        os.close(child_writes)
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._writes)
        os.close(self._reads)

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer["error"]
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, page: pathlib.Path) -> None:
        """Open a file, and return when it is loaded; earlier events are forgotten."""
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._receive())

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever JavaScript gives
        """Return the value of an expression of JavaScript in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def press(self, key: str, code: int = 0, text: str = "") -> None:
        """Press and release a key, such as 'Tab' (9) or 'Enter' (13, '\\r')."""
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text
            )

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def screenshot(self, path: pathlib.Path, *, width: int = 1280, height: int | None = None) -> None:
        """Write a picture of the page; of all of it where no height is given."""
        self.resize(width)
        height = height or self.evaluate("document.documentElement.scrollHeight")
        self.resize(width, height)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def resize(self, width: int, height: int = 900) -> None:
        """Give the page a size, of a phone too."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def messages(self) -> list[str]:
        """Return what the page complained of: errors of its script, and what its policy refused."""
        kinds = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
        return [str(event["params"]) for event in self.events if event.get("method") in kinds]

    def requested(self) -> list[str]:
        """Return the addresses that the page asked for."""
        asked = (event for event in self.events if event.get("method") == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in asked]

    def _receive(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready, *_ = select.select([self._reads], [], [], max(end - time.monotonic(), 0))
            assert ready, "the browser does not answer"
            block = os.read(self._reads, 1 << 16)
            assert block, "the browser has gone"
            self._buffer += block
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer
