"""A receiver for development: verifies what arrives, remembers what it has seen, and can hand it on."""

import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from footfall_alerting.signing import verify

FORWARD_WITHIN = 14.0
"""Seconds in which whoever it is handed on to must answer: the sender waits a second longer."""
_HANDED_ON = ("content-type", "user-agent", "traceparent", "webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True)
class Received:
    """One webhook as it arrived."""

    webhook_id: str
    fault: str | None
    """What is wrong with its signature; None when it is genuine."""
    repeated: bool
    """Accepted before under the same id."""
    answer: int
    """HTTP status it was answered with."""
    document: dict[str, Any]
    note: str = ""
    """Why it could not be handed on."""


Forward = Callable[[Mapping[str, str], bytes], Awaitable[tuple[int, str]]]
"""Hands a webhook on, and returns the HTTP status of the answer, and why there is none."""


@dataclass
class Listener:
    """Answers 204 to genuine webhooks, 401 to others, and 503 to a share of them on purpose."""

    key: bytes
    tell: Callable[[Received], None]
    fail_rate: float = 0.0
    clock: Callable[[], float] = time.time
    luck: Callable[[], float] = random.random
    forward: Forward | None = None
    """Genuine webhooks are handed on, and answered as whoever gets them does."""
    accepted: set[str] = field(default_factory=set)

    def app(self) -> Starlette:
        """Return the web application; every path receives."""
        return Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        headers, body = dict(request.headers), await request.body()
        received = self.judge(headers, body)
        if self.forward is not None and received.answer == HTTPStatus.NO_CONTENT:
            status, note = await self.forward(headers, body)
            received = replace(received, answer=status, note=note)
            if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                self.accepted.discard(received.webhook_id)
        self.tell(received)
        return PlainTextResponse(received.fault or received.note, received.answer)

    def judge(self, headers: Mapping[str, str], body: bytes) -> Received:
        """Verify one request and decide its answer."""
        webhook_id = headers.get("webhook-id", "")
        fault = verify(self.key, headers, body, self.clock())
        answer = HTTPStatus.UNAUTHORIZED if fault else HTTPStatus.NO_CONTENT
        if not fault and self.luck() < self.fail_rate:
            answer = HTTPStatus.SERVICE_UNAVAILABLE
        repeated = webhook_id in self.accepted
        if answer == HTTPStatus.NO_CONTENT:
            self.accepted.add(webhook_id)
        return Received(webhook_id, fault, repeated, answer, _document(body))


def forward_to(url: str, transport: httpx.AsyncBaseTransport | None = None) -> Forward:
    """Return what hands webhooks on to a URL as they came, so that they can be verified there, too.

    Args:
        url: Where to.
        transport: How requests travel; the network unless told.
    """
    http = httpx.AsyncClient(timeout=FORWARD_WITHIN, trust_env=False, transport=transport)

    async def forward(headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        handed_on = {name: headers[name] for name in _HANDED_ON if name in headers}
        try:
            answer = await http.post(url, content=body, headers=handed_on)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return HTTPStatus.BAD_GATEWAY, f"no answer from {url}: {type(error).__name__}: {error}"
        # What it answers is for the sender; a status that may have no body must not get one.
        return answer.status_code, ""

    return forward


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
