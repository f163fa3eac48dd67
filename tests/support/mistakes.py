"""A mistake in each field of an order and a refund, one message each, and what mends it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from confluent_kafka import Message, Producer
from footfall_alerting.topics import DEAD_LETTERS, own_topics
from footfall_analytics.dead_letters.letter import Place
from footfall_analytics.dead_letters.retrying import _producer
from footfall_schemas.codec import encode, key_of, to_json
from footfall_schemas.provision import ensure_topics
from footfall_schemas.topics import Json, topic

from support.events import checkout, click, inventory_update, refund
from support.foreign.case import retyped
from support.oracle import Row
from support.shop import Shop
from support.written import shown

APART = timedelta(milliseconds=20)
AHEAD = timedelta(hours=2)
LONG, NUL = "x" * 1001, "no\0thing"
WRONG: dict[str, tuple[str, Any]] = {
    "checkout_id": ("checkouts", ""),
    "order_id": ("checkouts", LONG),
    "event_time": ("checkouts", None),
    "user_id": ("checkouts", ""),
    "session_id": ("checkouts", ""),
    "product_id": ("checkouts", ""),
    "category_id": ("checkouts", ""),
    "quantity": ("checkouts", 0),
    "unit_price": ("checkouts", Decimal("-0.01")),
    "discount_rate": ("checkouts", Decimal("1.5")),
    "shipping_cost": ("checkouts", Decimal("-4.90")),
    "currency": ("checkouts", "eur"),
    "payment_method": ("checkouts", 7),
    "payment_status": ("checkouts", 7),
    "payment_failure_reason": ("checkouts", NUL),
    "source": ("checkouts", 7),
    "channel": ("checkouts", LONG),
    "refund_id": ("refunds", ""),
    "amount": ("refunds", Decimal("-80.00")),
}
"""Topic and value by field; a whole number in place of a text is one in a schema of the shop's own."""


@dataclass(frozen=True)
class Mistake:
    """One message that is wrong."""

    field: str
    topic: str
    right: Row
    """As it should have been."""
    schema: Json
    wrong: Row

    @property
    def key(self) -> bytes:
        return f"u-{self.field}".encode()

    @property
    def mend(self) -> str:
        """What `--set` is told."""
        value = self.right[self.field]
        return f"{self.field}={value.isoformat() if isinstance(value, datetime) else shown(value)}"

    def message(self, schema_id: int) -> bytes:
        return encode(schema_id, self.schema, self.wrong)


def mistakes(when: datetime) -> Iterator[Mistake]:
    """Yield them, one after the other from then on."""
    for number, (field, (name, value)) in enumerate(WRONG.items()):
        make = checkout if name == "checkouts" else refund
        fields = {"user_id": f"u-{field}", "currency": "NOK"}
        right = make(f"wrong-{field}", when + APART * number, **fields)
        described = topic(name).schema
        is_typed = isinstance(value, int) and field != "quantity"
        wrong = datetime.now(when.tzinfo) + AHEAD if field == "event_time" else value
        yield Mistake(
            field, name, right, retyped(described, **{field: "int"}) if is_typed else described, right | {field: wrong}
        )


def send_mistakes(shop: Shop, wrong: list[Mistake], sequence: list[Row], as_json: Row) -> None:
    """Send them, and besides: several of one user, one as JSON, one without a value, and one that a service has buried."""
    ensure_topics({"bootstrap.servers": shop.kafka}, own_topics())
    producer = Producer({"bootstrap.servers": shop.kafka, "partitioner": "murmur2_random"})
    ids = {name: shop.registry.register(topic(name)) for name in ("checkouts", "refunds")}
    for each in wrong:
        own = each.schema is not topic(each.topic).schema
        schema_id = _registered(shop, each) if own else ids[each.topic]
        producer.produce(each.topic, each.message(schema_id), each.key, headers=[("trace", each.field.encode())])
    for row in sequence:
        message = encode(ids["checkouts"], topic("checkouts").schema, row | {"currency": "dkk"})
        producer.produce("checkouts", message, b"u-seq")
    producer.produce("checkouts", json.dumps(to_json(as_json)).encode(), b"u-json")
    producer.produce("checkouts", None, b"u-nothing")
    headers = {"stage": "deliver", "error": "410 Gone", "source-topic": "inventory-alerts"}
    producer.produce(
        DEAD_LETTERS, b"{}", headers=headers | {"source-partition": "0", "source-offset": "7"}, partition=0
    )
    assert producer.flush(30) == 0


def _registered(shop: Shop, wrong: Mistake) -> int:
    answer = httpx.post(
        f"{shop.registry.url}/subjects/own-{wrong.field}/versions",
        json={"schema": json.dumps(wrong.schema)},
        timeout=30,
    )
    found: int = answer.raise_for_status().json()["id"]
    return found


def hanging_retry(shop: Shop) -> Producer:
    """Return a retry that hangs in the middle of its transaction."""
    producer = _producer({"bootstrap.servers": shop.kafka}, "")
    producer.begin_transaction()
    row = checkout("ghost", datetime.now(UTC), user_id="ghost")
    message = encode(shop.registry.register(topic("checkouts")), topic("checkouts").schema, row)
    producer.produce("checkouts", message, b"ghost")
    producer.flush(10)
    return producer


def close(shop: Shop, end: datetime) -> None:
    """Send what ends the windows."""
    producer = Producer({"bootstrap.servers": shop.kafka})
    closing: dict[str, Row] = {
        "clickstream": click("end", end),
        "checkouts": checkout("end", end),
        "refunds": refund("end", end),
        "inventory-updates": inventory_update("end", end, 5),
    }
    for name, row in closing.items():
        described = topic(name)
        for partition in range(described.partitions):
            ended = row | {described.field_names[0]: f"end-{partition}"}
            message = encode(shop.registry.register(described), described.schema, ended)
            producer.produce(name, message, key_of(described, ended), partition)
    assert producer.flush(30) == 0


def place_of(message: Message) -> str:
    """Return where a message lies, as the commands write it."""
    return str(Place(message.topic(), message.partition(), message.offset()))
