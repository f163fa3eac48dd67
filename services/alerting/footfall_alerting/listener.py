"""A receiver for development: verifies what arrives and remembers what it has seen."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from footfall_alerting.signing import verify


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


@dataclass
class Listener:
    """Answers 204 to genuine webhooks, 401 to others, and 503 to a share of them on purpose."""

    key: bytes
    tell: Callable[[Received], None]
    fail_rate: float = 0.0
    clock: Callable[[], float] = time.time
    luck: Callable[[], float] = random.random
    accepted: set[str] = field(default_factory=set)

    def app(self) -> Starlette:
        """Return the web application; every path receives."""
        return Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        received = self.judge(dict(request.headers), await request.body())
        self.tell(received)
        return PlainTextResponse(received.fault or "", received.answer)

    def judge(self, headers: dict[str, str], body: bytes) -> Received:
        """Verify one request and decide its answer."""
        webhook_id = headers.get("webhook-id", "")
        fault = verify(self.key, headers, body, self.clock())
        repeated = webhook_id in self.accepted
        answer = HTTPStatus.UNAUTHORIZED if fault else HTTPStatus.NO_CONTENT
        if not fault and self.luck() < self.fail_rate:
            answer = HTTPStatus.SERVICE_UNAVAILABLE
        if answer == HTTPStatus.NO_CONTENT:
            self.accepted.add(webhook_id)
        return Received(webhook_id, fault, repeated, answer, _document(body))


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
