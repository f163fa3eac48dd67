"""What is asked and answered: the OpenAPI description is this file."""

from typing import Annotated, Any

from footfall_chassis.described import Described, Moment, moment
from pydantic import AwareDatetime, ConfigDict, Field, WithJsonSchema

from footfall_alerting.history.history import Recovered
from footfall_alerting.history.search import Page, Summary, summary_of
from footfall_alerting.job import Attempt, Message, Status, Trigger
from footfall_alerting.standing.state import Standing, State

TIME = "2026-03-01T12:00:00.000Z"
WEBHOOK_ID = "msg_4bb3e1e2c0f1446f8ad3f2c4b5a69788"

AnyJson = Annotated[
    Any, WithJsonSchema({"type": ["object", "array", "string", "number", "boolean", "null"]}, mode="serialization")
]


class Asked(Described):
    """A body of a request; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class MessageSummary(Described):
    """How far one webhook has come."""

    webhook_id: str = Field(examples=[WEBHOOK_ID])
    """Its id, which the receiver gets as `webhook-id` with every attempt."""
    endpoint: str = Field(examples=["warehouse"])
    """Id of the endpoint that it is for."""
    event_id: str = Field(examples=["9f2c6d1e0b7a4c3d8e5f60718293a4b5"])
    """Id of the event that it tells of."""
    type: str = Field(examples=["inventory.low"])
    """The event's type."""
    key: str = Field(examples=["product-000042"])
    """What order goes by: the product's, the user's or the endpoint's id."""
    status: Status = Field(examples=["waiting"])
    """`waiting` for another attempt, `delivered`, or `dead`: given up."""
    reason: str = Field(examples=["exhausted"])
    """Why it is dead: `exhausted` (all attempts failed), `gone` (410), `disabled` or `not_configured`; empty if it is not."""
    trigger: Trigger = Field(examples=["event"])
    """Why it is sent: `event`, or somebody's `resend`, `recover` or `trigger`."""
    updated: Moment = Field(examples=[TIME])
    """When that was known."""
    event_time: Moment = Field(examples=[TIME])
    """When the event happened."""
    failed_attempts: int = Field(ge=0, examples=[2])
    """Attempts of this trigger that failed."""
    next_attempt: Moment | None = Field(None, examples=[TIME])
    """When it is attempted next; null: never."""
    last_outcome: str = Field(examples=["HTTP 503"])
    """How the newest attempt ended; empty if there was none."""


class AttemptShown(Described):
    """One attempt."""

    at: Moment = Field(examples=[TIME])
    """When it began."""
    result: str = Field(examples=["failed"])
    """`delivered`, `failed` or `gone`."""
    status: int | None = Field(examples=[503])
    """HTTP status; null: there was no answer."""
    detail: str = Field(examples=["HTTP 503"])
    """The same in words."""
    seconds: float = Field(ge=0, examples=[0.042])
    """How long it took."""
    answer: str = Field(examples=["try later"])
    """First 2 kB of the answer's body."""


class MessageDetail(MessageSummary):
    """One webhook with its payload and its attempts."""

    body: str = Field(examples=['{"type":"inventory.low"}'])
    """The exact text that is signed and sent."""
    attempts: list[AttemptShown] = Field(default_factory=list)
    """The newest 30 of all triggers, oldest first."""


class MessageList(Described):
    """Webhooks, the one that changed last first."""

    messages: list[MessageSummary] = Field(default_factory=list)
    """Each with its newest state."""
    since: Moment = Field(examples=[TIME])
    """How far back was looked: if that is later than what was asked for, there may be more before it."""


class EndpointShown(Described):
    """One receiver of webhooks, without its secrets."""

    id: str = Field(examples=["warehouse"])
    """Its id."""
    host: str = Field(examples=["shop.example"])
    """Host of its URL; the rest may hold secrets."""
    state: State = Field(examples=["ok"])
    """`ok`, `failing` (no success since the last failure), or `disabled`: it gets nothing until somebody enables it."""
    enabled: bool = Field(examples=[True])
    """Whether its settings let it be sent anything."""
    reason: str = Field(examples=["HTTP 503"])
    """Why it is not ok; empty if it is."""
    since: Moment = Field(examples=[TIME])
    """Since when it is in this state, as far as this worker knows."""
    failing_since: Moment | None = Field(examples=[TIME])
    """First failure that no success has followed; null: there is none."""
    disabled_at: Moment | None = Field(examples=[TIME])
    """When it will be disabled if nothing succeeds until then; null if it does not fail, or is disabled already."""
    waiting: int = Field(ge=0, examples=[3])
    """Webhooks for it that this worker holds and has not finished."""
    oldest_waiting_seconds: float = Field(ge=0, examples=[12.5])
    """For how long the oldest of them has been due."""
    event_types: list[str] | None = Field(examples=[["inventory.low"]])
    """Types it wants; null: all that need not be asked for by name."""


