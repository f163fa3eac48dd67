"""Serves the live page with made-up panels: `python -m support.page_server` (in tests/) shows it at port 8090."""

import gzip
import json
import queue
import re
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import footfall_dashboard.page
from footfall_dashboard.live.catalog import CATALOG
from pydantic import TypeAdapter

from support import canned_pipeline, canned_shop

PAGE = Path(footfall_dashboard.page.__file__).parent
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


class PageServer:
    """Serves the page within its block; every open page hears what `push` sends.

    Attributes:
        panels: What a page gets that connects.
        asked: Paths that were asked for.
        report: What the page holds instead of connecting; None: it connects.
    """

    def __init__(self, port: int = 0, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.panels = canned_shop.panels(CATALOG, self.now)
        self.pipeline = canned_pipeline.pipeline(self.now)
        self.asked: list[str] = []
        self.report: Mapping[str, Any] | None = None
        self._port = port
        self._pages: set[queue.SimpleQueue[bytes | None]] = set()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Listen, after a stop at the same address."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """End every open stream and listen no more."""
        if self._server is None:
            return
        for page in list(self._pages):
            page.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    def push(self, event: str, data: Mapping[str, Any]) -> None:
        """Send an event to every open page, and to those that come later."""
        if event == "panel":
            self.panels[data["id"]] = dict(data)
        else:
            self.pipeline = dict(data)
        for page in list(self._pages):
            page.put(_event(event, data))

    def catalog(self) -> dict[str, Any]:
        """Return what `/v1/panels` answers."""
        return {"panels": TypeAdapter(list[Any]).dump_python(list(CATALOG), mode="json"), "time_zone": "UTC"}

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, media type and body of what is no stream."""
        match path.strip("/").split("/"):
            case [""]:
                return self._index()
            case ["assets", *names]:
                return _file("/".join(names))
            case ["health", "live"]:
                return _json({"ok": True})
            case ["v1", *names] if (found := self._resource(names)) is not None:
                return _json(found)
            case _:
                return 404, "application/problem+json", json.dumps({"detail": f"no {path}"}).encode()

    def _resource(self, names: Sequence[str]) -> Mapping[str, Any] | None:
        match names:
            case ["panels"]:
                return self.catalog()
            case ["panels", name]:
                return self.panels.get(name.removesuffix(".csv"))
            case ["pipeline"]:
                return self.pipeline
            case ["related", product]:
                return canned_shop.related(product, self.now)
            case ["topics"]:
                return canned_pipeline.topics(self.now)
            case ["topics", name]:
                return canned_pipeline.topic(name, self.now)
            case ["topics", name, "messages"]:
                return canned_pipeline.messages(name, self.now)
            case _:
                return None

    def _index(self) -> tuple[int, str, bytes]:
        status, media_type, body = _file("index.html")
        if self.report is None:
            return status, media_type, body
        held = json.dumps(self.report).replace("</", "<\\/")
        element = f'<script type="application/json" id="report">{held}</script></head>'
        return status, media_type, body.replace(b"</head>", element.encode())

    def stream(self, write: Any) -> None:
        """Write events until the page or the server ends."""
        page: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._pages.add(page)
        try:
            write(_event("server", {"version": "0.1.0", "started_at": "2026-11-27T00:00:00.000Z"}))
            for panel in self.panels.values():
                write(_event("panel", panel))
            write(_event("pipeline", self.pipeline))
            while (event := page.get()) is not None:
                write(event)
        except OSError:
            return
        finally:
            self._pages.discard(page)


def _handler(served: PageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            served.asked.append(path)
            if path == "/v1/stream":
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                served.stream(self._write)
                return
            status, media_type, body = served.answer(path)
            self.send_response(status)
            self.send_header("content-type", media_type)
            self.send_header("content-security-policy", CSP)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(body)

        def _write(self, event: bytes) -> None:
            self.wfile.write(event)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return f"event: {name}\nid: {time.monotonic_ns()}\ndata: {json.dumps(data)}\n\n".encode()


def _json(content: object) -> tuple[int, str, bytes]:
    return 200, "application/json", json.dumps(content).encode()


def _file(name: str) -> tuple[int, str, bytes]:
    file = PAGE / name
    if not re.fullmatch(r"[\w./]+", name) or ".." in name or file.suffix not in TYPES or not file.is_file():
        return 404, "text/plain", b"no such file"
    return 200, TYPES[file.suffix], file.read_bytes()


def compressed_size() -> int:
    """Return the bytes of everything that a browser loads at first, compressed."""
    return sum(len(gzip.compress(file.read_bytes())) for file in PAGE.rglob("*") if file.suffix in TYPES)


if __name__ == "__main__":
    with PageServer(8090) as running:
        print(running.url)
        threading.Event().wait()
