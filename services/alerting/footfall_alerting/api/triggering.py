"""Events and types of events over HTTP: trying an endpoint, and taking what Alertmanager sends."""

import asyncio
import time
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response
from footfall_chassis.described import problems

from footfall_alerting import event_types
from footfall_alerting.api.asked import (
    AWAY,
    BUSY,
    IS_DISABLED,
    UNKNOWN_ENDPOINT,
    Historian,
    Refusal,
    StandingBook,
    Tell,
    answer,
)
from footfall_alerting.api.document import (
    EventTypeList,
    EventTypeShown,
    IntakeAnswer,
    SentAgain,
    TriggerAnswer,
    TriggerAsked,
)
from footfall_alerting.api.messages import refuse_disabled
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.errors import NotTakenError
from footfall_alerting.events import Event
from footfall_alerting.intake.alertmanager import Notification, events_of
from footfall_alerting.job import job_of
from footfall_alerting.payload import body_of

TAKEN_WITHIN = 10.0
"""Seconds in which Kafka must have taken what Alertmanager sends, which otherwise sends it again."""
_WRONG = (422, "The body is wrong; `detail` says where.")


def types_router() -> APIRouter:
    """Return the route of event types."""
    router = APIRouter(tags=["event types"])

    @router.get(
        "/v1/event-types",
        response_description="Every type with its schema and an example.",
    )
    async def list_types() -> EventTypeList:
        """Return what webhooks there are, and what each one's payload holds."""
        by_name = event_types.asked_for_by_name()
        return EventTypeList(
            event_types=[
                EventTypeShown(
                    type=name,
                    version=event_types.VERSION,
                    description=schema["description"],
                    asked_for_by_name=name in by_name,
                    payload_schema=schema,
                    example=event_types.example(name),
                )
                for name, schema in event_types.schemas().items()
            ]
        )

    return router


def trigger_router(
    endpoints: Iterable[Endpoint], history: Historian, book: StandingBook, dashboard_url: str
) -> APIRouter:
    """Return the route by which somebody tries a receiver.

    Args:
        endpoints: Those of the settings.
        history: It hands jobs on.
        book: How endpoints stand.
        dashboard_url: Where people open the live page.
    """
    router = APIRouter(tags=["trigger"])
    configured = {endpoint.id: endpoint for endpoint in endpoints}

    @router.post(
        "/v1/trigger",
        status_code=HTTPStatus.ACCEPTED,
        response_model=TriggerAnswer,
        response_description="What will be sent, to whom.",
        responses=problems(UNKNOWN_ENDPOINT, IS_DISABLED, _WRONG, BUSY, AWAY),
    )
    async def trigger(request: Request, asked: TriggerAsked) -> Response:
        """Send the example of a type, signed like every other webhook, to one endpoint or to all that want it."""

        async def triggered() -> TriggerAnswer:
            event = made_up(asked.type)
            if asked.endpoint is not None:
                refuse_disabled(book, asked.endpoint)
                chosen = [configured[asked.endpoint]]
            else:
                chosen = [each for each in configured.values() if each.wants(event)]
                chosen = [each for each in chosen if not book.endpoints[each.id].is_disabled]
            if not chosen:
                raise Refusal(
                    HTTPStatus.CONFLICT,
                    f"no endpoint that gets webhooks wants {asked.type}; name one: footfall webhook trigger {asked.type} "
                    "--endpoint ID",
                )
            partition = zlib.crc32(event.key.encode()) % await history.partitions()
            body = body_of(event, dashboard_url)
            jobs = [
                replace(job_of(event, endpoint.id, body), trigger="trigger", not_before=time.time())
                for endpoint in chosen
            ]
            await history.send((partition, job) for job in jobs)
            return TriggerAnswer(
                event_id=event.id,
                webhooks=[SentAgain(webhook_id=job.webhook_id, endpoint=job.endpoint) for job in jobs],
            )

        return await answer(request, triggered(), HTTPStatus.ACCEPTED)

    return router


def intake_router(tell: Tell) -> APIRouter:
    """Return the route that takes what others tell.

    Args:
        tell: Appends events durably.
    """
    router = APIRouter(tags=["intake"])

    @router.post(
        "/v1/alertmanager",
        status_code=HTTPStatus.ACCEPTED,
        response_model=IntakeAnswer,
        response_description="How many alerts will be handed on.",
        responses=problems(_WRONG, AWAY),
    )
    async def alertmanager(request: Request, notification: Notification) -> Response:
        """Take what Prometheus' Alertmanager sends and hand each alert on as `monitoring.alert`, signed and retried."""

        async def taken() -> IntakeAnswer:
            events = events_of(notification)
            try:
                async with asyncio.timeout(TAKEN_WITHIN):
                    await asyncio.gather(*(tell(event) for event in events))
            except TimeoutError:
                raise NotTakenError(
                    f"Kafka has not taken the alerts within {TAKEN_WITHIN:g} s; send them again"
                ) from None
            return IntakeAnswer(events=len(events))

        return await answer(request, taken(), HTTPStatus.ACCEPTED)

    return router


def made_up(type_: str) -> Event:
    """Return an event that says it is one of a test, with the data of the type's example.

    Raises:
        Refusal: There is no such type.
    """
    known = event_types.schemas()
    if type_ not in known:
        near = get_close_matches(type_, list(known), n=1, cutoff=0.6)
        meant = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"there is no event type {type_!r}; {meant}")
    data = event_types.example(type_)["data"]
    event_id = f"test_{uuid.uuid4().hex}"
    if "alert_id" in data:
        data["alert_id"] = event_id
    now = datetime.now(UTC)
    event = Event(id=event_id, type=type_, time=now, key=event_id, data=data)
    return replace(event, severity=data.pop("severity", "info"))