class EndpointList(Described):
    """Every endpoint of the settings."""

    endpoints: list[EndpointShown] = Field(default_factory=list)
    """In the order of the settings."""


class EventTypeShown(Described):
    """A type of webhook."""

    type: str = Field(examples=["inventory.low"])
    """Its name, which is `type` of the payload."""
    version: int = Field(ge=1, examples=[1])
    """Of its schema: a new one is made for a change that would break receivers."""
    description: str = Field(examples=["A product runs low in a warehouse."])
    """When it is sent."""
    asked_for_by_name: bool = Field(examples=[False])
    """Whether only endpoints get it that list it in `event_types`."""
    payload_schema: dict[str, Any] = Field(examples=[{"type": "object"}])
    """JSON Schema (2020-12) of the payload."""
    example: dict[str, Any] = Field(examples=[{"type": "inventory.low"}])
    """A payload."""


class EventTypeList(Described):
    """Every type of webhook that there is."""

    event_types: list[EventTypeShown] = Field(default_factory=list)
    """By name."""


class SentAgain(Described):
    """A webhook that will be sent again."""

    webhook_id: str = Field(examples=[WEBHOOK_ID])
    """Its id, which is the same as before."""
    endpoint: str = Field(examples=["warehouse"])
    """Where it goes."""


class RecoverAsked(Asked):
    """What is to be brought back."""

    endpoint: str = Field(min_length=1, max_length=64, examples=["warehouse"])
    """Id of the endpoint."""
    since: AwareDatetime = Field(examples=[TIME])
    """What was given up at this time or later, and is still dead, is sent again."""
    until: AwareDatetime | None = Field(None, examples=[TIME])
    """What was given up later is left alone; null: nothing is."""


class RecoverAnswer(Described):
    """What was brought back."""

    recovered: int = Field(ge=0, examples=[12])
    """Webhooks that will be sent again."""
    go_on_since: Moment | None = Field(examples=[None])
    """There were more than one request takes: ask again with this as `since`; null: that was all."""


class TriggerAsked(Asked):
    """What is to be tried."""

    type: str = Field(min_length=1, max_length=100, examples=["webhook.test"])
    """Type of the event; its example is sent."""
    endpoint: str | None = Field(None, max_length=64, examples=["warehouse"])
    """Where to; null: to every endpoint that wants such an event."""


class TriggerAnswer(Described):
    """What will be sent."""

    event_id: str = Field(examples=["test_1f0c"])
    """Id of the made-up event."""
    webhooks: list[SentAgain] = Field(default_factory=list)
    """One for each endpoint."""


class IntakeAnswer(Described):
    """What was taken."""

    events: int = Field(ge=0, examples=[2])
    """Alerts that will be handed on to the endpoints that want `monitoring.alert`."""


def message_list(page: Page) -> MessageList:
    """Return what is answered of a page."""
    return MessageList(messages=[_summary(each) for each in page.messages], since=moment(page.since))


def message_detail(message: Message) -> MessageDetail:
    """Return what is answered of one message."""
    summary = _summary(summary_of(message))
    return MessageDetail(
        **dict(summary), body=message.job.body, attempts=[_attempt(each) for each in message.job.attempts]
    )


def recover_answer(recovered: Recovered) -> RecoverAnswer:
    """Return what is answered when something was brought back."""
    until = None if recovered.until is None else moment(recovered.until)
    return RecoverAnswer(recovered=recovered.jobs, go_on_since=until)


def disabled_at(standing: Standing, disable_after: float) -> float | None:
    """Return when an endpoint will be disabled, epoch seconds; None: nothing leads there."""
    return standing.failing_since + disable_after if standing.state == "failing" else None


def _summary(found: Summary) -> MessageSummary:
    return MessageSummary(
        webhook_id=found.webhook_id,
        endpoint=found.endpoint,
        event_id=found.event_id,
        type=found.type,
        key=found.key,
        status=found.status,
        reason=found.reason,
        trigger=found.trigger,
        updated=moment(found.updated),
        event_time=moment(found.event_time),
        failed_attempts=found.attempted,
        next_attempt=None if found.due is None else moment(found.due),
        last_outcome=found.last,
    )


def _attempt(attempt: Attempt) -> AttemptShown:
    return AttemptShown(
        at=moment(attempt.at),
        result=attempt.result,
        status=attempt.status,
        detail=attempt.detail,
        seconds=attempt.seconds,
        answer=attempt.answer,
    )
