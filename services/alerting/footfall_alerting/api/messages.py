"""Webhooks over HTTP: what became of them, and sending them again."""

import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as Parameter
from fastapi.responses import Response
from footfall_chassis.described import problems
from pydantic import AwareDatetime

from footfall_alerting.api.asked import (
    AWAY,
    BUSY,
    IS_DISABLED,
    UNKNOWN_ENDPOINT,
    Historian,
    Refusal,
    StandingBook,
    answer,
)
from footfall_alerting.api.document import (
    MessageDetail,
    MessageList,
    RecoverAnswer,
    RecoverAsked,
    SentAgain,
    message_detail,
    message_list,
    recover_answer,
)
from footfall_alerting.history.search import Found, Query
from footfall_alerting.job import Status

UNLESS_TOLD = timedelta(hours=24)
"""How far back a list goes."""
MOST = 1000

WebhookId = Annotated[
    str,
    Path(
        pattern="^msg_[0-9a-f]{32}$",
        description="Id of the webhook.",
        examples=["msg_4bb3e1e2c0f1446f8ad3f2c4b5a69788"],
    ),
]
_UNKNOWN = (404, "Nothing is kept of such a webhook.")
_WRONG = (422, "A parameter is wrong; `errors` names it.")


def messages_router(history: Historian, book: StandingBook) -> APIRouter:
    """Return the routes of webhooks.

    Args:
        history: What became of them.
        book: How endpoints stand.
    """
    router = APIRouter(tags=["messages"])

    @router.get(
        "/v1/messages",
        response_model=MessageList,
        response_description="The webhooks with their newest state.",
        responses=problems(_WRONG, BUSY, AWAY),
    )
    async def list_messages(
        request: Request,
        *,
        endpoint: Annotated[
            str | None, Parameter(max_length=64, description="Those for this endpoint only.", examples=["warehouse"])
        ] = None,
        status: Annotated[Status | None, Parameter(description="Those in this state only.", examples=["dead"])] = None,
        type: Annotated[  # noqa: A002  the parameter's name
            str | None, Parameter(max_length=100, description="Those of this type only.", examples=["inventory.low"])
        ] = None,
        since: Annotated[
            AwareDatetime | None,
            Parameter(
                description="Those that changed at this time or later; the last 24 hours unless told.",
                examples=["2026-03-01T12:00:00Z"],
            ),
        ] = None,
        limit: Annotated[int, Parameter(ge=1, le=MOST, description="Return at most this many.", examples=[50])] = 50,
    ) -> Response:
        """Return webhooks, the one that changed last first: what waits, what arrived, what was given up."""
        begin = since or datetime.now(UTC) - UNLESS_TOLD
        query = Query(endpoint, status, type, max(begin.timestamp(), 0.0))

        async def found() -> MessageList:
            return message_list(await history.newest(query, limit))

        return await answer(request, found())

    @router.get(
        "/v1/messages/{webhook_id}",
        response_model=MessageDetail,
        response_description="The webhook with its payload and attempts.",
        responses=problems(_UNKNOWN, _WRONG, BUSY, AWAY),
    )
    async def one_message(request: Request, webhook_id: WebhookId) -> Response:
        """Return one webhook: its payload, every attempt and what the receiver answered."""

        async def found() -> MessageDetail:
            return message_detail((await _found(history, webhook_id)).message)

        return await answer(request, found())

    @router.post(
        "/v1/messages/{webhook_id}/resend",
        status_code=HTTPStatus.ACCEPTED,
        response_model=SentAgain,
        response_description="It is sent again at once, under the same id, with the whole schedule of retries before it.",
        responses=problems(_UNKNOWN, IS_DISABLED, _WRONG, BUSY, AWAY),
    )
    async def resend(request: Request, webhook_id: WebhookId) -> Response:
        """Send a webhook again, whether it waits, was given up, or arrived."""

        async def sent() -> SentAgain:
            found = await _found(history, webhook_id)
            job = found.message.job
            refuse_disabled(book, job.endpoint)
            await history.send([(found.partition, job.again("resend", time.time()))])
            return SentAgain(webhook_id=webhook_id, endpoint=job.endpoint)

        return await answer(request, sent(), HTTPStatus.ACCEPTED)

    @router.post(
        "/v1/recover",
        status_code=HTTPStatus.ACCEPTED,
        response_model=RecoverAnswer,
        response_description="How many will be sent again.",
        responses=problems(UNKNOWN_ENDPOINT, IS_DISABLED, _WRONG, BUSY, AWAY),
    )
    async def recover(request: Request, asked: RecoverAsked) -> Response:
        """Send again whatever an endpoint has missed: what was given up and has not arrived since."""

        async def recovered() -> RecoverAnswer:
            refuse_unknown(book, asked.endpoint)
            refuse_disabled(book, asked.endpoint)
            until = asked.until.timestamp() if asked.until else None
            return recover_answer(await history.recover(asked.endpoint, max(asked.since.timestamp(), 0.0), until))

        return await answer(request, recovered(), HTTPStatus.ACCEPTED)

    return router


def refuse_unknown(book: StandingBook, endpoint: str) -> None:
    """Refuse an endpoint that is not configured.

    Raises:
        Refusal: It is not.
    """
    if endpoint not in book.endpoints:
        known = ", ".join(book.endpoints) or "none"
        raise Refusal(HTTPStatus.NOT_FOUND, f"there is no endpoint {endpoint!r}; there are: {known}")


def refuse_disabled(book: StandingBook, endpoint: str) -> None:
    """Refuse to send to an endpoint that gets nothing.

    Raises:
        Refusal: It is disabled, or not configured any more.
    """
    refuse_unknown(book, endpoint)
    if book.endpoints[endpoint].is_disabled:
        raise Refusal(
            HTTPStatus.CONFLICT, f"endpoint {endpoint} is disabled; enable it first: footfall webhook enable {endpoint}"
        )


async def _found(history: Historian, webhook_id: str) -> Found:
    found = await history.find(webhook_id)
    if found is None:
        raise Refusal(
            HTTPStatus.NOT_FOUND,
            f"nothing is kept of {webhook_id}; history goes back ALERTING_HISTORY_DAYS: `footfall webhook attempts`",
        )
    return found
