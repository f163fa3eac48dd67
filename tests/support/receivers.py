"""Receivers of every kind that an endpoint may turn out to be, over real sockets: one port each, all in one thread.

`tests/support/answers.py` has single answers that are odd; here is what a receiver is like for good, or for a while.
"""

import asyncio
import ssl
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook

from support.answers import BOMB, CHUNKED, OK, for_ever, hang, hang_up, head, raw, reset
from support.in_thread import InThread
from support.receiver import SECRET

Writer: TypeAlias = asyncio.StreamWriter

DELIVERED, EXHAUSTED, GONE = "delivered", "exhausted", "gone"
"""What becomes of a webhook in the end; all but the first are reasons of dead letters."""

MINUTE = "a minute"


@dataclass(frozen=True)
class Kind:
    """What a receiver is like.

    Attributes:
        answer: What it does with a request.
        becomes: What becomes of its webhooks in the end.
        url: Where it is found, with its port put in.
        host: What it listens on.
        recovers: Whether it answers well once the minute is over that began with its first request.
        retry_after: Seconds that it asks to be left alone for.
        certificate: Whether it speaks TLS, with a certificate that nobody has signed.
    """

    answer: Callable[[Writer, int], Awaitable[None]]
    becomes: str = EXHAUSTED
    url: str = "http://127.0.0.1:{port}/hook"
    host: str = "127.0.0.1"
    recovers: bool = False
    retry_after: float = 0.0
    certificate: bool = False


@dataclass(frozen=True)
class Request:
    """One webhook as it came."""

    at: float
    """Epoch seconds."""
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes
    fault: str
    """What the reference library finds wrong with it; empty: nothing."""

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


def _always(answer: Callable[[Writer], Awaitable[None]]) -> Callable[[Writer, int], Awaitable[None]]:
    async def play(writer: Writer, _: int) -> None:
        await answer(writer)

    return play


async def _asks_until_a_date(writer: Writer, _: int) -> None:
    # A date has whole seconds: one more, so that at least one is left.
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    await head(b"429 Too Many Requests", b"retry-after: " + date.encode())(writer)


async def _grows_cookies(writer: Writer, count: int) -> None:
    await head(b"503 Busy", *[b"set-cookie: c%d-%d=" % (count, each) + b"x" * 3500 for each in range(10)])(writer)


async def _closes_rudely(writer: Writer, count: int) -> None:
    # In turn: before the answer, within its head, within its body.
    start = (b"", b"HTTP/1.1 200 O", b"HTTP/1.1 500 Error\r\ncontent-length: 100\r\n\r\nhalf")[count % 3]
    writer.write(start)
    with suppress(ConnectionError):
        await writer.drain()
    await (reset if count % 2 else hang_up)(writer)


async def _sends_a_gigabyte(writer: Writer, _: int) -> None:
    writer.write(b"HTTP/1.1 500 Error\r\ncontent-length: 1000000000\r\n\r\n")
    for _ in range(10_000):
        writer.write(bytes(100_000))
        await writer.drain()


