"""One attempt: sign, POST, read the beginning of the answer. Whatever a receiver does becomes an outcome."""

import asyncio
import base64
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpcore

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.job import Job
from footfall_alerting.policy import Outcome, Result, classify
from footfall_alerting.sending.addresses import Network
from footfall_alerting.sending.connections import Backend, Connections
from footfall_alerting.sending.guard import Guard

USER_AGENT = "footfall-webhooks/1"
ANSWER_BYTES = 2048
"""As much of an answer's body is read."""
BODY_SECONDS = 2.0
"""How long the body of an answer is waited for, once its status is known."""
LONGEST_DETAIL = 500
"""Characters."""

_TRACE = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_IN_WORDS: dict[type[Exception], str] = {
    httpcore.ConnectError: "cannot connect",
    httpcore.ReadError: "the connection broke",
    httpcore.WriteError: "the connection broke",
    httpcore.RemoteProtocolError: "the answer is no HTTP that can be read",
}


class Sender:
    """Attempts webhooks at one endpoint; how many at once is the caller's business.

    Args:
        endpoint: The receiver.
        timeout: How long one attempt may take in all.
        connections: How many are kept open.
        networks: Addresses it may go to that are not public.
        backend: How to connect; through the guard of addresses unless told.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: timedelta,
        connections: int = 16,
        networks: Iterable[Network] = (),
        backend: Backend | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.endpoint = endpoint
        self._timeout = timeout.total_seconds()
        self._clock = clock
        self._signer = endpoint.signer()
        self._url, self._headers = _target(endpoint)
        self._connections = Connections(connections, backend or Guard(networks))

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.close()

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
                async with self._connections.answer(self._request(job)) as answer:
                    outcome = classify(answer.status, _retry_after(answer), datetime.fromtimestamp(self._clock(), UTC))
                    limit.reschedule(min(limit.when() or 0.0, asyncio.get_running_loop().time() + BODY_SECONDS))
                    async for piece in answer.aiter_stream():
                        body += piece
                        if len(body) >= ANSWER_BYTES:
                            break
        except TimeoutError:
            trouble = f"no answer within {self._timeout:g} s"
        except Exception as error:  # noqa: BLE001  whatever a receiver does is an outcome
            trouble = self._reason(error)
        # Once the status has arrived it counts; the rest of the answer may break as it likes.
        return replace(outcome, answer=_text(body)) if outcome else Outcome(Result.FAILED, None, trouble)

    def _request(self, job: Job) -> httpcore.Request:
        content, timestamp = job.body.encode(), int(self._clock())
        headers = [
            *self._headers,
            (b"content-length", b"%d" % len(content)),
            (b"webhook-id", job.webhook_id.encode()),
            (b"webhook-timestamp", b"%d" % timestamp),
            (b"webhook-signature", self._signer.header(job.webhook_id, timestamp, content).encode()),
        ]
        if _TRACE.fullmatch(job.traceparent):
            headers.append((b"traceparent", job.traceparent.encode()))
        return httpcore.Request(b"POST", self._url, headers=headers, content=content)

    def _reason(self, error: Exception) -> str:
        """Return what went wrong, fit for logs and headers; the URL, which may hold a token, is left out."""
        text = ": ".join(filter(None, (_IN_WORDS.get(type(error), type(error).__name__), str(error))))
        text = text.replace(self.endpoint.address, self.endpoint.id)
        return text.encode(errors="backslashreplace").decode()[:LONGEST_DETAIL]


def _target(endpoint: Endpoint) -> tuple[httpcore.URL, list[tuple[bytes, bytes]]]:
    """Return where requests go and the headers that all of them have."""
    url = endpoint.url
    host = (url.host or "").encode("ascii")
    name = host.strip(b"[]")
    is_unusual = url.port not in {None, 443 if url.scheme == "https" else 80}
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = [
        (b"host", f"{host.decode()}:{url.port}".encode() if is_unusual else host),
        (b"accept-encoding", b"identity"),
        (b"content-type", b"application/json"),
    ]
    own = {name.lower(): value.get_secret_value() for name, value in endpoint.headers.items()}
    own = {"accept": "*/*", "user-agent": USER_AGENT} | own
    if url.username or url.password:
        login = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
        own.setdefault("authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    headers += [(name.encode(), value.encode()) for name, value in own.items()]
    return httpcore.URL(scheme=url.scheme.encode(), host=name, port=url.port, target=target.encode("ascii")), headers


def _retry_after(answer: httpcore.Response) -> str | None:
    return next((value.decode("latin-1") for name, value in answer.headers if name.lower() == b"retry-after"), None)


def _text(body: bytes | bytearray) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", bytes(body[:ANSWER_BYTES]).decode(errors="replace"))
