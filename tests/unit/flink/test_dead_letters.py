"""What a dead letter says, of whom, and what there is to do about it."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from footfall_alerting import topics as alerting
from footfall_analytics.dead_letters.cures import OTHERWISE, cure_of, field_of
from footfall_analytics.dead_letters.decoding import decoded, refusal
from footfall_analytics.dead_letters.finding import TOPICS
from footfall_analytics.dead_letters.letter import Letter, Place, Wanted, from_headers, from_row
from footfall_analytics.dead_letters.present import lines_of, whole
from footfall_exporter import dead_letters as exporter
from footfall_schemas.codec import encode
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic

from support.events import checkout, click
from support.foreign import cases

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHECKOUTS, CLICKS = topic("checkouts"), topic("clickstream")
APP = Path(__file__).resolve().parents[3] / "services/recommender/footfall_recommender/app.py"


def registry_of(*schemas: dict[str, Any]) -> SchemaRegistry:
    """Return a registry that knows these, by ids from 1 on."""

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.path.rsplit("/", 1)[-1])
        if number > len(schemas):
            return httpx.Response(404, json={"error_code": 40403, "message": "none"})
        return httpx.Response(200, json={"schema": json.dumps(schemas[number - 1])})

    return SchemaRegistry("http://registry", transport=httpx.MockTransport(answer))


def letter(payload: bytes | None = b"x", reason: str = "quantity is 0, less than 1", **changes: Any) -> Letter:
    row = {"topic": "checkouts", "partition": 1, "offset": 17, "reason": reason, "payload": payload} | changes
    return from_row(row, Place("dead-letters", 0, 3), NOW)


def test_the_topics_are_those_that_parts_write() -> None:
    assert set(TOPICS) == {
        "dead-letters",
        alerting.DEAD_LETTERS,
        *(f"{name}-dead-letters" for name in re.findall(r'dead_letter_topic\("(recommender)"\)', APP.read_text())),
        exporter.TOPIC.name,
    }


@pytest.mark.parametrize("text", ["checkouts/1@17", "a/b-c/0@0"])
def test_a_place_is_read_as_it_is_written(text: str) -> None:
    assert str(Place.parse(text)) == text


@pytest.mark.parametrize("text", ["checkouts", "checkouts/1", "checkouts/x@1", "/1@-1", ""])
def test_no_place_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a position; write it as `list` does: checkouts/1@17"):
        Place.parse(text)


def test_a_services_dead_letter_says_where_the_message_was() -> None:
    headers = {
        "error": b"no such alert",
        "stage": b"decode",
        "source-topic": b"inventory-alerts",
        "source-partition": b"2",
        "source-offset": b"9",
    }

    found = from_headers("alerting", headers, b"x", Place("alerting-dead-letters", 0, 1), NOW)

    assert found is not None
    assert (str(found.place), found.reason, found.by) == ("inventory-alerts/2@9", "decode: no such alert", "alerting")


def test_what_nobody_of_ours_wrote_is_none() -> None:
    assert from_headers("alerting", {"source-topic": b"x"}, b"", Place("alerting-dead-letters", 0, 1), NOW) is None


@pytest.mark.parametrize(
    ("wanted", "is_in"),
    [
        (Wanted(), True),
        (Wanted(topic="checkouts", reason="LESS THAN"), True),
        (Wanted(places=frozenset({Place("checkouts", 1, 17)}), since=NOW), True),
        (Wanted(topic="refunds"), False),
        (Wanted(reason="currency"), False),
        (Wanted(since=NOW + timedelta(seconds=1)), False),
        (Wanted(places=frozenset({Place("checkouts", 1, 18)})), False),
    ],
)
def test_filters_hold_together(wanted: Wanted, is_in: bool) -> None:  # noqa: FBT001
    assert (letter() in wanted) is is_in


def test_a_message_is_told_from_another_at_its_place_in_a_topic_that_was_made_anew() -> None:
    assert letter(b"x").mark == letter(b"x", reason="another").mark
    assert letter(b"x").mark != letter(b"y").mark


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("quantity is 0, less than 1", "quantity"),
        ("currency does not look like [A-Z]{3}", "currency"),
        ("order_id has 1001 bytes, more than 1000", "order_id"),
        ("schema Checkout has no field user_id", "user_id"),
        ("magic byte is 1, not 0", ""),
        ("no value (a tombstone)", ""),
    ],
)
def test_a_reason_speaks_of_a_field(reason: str, name: str) -> None:
    assert field_of(reason, CHECKOUTS) == name


def test_every_reason_of_foreign_inputs_has_a_cure() -> None:
    # Cases may tell a part of a reason only; this one would do with any.
    reasons = {case.reason for case in cases(NOW) if case.reason} - {"product_id is long"}

    assert {reason for reason in reasons if cure_of(reason) == OTHERWISE} == set()


def test_a_value_beyond_its_limits_is_read_as_it_is() -> None:
    row = checkout("A1-1", NOW, currency="eur", quantity=0)

    found = decoded(encode(1, CHECKOUTS.schema, row), registry_of(CHECKOUTS.schema), CHECKOUTS)

    assert (found.record, found.schema_id, found.problem) == (row, 1, "")


def test_a_broken_body_is_read_up_to_where_it_breaks() -> None:
    message = encode(1, CLICKS.schema, click("e1", NOW))

    found = decoded(message[:-10], registry_of(CLICKS.schema), CLICKS)

    assert {name: found.record[name] for name in ("event_id", "event_time", "user_id")} == {
        "event_id": "e1",
        "event_time": NOW,
        "user_id": "ann",
    }
    assert "recommendation_id" not in found.record
    assert found.problem


@pytest.mark.parametrize("payload", [None, b"", b"garbage", b"\0\0\0\0\7x"])
def test_of_garbage_nothing_is_read_and_the_problem_is_told(payload: bytes | None) -> None:
    found = decoded(payload, registry_of(CLICKS.schema), CLICKS)

    assert found.record == {}
    assert found.problem


def test_what_can_be_read_now_is_not_refused() -> None:
    registry = registry_of(CHECKOUTS.schema)
    good, ahead = (encode(1, CHECKOUTS.schema, checkout("A1-1", when)) for when in (NOW, NOW + timedelta(hours=2)))

    assert refusal(good, registry, CHECKOUTS, NOW + timedelta(hours=1)) == ""
    assert "lies in the future" in refusal(ahead, registry, CHECKOUTS, NOW + timedelta(hours=1))
    assert refusal(ahead, registry, CHECKOUTS, NOW + timedelta(hours=3)) == ""
    assert refusal(None, registry, CHECKOUTS) == "no value (a tombstone)"


def test_all_there_is_to_say_is_shown() -> None:
    payload = encode(1, CHECKOUTS.schema, checkout("A1-1", NOW, unit_price=Decimal("-1.00")))
    dead = letter(payload, "unit_price is -1.00, less than 0")
    read = decoded(payload, registry_of(CHECKOUTS.schema), CHECKOUTS)

    told = whole(dead, CHECKOUTS, {dead.mark: Place("checkouts", 1, 40)}, read, None)
    text = "\n".join(lines_of(told, payload))

    assert told["record"]["unit_price"] == "-1.00"
    assert told["field"] == "unit_price"
    assert told["sent_again"] == "checkouts/1@40"
    assert "cure        Write a number within the limits of the schema." in text
    assert "unit_price = '-1.00'" in text
    assert f"payload     {len(payload)} bytes" in text
    assert "0000  00 00 00 00 01" in text
