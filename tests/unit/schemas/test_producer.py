"""The producer for shops: what it refuses before it is sent, and that what does not arrive is told."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from footfall_schemas import producer
from footfall_schemas.codec import decode
from footfall_schemas.producer import DeliveryError, EventError, EventProducer, UnknownTopicError
from footfall_schemas.topics import topic

from support.events import checkout, refund
from support.registry import registry_that

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Refusal:
    def str(self) -> str:
        return "the broker is full"


class FakeKafka:
    """Stands in for librdkafka: takes everything, or refuses everything."""

    refuses = False

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.sent: list[tuple[str, bytes, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.waiting: list[Any] = []
        self.full = 1

    def produce(self, name: str, value: bytes, key: bytes, on_delivery: Any, headers: dict[str, str]) -> None:
        if self.full:
            self.full -= 1
            raise BufferError
        self.sent.append((name, key, value))
        self.headers.append(headers)
        self.waiting.append(on_delivery)

    def poll(self, _: float) -> None:
        """Call nobody, as long as the broker does not answer."""

    def flush(self, _: float) -> int:
        for told in self.waiting:
            told(Refusal() if self.refuses else None, None)
        self.waiting.clear()
        return 0


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> EventProducer:
    monkeypatch.setattr(producer, "Producer", FakeKafka)
    monkeypatch.setattr(producer, "check_credentials", lambda _: {"t-checkouts", "t-refunds"})
    registry = registry_that(lambda _: httpx.Response(200, json={"id": 7}))
    return EventProducer({"bootstrap.servers": "kafka:1"}, registry, prefix="t-")


def sent(events: EventProducer) -> list[tuple[str, bytes, bytes]]:
    found: list[tuple[str, bytes, bytes]] = events._producer.sent
    return found


def test_an_event_is_keyed_and_encoded_with_what_it_leaves_out(events: EventProducer) -> None:
    row = checkout("A1-1", NOW)
    told = {name: value for name, value in row.items() if value is not None}

    with events:
        events.send("checkouts", told)

    ((name, key, value),) = sent(events)
    assert (name, key) == ("t-checkouts", b"ann")
    assert value[:5] == b"\0\0\0\0\7"
    assert decode(value, topic("checkouts").schema) == row


def test_an_event_has_the_headers_that_were_given(events: EventProducer) -> None:
    events.send("checkouts", checkout("A1-1", NOW), {"traceparent": "00-a-b-01"})
    events.send("checkouts", checkout("A1-2", NOW))

    assert events._producer.headers == [{"traceparent": "00-a-b-01"}, {}]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"currency": "eur"}, r"checkouts: currency does not look like \[A-Z\]\{3\}"),
        ({"quantity": 0}, "checkouts: quantity is 0, less than 1"),
        ({"user_id": ""}, "checkouts: user_id is empty"),
        ({"unit_price": 9.99}, "checkouts: unit_price is 9.99"),
        ({"unit_price": Decimal("9.999")}, "checkouts: unit_price is Decimal"),
        ({"quantity": "2"}, "checkouts: quantity is '2'"),
        ({"payment_status": "paid"}, "checkouts: payment_status is 'paid'"),
        ({"event_time": datetime(2026, 3, 2)}, "checkouts: event_time has no time zone"),  # noqa: DTZ001
        ({"chanel": "email"}, "checkouts: .*chanel"),
    ],
)
def test_a_mistake_names_its_field_and_is_not_sent(
    events: EventProducer, fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(EventError, match=complaint):
        events.send("checkouts", checkout("A1-1", NOW, **fields))

    assert sent(events) == []


def test_a_field_that_is_missing_is_named(events: EventProducer) -> None:
    row = checkout("A1-1", NOW)
    del row["currency"]

    with pytest.raises(EventError, match="checkouts: currency is missing"):
        events.send("checkouts", row)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("checkout", "unknown topic 'checkout'; choose from .*checkouts"),
        ("revenue_per_minute", "what Footfall computes"),
        ("clickstream", "no topic 't-clickstream' on kafka:1"),
    ],
)
def test_a_topic_that_is_not_there_is_told(events: EventProducer, name: str, complaint: str) -> None:
    with pytest.raises(UnknownTopicError, match=complaint):
        events.send(name, {"event_id": "1"})


def test_what_the_broker_does_not_take_is_told_at_the_end(
    events: EventProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeKafka, "refuses", True)

    with (
        pytest.raises(DeliveryError, match="1 events were not delivered: refunds R1: the broker is full") as caught,
        events,
    ):
        events.send("refunds", refund("R1", NOW))

    assert [failure.identity for failure in caught.value.failures] == ["R1"]


def test_an_error_of_the_block_is_not_hidden_by_what_was_not_delivered(
    events: EventProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeKafka, "refuses", True)

    def fails() -> None:
        with events:
            events.send("refunds", refund("R1", NOW))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        fails()

    assert caught.value.__notes__ == ["1 events were not delivered: refunds R1: the broker is full"]
