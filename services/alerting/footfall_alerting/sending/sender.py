"""One attempt: sign, POST, read the beginning of the answer. Whatever a receiver does becomes an outcome."""

import asyncio
import base64
import re
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import h11

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.errors import UnreachableError
from footfall_alerting.job import Job
from footfall_alerting.policy import Outcome, Result, classify
from footfall_alerting.sending.addresses import Network
from footfall_alerting.sending.connections import Connections, Headers, Place
from footfall_alerting.sending.guard import Guard

USER_AGENT = "footfall-webhooks/1"
ANSWER_BYTES = 2048
"""As much of an answer's body is read."""
BODY_SECONDS = 2.0
"""How long the body of an answer is waited for, once its status is known."""
LONGEST_DETAIL = 500
"""Characters."""

_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_IN_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (UnreachableError, "cannot connect"),
    (ssl.SSLError, "TLS failed"),
    (OSError, "the connection broke"),
    (h11.RemoteProtocolError, "the answer is no HTTP that can be read"),
)


class Sender:
    """Attempts webhooks at one endpoint; how many at once is the caller's business.

    Args:
        endpoint: The receiver.
        timeout: How long one attempt may take in all.
        connections: Idle ones that are kept.
        networks: Where it may go though they are not public.
        guard: How to connect; to public addresses and those networks unless told.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: timedelta,
        connections: int = 16,
        networks: Iterable[Network] = (),
        guard: Guard | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.endpoint = endpoint
        self._timeout = timeout.total_seconds()
        self._clock = clock
        self._signer = endpoint.signer()
        self._headers = _headers(endpoint)
        self._connections = Connections(_place(endpoint), guard or Guard(networks), connections)

    async def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    async def attempt(self, job: Job) -> Outcome:
        """Try once; nothing but being cancelled is raised."""
        begun = time.perf_counter()
        outcome = await self._post(job)
        return replace(outcome, seconds=time.perf_counter() - begun)

    async def _post(self, job: Job) -> Outcome:
        outcome: Outcome | None = None
        body = bytearray()
        try:
            # A limit for the whole: a receiver that drips bytes would hold an attempt for ever.
            async with asyncio.timeout(self._timeout) as limit:
                content = job.body.encode()
                async with self._connections.answer(self._headers_of(job, content), content) as answer:
                    now = datetime.fromtimestamp(self._clock(), UTC)
                    outcome = classify(answer.status, answer.header(b"retry-after"), now)
                    limit.reschedule(min(limit.when() or 0.0, asyncio.get_running_loop().time() + BODY_SECONDS))
                    async for piece in answer.body():
                        body += piece
                        if len(body) >= ANSWER_BYTES:
                            break
        except TimeoutError:
            trouble = f"no answer within {self._timeout:g} s"
        except Exception as error:  # noqa: BLE001  whatever a receiver does is an outcome
            trouble = self._reason(error)
        # Once the status has arrived it counts; the rest of the answer may break as it likes.
        return replace(outcome, answer=_text(body)) if outcome else Outcome(Result.FAILED, None, trouble)

    def _headers_of(self, job: Job, content: bytes) -> Headers:
        timestamp = int(self._clock())
        headers = [
            *self._headers,
            (b"content-length", b"%d" % len(content)),
            (b"webhook-id", job.webhook_id.encode()),
            (b"webhook-timestamp", b"%d" % timestamp),
            (b"webhook-signature", self._signer.header(job.webhook_id, timestamp, content).encode()),
        ]
        if _TRACE.fullmatch(job.traceparent):
            headers.append((b"traceparent", job.traceparent.encode()))
        return headers

    def _reason(self, error: Exception) -> str:
        """Return what went wrong, fit for logs and headers; the URL, which may hold a token, is left out."""
        kind = next((words for type_, words in _IN_WORDS if isinstance(error, type_)), type(error).__name__)
        text = f"{kind}: {error}" if str(error) else kind
        text = text.replace(self.endpoint.address, self.endpoint.id)
        return text.encode(errors="backslashreplace").decode()[:LONGEST_DETAIL]


def _place(endpoint: Endpoint) -> Place:
    url = endpoint.url
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    is_encrypted = url.scheme == "https"
    # An IPv6 address stands in brackets.
    host = (url.host or "").strip("[]")
    return Place(host, url.port or (443 if is_encrypted else 80), target.encode(), is_encrypted)


def _headers(endpoint: Endpoint) -> Headers:
    """Return the headers that all requests have."""
    url = endpoint.url
    is_usual = url.port == {"https": 443, "http": 80}[url.scheme]
    headers = {
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "host": f"{url.host}" if is_usual else f"{url.host}:{url.port}",
        "user-agent": USER_AGENT,
    }
    if url.username or url.password:
        login = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
        headers["authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    headers |= {name.lower(): value.get_secret_value() for name, value in endpoint.headers.items()}
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _text(body: bytes | bytearray) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", bytes(body[:ANSWER_BYTES]).decode(errors="replace"))
