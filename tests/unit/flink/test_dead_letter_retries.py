"""What is sent again in place of a dead letter, and what never is."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from footfall_analytics.dead_letters.cli import dead_letters
from footfall_analytics.dead_letters.letter import Letter, Place, from_row
from footfall_analytics.dead_letters.marks import _place, mark
from footfall_analytics.dead_letters.mending import Mend, MendError, mended, parse_values
from footfall_analytics.dead_letters.preparing import RETRY_OF, Again, NotSentError, Preparation
from footfall_schemas.codec import decode, encode, to_json
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic
from typer.testing import CliRunner

from support.events import checkout
from support.registry import registry_that

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHECKOUTS = topic("checkouts")
ROW = checkout("A1-1", NOW - timedelta(hours=1), currency="eur")
PLACE = Place("checkouts", 1, 17)


class Original:
    """A message as it still lies in Kafka."""

    def __init__(self, key: bytes | None = b"ann", headers: Any = None, value: bytes | None = None) -> None:
        self._key, self._headers, self._value = key, headers, value

    def key(self) -> bytes | None:
        return self._key

    def headers(self) -> Any:
        return self._headers

    def value(self) -> bytes | None:
        return self._value


def registry() -> SchemaRegistry:
    answers = {"POST": {"id": 1}, "GET": {"schema": json.dumps(CHECKOUTS.schema)}}
    return registry_that(lambda asked: httpx.Response(200, json=answers[asked.method]))


def letter(payload: bytes | None, place: Place = PLACE) -> Letter:
    row = place._asdict() | {"reason": "currency does not look like [A-Z]{3}", "payload": payload}
    return from_row(row, Place("dead-letters", 0, 0), NOW)


def message(**fields: Any) -> bytes:
    return encode(1, CHECKOUTS.schema, ROW | fields)


def prepared(payload: bytes | None, original: Original | None = None, mend: Mend | None = None) -> Again:
    asked = Preparation(registry(), mend or Mend(), NOW, NOW + timedelta(hours=1))
    return asked.prepare(letter(payload), original)


def record_of(again: Again) -> dict[str, Any]:
    return decode(again.value or b"", CHECKOUTS.schema)


def test_a_mended_message_keeps_its_key_its_partition_and_its_headers() -> None:
    again = prepared(message(), Original(b"k", [("trace", b"1")]), Mend({"currency": "EUR"}))

    assert (again.key, again.partition) == (b"k", 1)
    assert again.headers == [("trace", b"1"), (RETRY_OF, b"checkouts/1@17")]
    assert record_of(again) == ROW | {"currency": "EUR"}
    assert again.event_time == ROW["event_time"]


def test_a_message_that_is_gone_is_keyed_as_it_should_have_been() -> None:
    again = prepared(message(), None, Mend({"currency": "EUR"}))

    assert (again.key, again.partition) == (b"ann", 1)


def test_another_user_is_another_key_in_the_partition_of_that_key() -> None:
    again = prepared(message(currency="EUR", user_id=""), Original(b""), Mend({"user_id": "ben"}))

    assert (again.key, again.partition) == (b"ben", None)


def test_unchanged_bytes_are_sent_if_they_can_be_read_now() -> None:
    payload = message(currency="EUR")

    assert prepared(payload, Original()).value == payload


def test_a_message_that_was_too_long_to_keep_is_sent_from_where_it_lies() -> None:
    payload = message(currency="EUR")

    assert prepared(None, Original(value=payload)).value == payload


def test_a_retry_of_a_retry_names_the_last_one() -> None:
    again = prepared(message(), Original(headers=[(RETRY_OF, b"checkouts/0@1")]), Mend({"currency": "EUR"}))

    assert again.headers == [(RETRY_OF, b"checkouts/1@17")]


def test_now_is_the_moment_at_which_it_is_sent() -> None:
    again = prepared(message(), Original(), Mend({"currency": "EUR", "event_time": "now"}))

    assert record_of(again)["event_time"] == NOW


@pytest.mark.parametrize(
    ("payload", "mend", "complaint"),
    [
        (message(), Mend(), "it would become a dead letter again: currency does not look like"),
        (
            message(),
            Mend({"currency": "EURO"}),
            "it would become a dead letter again: checkouts: currency does not look like",
        ),
        (message(), Mend({"currency": "EUR", "unit_price": "1.999"}), "dead letter again: checkouts: unit_price"),
        (message(), Mend({"currency": "EUR", "event_time": "2027-01-01T00:00Z"}), "which lies in the future"),
        (message(), Mend({"curency": "EUR"}), "checkouts has no field curency; did you mean currency?"),
        (message(), Mend({"quantity": "two"}), "quantity cannot be 'two': it must be a whole number"),
        (message(), Mend({"unit_price": "much"}), "unit_price cannot be 'much': it must be a number"),
        (message(), Mend({"event_time": "noon"}), "event_time cannot be 'noon'"),
        (message(), Mend({"event_time": "2026-03-02T11:00"}), "event_time has no time zone"),
        (message(), Mend(document={"currency": "EUR"}), "checkout_id is missing"),
        (b"garbage", Mend({"currency": "EUR"}), "it cannot be decoded .*; give the whole record with --record"),
        (None, Mend(), "nothing to send"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_would_be_dead_again_is_not_sent(payload: bytes | None, mend: Mend, complaint: str) -> None:
    with pytest.raises(NotSentError, match=complaint):
        prepared(payload, Original(), mend)


def test_garbage_is_replaced_by_a_whole_record() -> None:
    document = to_json(ROW | {"currency": "EUR"})

    again = prepared(b"garbage", Original(b"ann"), Mend(document=document))

    assert (again.key, again.partition) == (b"ann", 1)
    assert record_of(again) == ROW | {"currency": "EUR"}


def test_what_footfall_computes_is_not_sent_by_people() -> None:
    asked = Preparation(registry(), Mend(), NOW, NOW)

    with pytest.raises(NotSentError, match="inventory-alerts is written by Footfall itself"):
        asked.prepare(letter(message(), Place("inventory-alerts", 0, 1)), None)


def test_values_are_what_their_fields_hold() -> None:
    values = parse_values(["quantity=3", "unit_price=9.90", "channel=null", "order_id=null", "session_id=a=b"])

    found = mended(CHECKOUTS, ROW, Mend(values), NOW)

    assert found == ROW | {
        "quantity": 3,
        "unit_price": Decimal("9.90"),
        "channel": None,
        "order_id": "null",
        "session_id": "a=b",
    }


@pytest.mark.parametrize("texts", [["currency"], ["=EUR"], ["currency=EUR", "currency=SEK"]])
def test_a_change_that_is_none_is_told(texts: list[str]) -> None:
    with pytest.raises(MendError, match=r"write field=value|set twice"):
        parse_values(texts)


def test_a_mark_says_where_its_message_went() -> None:
    key, value = mark(letter(b"x"), Place("checkouts", 1, 40))

    assert key.startswith(b"checkouts/1@17 ")
    assert _place(value) == Place("checkouts", 1, 40)
    assert _place(b"{}") is None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["retry"], "choose messages"),
        (["retry", "--all", "--record", "x.json"], "--record replaces one message"),
        (["retry", "checkouts"], "is not a position"),
        (["list", "--since", "yesterday"], "write 2h, 3d, or a time such as"),
        (["list", "--last", "0"], "greater than or equal to 1"),
        (["show", "checkouts/1"], "is not a position"),
    ],
)
def test_what_is_not_understood_is_told_before_anything_is_asked(arguments: list[str], complaint: str) -> None:
    answer = CliRunner().invoke(dead_letters, arguments, env={"COLUMNS": "200"})

    assert answer.exit_code == 2
    assert complaint in answer.output


def test_without_a_broker_there_is_one_line(tmp_path: Path) -> None:
    env = {"KAFKA_BOOTSTRAP_SERVERS": "localhost:1", "COLUMNS": "200"}

    answer = CliRunner().invoke(dead_letters, ["list"], env=env)

    assert answer.exit_code == 1
    assert answer.output.startswith("footfall: ")