KINDS = {
    "500": Kind(_always(head(b"500 Error", body=b"broken"))),
    "429 with seconds": Kind(_always(head(b"429 Too Many Requests", b"retry-after: 1")), retry_after=1),
    "429 with a date": Kind(_asks_until_a_date, retry_after=1),
    "503": Kind(_always(head(b"503 Busy"))),
    "reset": Kind(_always(reset)),
    "hang": Kind(_always(hang)),
    "headers in drops": Kind(_always(for_ever(b"HTTP/1.1 200 OK\r\nx-more: ", b"y", 0.05))),
    "body in drops": Kind(
        _always(for_ever(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", b"y", 0.05)), DELIVERED
    ),
    "redirect to loopback": Kind(_always(head(b"307 Moved", b"location: http://127.0.0.1/"))),
    "redirect to itself": Kind(_always(head(b"302 Found", b"location: /hook"))),
    "410": Kind(_always(head(b"410 Gone")), GONE),
    "404 for a minute": Kind(_always(head(b"404 Not Found")), DELIVERED, recovers=True),
    "401 for a minute": Kind(_always(head(b"401 Unauthorized")), DELIVERED, recovers=True),
    "TLS broken": Kind(_always(raw(b"not TLS\r\n")), url="https://127.0.0.1:{port}/hook"),
    "TLS of nobody": Kind(_always(raw(OK)), url="https://127.0.0.1:{port}/hook", certificate=True),
    "IPv6 only": Kind(_always(raw(OK)), DELIVERED, url="http://[::1]:{port}/hook", host="::1"),
    # The name has ::1 and 127.0.0.1, in this order or the other.
    "first address dead": Kind(_always(raw(OK)), DELIVERED, url="http://localhost:{port}/hook"),
    "1 GB body": Kind(_sends_a_gigabyte),
    "gzip bomb": Kind(_always(head(b"200 OK", b"content-encoding: gzip", body=BOMB)), DELIVERED),
    "Location: mailto:": Kind(_always(head(b"302 Found", b"location: mailto:shop@example.com"))),
    "Retry-After of year 99999999999": Kind(
        _always(head(b"503 Busy", b"retry-after: Mon, 01 Jan 99999999999 00:00:00 GMT"))
    ),
    "growing cookies": Kind(_grows_cookies),
    "rude closes": Kind(_closes_rudely),
    "1xx": Kind(
        _always(
            raw(
                b"HTTP/1.1 100 Continue\r\n\r\n",
                b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
                b"HTTP/1.1 200 OK" + CHUNKED + b"0\r\n\r\n",
            )
        ),
        DELIVERED,
    ),
    "204 with a body": Kind(_always(raw(b"HTTP/1.1 204 No Content\r\n\r\n<html>surprise</html>")), DELIVERED),
    "good": Kind(_always(raw(OK)), DELIVERED),
}
"""By the words of the issue that asked for them; the last one is as it should be."""


@dataclass
class Receivers(InThread):
    """All of them.

    Attributes:
        minute: How long a minute is, seconds.
        secret: What they verify signatures with.
        certificate: What speaks TLS with; one that nobody trusts unless told.
        kinds: Which to play.
        requests: What came, by kind; only what can be read of a request counts.
        accepted: How often each webhook-id was answered with 2xx, by kind.
        connections: How many were made, by kind.
        urls: Where each is.
    """

    minute: float = 60.0
    secret: str = SECRET
    certificate: ssl.SSLContext | None = None
    kinds: dict[str, Kind] = field(default_factory=lambda: dict(KINDS))
    requests: dict[str, list[Request]] = field(default_factory=lambda: defaultdict(list))
    accepted: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    connections: Counter[str] = field(default_factory=Counter)
    urls: dict[str, str] = field(default_factory=dict)

    def endpoints(self, **fields: Any) -> list[dict[str, Any]]:
        """Return them as ALERTING_ENDPOINTS has endpoints, each under an id that `id_of` makes of its kind."""
        return [{"id": id_of(kind), "url": url, "secret": self.secret} | fields for kind, url in self.urls.items()]

    def invalid(self) -> list[str]:
        """Return what the reference library has found wrong."""
        return [f"{kind}: {each.fault}" for kind, came in self.requests.items() for each in came if each.fault]

    async def _serve(self, ready: threading.Event, end: asyncio.Event) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.certificate = self.certificate or self_signed("nobody.example", Path(folder) / "nobody.pem")
        self._tasks: set[asyncio.Task[None]] = set()
        servers = []
        for name, kind in self.kinds.items():
            server = await asyncio.start_server(
                self._connected(name, kind),
                kind.host,
                0,
                backlog=500,
                ssl=self.certificate if kind.certificate else None,
            )
            servers.append(server)
            self.urls[name] = kind.url.format(port=server.sockets[0].getsockname()[1])
        ready.set()
        await end.wait()
        for server in servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.sleep(0.05)

    def _connected(self, name: str, kind: Kind) -> Callable[[asyncio.StreamReader, Writer], Awaitable[None]]:
        async def connected(reader: asyncio.StreamReader, writer: Writer) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            self.connections[name] += 1
            try:
                if kind.url.startswith("https") and not kind.certificate:
                    await kind.answer(writer, 0)
                    return
                while await self._answer(name, kind, reader, writer):
                    pass
            except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                self._tasks.discard(task)
                writer.close()

        return connected

    async def _answer(self, name: str, kind: Kind, reader: asyncio.StreamReader, writer: Writer) -> bool:
        """Answer one request; tell whether the connection goes on."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        came = self.requests[name]
        came.append(Request(time.time(), headers, body, self._fault(headers, body)))
        if kind.recovers and time.time() - came[0].at >= self.minute:
            self.accepted[name][came[-1].webhook_id] += 1
            await raw(OK)(writer)
            return True
        if kind.becomes == DELIVERED and not kind.recovers:
            self.accepted[name][came[-1].webhook_id] += 1
        await kind.answer(writer, len(came) - 1)
        return not writer.is_closing()

    def _fault(self, headers: dict[str, str], body: bytes) -> str:
        try:
            Webhook(self.secret).verify(body, headers)
        except Exception as error:
            return repr(error)
        return ""


def id_of(kind: str) -> str:
    """Return the id of the endpoint of a kind."""
    return "".join(letter if letter.isalnum() else "-" for letter in kind.lower()).replace("--", "-").strip("-")


def self_signed(name: str, file: Path) -> ssl.SSLContext:
    """Return what a server needs to speak TLS as `name`, which only they believe who trust the certificate in `file`."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
