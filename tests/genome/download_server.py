"""An HTTP server on the loopback that serves files from memory and misbehaves on request."""

import contextlib
import dataclasses
import hashlib
import http.server
import os
import re
import threading
import unittest.mock
from collections.abc import Iterator


@dataclasses.dataclass(kw_only=True)
class Answer:
    """How one request is answered where it is not answered well.

    Attributes:
        status: An error status to give instead of content.
        cut_after: Bytes of the body after which the connection is closed.
    """

    status: int | None = None
    cut_after: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """What a client asked for."""

    path: str
    byte_range: str | None
    if_range: str | None


@dataclasses.dataclass(kw_only=True)
class DownloadServer:
    """The server's files, its manners and its log.

    Attributes:
        files: Content by path, beginning with '/'.
        script: Answers to the coming requests, used up in order; then all goes well.
        ranges: Whether `Range` is understood.
        validators: Which of 'etag', 'weak' (a weak ETag) and 'date' are sent.
        lengths: Whether the length is announced.
        encoding: A `Content-Encoding` to claim.
        log: The requests so far.
    """

    url: str = ""
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    script: list[Answer] = dataclasses.field(default_factory=list)
    ranges: bool = True
    validators: tuple[str, ...] = ("etag",)
    lengths: bool = True
    encoding: str | None = None
    log: list[Request] = dataclasses.field(default_factory=list)

    def validator_headers(self, content: bytes) -> dict[str, str]:
        digest = hashlib.md5(content).hexdigest()
        known = {
            "etag": ("ETag", f'"{digest}"'),
            "weak": ("ETag", f'W/"{digest}"'),
            "date": ("Last-Modified", f"Mon, 01 Jan 2024 00:00:{len(content) % 60:02d} GMT"),
        }
        return dict(known[kind] for kind in self.validators)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        state = self.server.state
        byte_range, if_range = self.headers.get("Range"), self.headers.get("If-Range")
        state.log.append(Request(path=self.path, byte_range=byte_range, if_range=if_range))
        answer = state.script.pop(0) if state.script else Answer()
        if answer.status is not None or self.path not in state.files:
            self.refuse(answer.status or 404)
            return
        content = state.files[self.path]
        start = self.wanted_start(state.validator_headers(content))
        if start is not None and start >= len(content):
            self.refuse(416)
            return
        self.send_content(content, start, answer.cut_after)

    def refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_content(self, content: bytes, start: int | None, cut_after: int | None) -> None:
        state, body = self.server.state, content[start or 0 :]
        self.send_response(200 if start is None else 206)
        if start is not None:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        for name, value in state.validator_headers(content).items():
            self.send_header(name, value)
        if state.lengths:
            self.send_header("Content-Length", str(len(body)))
        if state.encoding:
            self.send_header("Content-Encoding", state.encoding)
        self.end_headers()
        self.wfile.write(body[:cut_after])

    def wanted_start(self, validators: dict[str, str]) -> int | None:
        """Return the first byte asked for, or None where the whole file is to be sent."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if_range = self.headers.get("If-Range")
        changed = if_range is not None and if_range not in validators.values()
        return int(match[1]) if match and self.server.state.ranges and not changed else None

    def log_message(self, *arguments: object) -> None:
        del arguments


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, state: DownloadServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state


@contextlib.contextmanager
def serving() -> Iterator[DownloadServer]:
    """Yield a server that runs until the block ends."""
    state = DownloadServer()
    server = _Server(state)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        # A proxy of the machine that runs the tests must not be asked for its loopback.
        with unittest.mock.patch.dict(os.environ, {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}):
            yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
