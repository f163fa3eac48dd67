"""The stream of changes: one server-sent event for each panel that has changed."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Header
from footfall_chassis.described import problems
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from footfall_dashboard.api.models import NOT_NOW
from footfall_dashboard.live.board import Board, event
from footfall_dashboard.live.panel import plain, text
from footfall_dashboard.metrics import PAGES, PAGES_REFUSED, SENT_BYTES

PING = 15
"""Seconds between two comments, which keep proxies from closing a quiet connection."""
SLOWEST = 60.0
"""Seconds after which whoever takes nothing is taken to be gone."""
RETRY_AFTER = "10"
_NUMBER = re.compile("[0-9]{1,18}")

log = structlog.get_logger(__name__)


class Pages:
    """The open pages, at most so many.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.open = 0

    def enter(self) -> None:
        """Count one more.

        Raises:
            HTTPException: 503; there are too many.
        """
        if self.open >= self.most:
            PAGES_REFUSED.inc()
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{self.open} pages are open, as many as DASHBOARD_MAX_PAGES allows: close one, or raise it",
                {"retry-after": RETRY_AFTER},
            )
        self.open += 1
        PAGES.set(self.open)

    def leave(self) -> None:
        """Count one less."""
        self.open -= 1
        PAGES.set(self.open)


def stream_router(board: Board, pages: Pages, version: str, started_at: datetime) -> APIRouter:
    """Return the route of the stream."""
    router = APIRouter(tags=["stream"])
    hello = event("server", text({"version": version, "started_at": plain(started_at)}))

    @router.get(
        "/v1/stream",
        response_class=EventSourceResponse,
        responses={
            200: {"content": {"text/event-stream": {}}, "description": "Events `server`, `panel` and `pipeline`."},
            **problems(NOT_NOW),
        },
    )
    async def stream(
        last_event_id: Annotated[
            str | None, Header(description="`id` of the last event that was seen.", examples=["1772366400000"])
        ] = None,
    ) -> EventSourceResponse:
        """Send what has changed as it changes, at most once a second.

        At first event `server`, then every panel that is newer than `Last-Event-ID` (all without it), then each as it
        changes, whole: whoever is slow misses nothing but what was replaced meanwhile.
        """
        pages.enter()
        return _Page(pages, _events(board, hello, _number(last_event_id)))

    return router


class _Page(EventSourceResponse):
    """The answer to one page, which leaves however it ends."""

    def __init__(self, pages: Pages, events: AsyncIterator[bytes]) -> None:
        super().__init__(
            events,
            ping=PING,
            ping_message_factory=lambda: ServerSentEvent(comment="ping"),
            send_timeout=SLOWEST,
        )
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.info("page took nothing any more", seconds=SLOWEST)
        finally:
            self._pages.leave()


async def _events(board: Board, hello: bytes, seen: int) -> AsyncIterator[bytes]:
    yield hello
    while True:
        news, seen = await board.newer(seen), board.last
        SENT_BYTES.inc(len(news))
        yield news


def _number(last_event_id: str | None) -> int:
    return int(last_event_id) if last_event_id and _NUMBER.fullmatch(last_event_id) else 0
