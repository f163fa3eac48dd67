"""Answers that a webhook receiver may give, good and bad, over real sockets."""

import asyncio
import gzip
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from support.in_thread import InThread

RETRY, DELIVERED, REFUSED = "retry", "delivered", "refused"
"""What must become of a webhook that is answered so once, and well ever after."""

OK = b"HTTP/1.1 204 No Content\r\n\r\n"

Writer: TypeAlias = asyncio.StreamWriter
Answer: TypeAlias = Callable[[Writer], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    """One kind of answer."""

    answer: Answer
    becomes: str = RETRY


def raw(*parts: bytes) -> Answer:
    async def answer(writer: Writer) -> None:
        writer.write(b"".join(parts))
        await writer.drain()

    return answer


def head(status: bytes, *headers: bytes, body: bytes = b"") -> Answer:
    lines = [b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *headers]
    return raw(b"\r\n".join(lines), b"\r\n\r\n", body)


def _moved(location: str) -> Kind:
    return Kind(head(b"302 Found", b"location: " + location.encode()))


def for_ever(start: bytes, again: bytes, pause: float = 0.0) -> Answer:
    async def answer(writer: Writer) -> None:
        writer.write(start)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


async def hang(_: Writer) -> None:
    await asyncio.sleep(3600)


async def hang_up(writer: Writer) -> None:
    writer.close()


async def reset(writer: Writer) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


CHUNKED = b"\r\ntransfer-encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(50_000_000), 1)

KINDS = {
    "moved to a mail address": _moved("mailto:shop@example.com"),
    "moved to a script": _moved("javascript:alert(1)"),
    "moved to data": _moved("data:text/plain,x"),
    "moved to a name": _moved("urn:isbn:0451450523"),
    "moved to a heart": _moved("http://i❤.ws/"),
    "moved to two dots": _moved("http://a..b/"),
    "moved to a label of 64": _moved(f"http://{'a' * 64}.example/"),
    "moved to a port of letters": _moved("http://shop.example:port/"),
    "moved to the cloud's metadata": _moved("http://169.254.169.254/latest/"),
    "moved in a circle": _moved("/"),
    "retry after the year 99999999999": Kind(
        head(b"503 Busy", b"retry-after: Mon, 01 Jan 99999999999 00:00:00 GMT"),
    ),
    "retry after less than nothing": Kind(head(b"429 Slower", b"retry-after: -5")),
    "retry after 400 digits": Kind(head(b"429 Slower", b"retry-after: " + b"9" * 400)),
    "retry after garbage": Kind(head(b"503 Busy", b"retry-after: \xff\xfe soon, \xc3\xbc 99 XYZ +99999999")),
    "error": Kind(head(b"500 Error", body=b"no")),
    "refusal": Kind(head(b"404 Not Found")),
    "gone": Kind(head(b"410 Gone"), REFUSED),
    "status 999": Kind(head(b"999 Odd")),
    "chunks that are none, accepted": Kind(raw(b"HTTP/1.1 200 OK" + CHUNKED + b"zz\r\nnonsense"), DELIVERED),
    "chunks that are none, refused": Kind(raw(b"HTTP/1.1 500 Error" + CHUNKED + b"-1\r\nnonsense")),
    "length in letters": Kind(raw(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n")),
    "two lengths": Kind(raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx")),
    "shorter than it says": Kind(
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\nconnection: close\r\n\r\nx"), DELIVERED
    ),
    "headers without end": Kind(for_ever(b"HTTP/1.1 200 OK\r\n", b"x-more: " + b"y" * 1000 + b"\r\n")),
    "one header without end": Kind(for_ever(b"HTTP/1.1 200 OK\r\nx-more: ", b"y" * 1000)),
    "headers in drops": Kind(for_ever(b"HTTP/1.1 200 OK\r\nx-more: ", b"y", 0.05)),
    "body in drops": Kind(for_ever(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", b"y", 0.05), DELIVERED),
    "body without end, accepted": Kind(for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b"y" * 10_000), DELIVERED),
    "body without end, refused": Kind(for_ever(b"HTTP/1.1 500 Error\r\n\r\n", b"y" * 10_000)),
    "answers to come without end": Kind(for_ever(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 200)),
    "another protocol": Kind(
        raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: chat\r\nconnection: upgrade\r\n\r\n\x00")
    ),
    "reset": Kind(reset),
    "hang": Kind(hang),
    "hang-up": Kind(hang_up),
    "handshake of TLS": Kind(raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n")),
    "HTTP/0.9": Kind(raw(b"hello\r\nworld\r\n\r\n")),
    "HTTP/9": Kind(raw(b"HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n"), DELIVERED),
    "nothing but line ends": Kind(for_ever(b"", b"\r\n" * 500)),
    "zeros": Kind(raw(bytes(5000) + b"\r\n\r\n")),
    "gzip bomb": Kind(
        head(b"200 OK", b"content-encoding: gzip", body=BOMB),
        DELIVERED,
    ),
    "encoding that it is not": Kind(head(b"500 Error", b"content-encoding: gzip, br, zstd", body=b"no gzip")),
    "headers of any bytes": Kind(head(b"503 Busy", b"x-name: \xe2\x9d\xa4 \xff", b"location: \xff")),
    "zero in a header": Kind(head(b"503 Busy", b"x-name: a\x00b")),
    "cookies": Kind(head(b"503 Busy", *[b"set-cookie: c%d=" % number + b"x" * 2000 for number in range(20)])),
    "body where none may be": Kind(raw(b"HTTP/1.1 204 No Content\r\n\r\n<html>surprise</html>"), DELIVERED),
    "another answer behind the first": Kind(
        raw(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\nHTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n")
    ),
}
"""By a name that says what comes."""


@dataclass
class Receivers(InThread):
    """One server, in a thread, that plays all of them: the path's number says which, and behaves from some attempt on.

    Attributes:
        bad: Attempts at each webhook that are answered badly.
        attempts: Requests by path and webhook-id.
        headers: Names of all headers that ever came.
        connections: How many were made.
    """

    bad: int = 1
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    headers: set[str] = field(default_factory=set)
    connections: int = 0
    port: int = 0

    def url(self, kind: str) -> str:
        """Return the address of a receiver that answers so; one of another name answers well."""
        number = list(KINDS).index(kind) if kind in KINDS else "good"
        return f"http://127.0.0.1:{self.port}/{number}"

    def path(self, kind: str) -> str:
        """Return what `attempts` calls it."""
        return self.url(kind).rpartition("/")[2]

    async def _serve(self, ready: threading.Event, end: asyncio.Event) -> None:
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: Writer) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            self.connections += 1
            try:
                while await self._answer(reader, writer):
                    pass
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=500)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await end.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0.05)

    async def _answer(self, reader: asyncio.StreamReader, writer: Writer) -> bool:
        """Answer one request; tell whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        await reader.readexactly(int(headers["content-length"]))
        self.headers |= headers.keys()
        path = head[0].split()[1].removeprefix("/")
        self.attempts[path, headers["webhook-id"]] += 1
        if path.isdecimal() and self.attempts[path, headers["webhook-id"]] <= self.bad:
            await list(KINDS.values())[int(path)].answer(writer)
            return "connection: close" not in "".join(head)
        writer.write(OK)
        await writer.drain()
        return True
