"""The schemas as their users meet them: examples, released history, docs."""

import json
from pathlib import Path

import pytest
from footfall_schemas import avro_types
from footfall_schemas.avro_types import Field
from footfall_schemas.codec import PoisonMessageError, decode, encode, from_json, key_of, schema_id_of, to_json
from footfall_schemas.resolve import resolve
from footfall_schemas.topics import FACTS, ROOT, Topic, load_topics, topic

from support.compatibility import incompatibilities, style_problems

TOPICS = list(load_topics().values())
EXAMPLES = sorted((ROOT / "examples").glob("*/*.json"))
RELEASED = sorted((ROOT / "history").glob("*/*.avsc"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_example_round_trips(path: Path) -> None:
    schema = topic(path.parent.name).schema
    document = json.loads(path.read_text())

    message = encode(7, schema, from_json(schema, document))

    assert schema_id_of(message) == 7
    assert document == to_json(decode(message, schema))


@pytest.mark.parametrize("described", TOPICS, ids=lambda item: item.name)
def test_every_topic_has_examples_history_and_docs(described: Topic) -> None:
    assert list((ROOT / "examples" / described.name).glob("*.json")), "no example message"
    assert list((ROOT / "history" / described.name).glob("*.avsc")), "no released version"
    assert style_problems(described.schema) == []


@pytest.mark.parametrize("described", TOPICS, ids=lambda item: item.name)
def test_every_key_is_made_of_required_fields(described: Topic) -> None:
    types = {field["name"]: field["type"] for field in described.schema["fields"]}

    assert described.key
    assert all(not isinstance(types[name], list) for name in (*described.key, *described.row_key))


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_schema_reads_every_released_version(released: Path) -> None:
    writer = json.loads(released.read_text())

    assert incompatibilities(topic(released.parent.name).schema, writer) == []


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_pinned_readers_decode_messages_of_every_released_version(released: Path) -> None:
    described = topic(released.parent.name)
    writer = json.loads(released.read_text())
    for path in (ROOT / "examples" / described.name).glob("*.json"):
        record = from_json(writer, json.loads(path.read_text()))

        read = decode(encode(1, writer, record), writer, described.schema)

        assert {name: read[name] for name in record} == record


LIMITS = {"minimum", "maximum", "min_bytes", "max_bytes", "pattern"}
EVENT_FIELDS = [
    (described.name, field)
    for described in TOPICS
    if not described.is_output
    for field in avro_types.parse(described.reader).fields
]
UNBOUNDED = {"page", "user_agent", "currency", "payment_method", "brand", "country"}
"""Texts that go into no result."""


@pytest.mark.parametrize(
    ("name", "field"), EVENT_FIELDS, ids=lambda each: each.name if isinstance(each, Field) else each
)
def test_every_text_that_goes_into_results_has_its_limits(name: str, field: Field) -> None:
    kinds = {field.type.kind, *(branch.kind for branch in field.type.inner)}

    assert field.facts.keys() - {"personal"} <= LIMITS
    if "string" in kinds:
        assert field.facts.get("max_bytes") == (None if field.name in UNBOUNDED else 1000)
        assert field.facts.get("min_bytes", 0) == field.name.endswith("_id")


def test_superseded_versions_stay_as_long_as_the_events_that_need_them() -> None:
    events = [each for each in load_topics().values() if not each.is_output]
    retained = max(int(each.config()["retention.ms"]) for each in events if each.cleanup == "delete")

    versions = [each for each in events if each.cleanup == "compact"]

    assert versions
    assert all(int(each.config()["min.compaction.lag.ms"]) >= retained for each in versions)


def test_money_and_quantities_have_their_limits() -> None:
    facts = {(name, field.name): field.facts for name, field in EVENT_FIELDS}

    assert facts["checkouts", "quantity"] == {"minimum": 1}
    assert facts["checkouts", "unit_price"] == facts["checkouts", "shipping_cost"] == {"minimum": 0}
    assert facts["checkouts", "discount_rate"] == {"minimum": 0, "maximum": 1}
    assert facts["checkouts", "currency"] == {"pattern": "[A-Z]{3}"}


@pytest.mark.parametrize("described", TOPICS, ids=lambda item: item.name)
def test_limits_are_for_readers_and_not_registered(described: Topic) -> None:
    registered, read = avro_types.parse(described.schema), avro_types.parse(described.reader)

    assert f'"{FACTS}":' not in json.dumps(described.schema)
    assert [field.name for field in registered.fields] == [field.name for field in read.fields]
    resolve(registered, read)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_example_is_within_the_limits(path: Path) -> None:
    described = topic(path.parent.name)
    record = from_json(described.schema, json.loads(path.read_text()))

    assert decode(encode(7, described.schema, record), described.schema, described.reader) == record


def test_optional_fields_may_be_left_out() -> None:
    schema = topic("clickstream").schema
    path = next((ROOT / "examples" / "clickstream").glob("*.json"))
    record = from_json(schema, json.loads(path.read_text()))
    optional = {field["name"] for field in schema["fields"] if "default" in field}

    short = {name: value for name, value in record.items() if name not in optional}

    assert decode(encode(7, schema, short), schema) == record | dict.fromkeys(optional)
    with pytest.raises(ValueError, match="user_id"):
        encode(7, schema, {name: value for name, value in short.items() if name != "user_id"})


def _price(**changes: object) -> dict[str, object]:
    money = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2} | changes
    return {"name": "R", "namespace": "n", "type": "record", "fields": [{"name": "price", "type": money}]}


@pytest.mark.parametrize(
    ("reader", "complaint"),
    [
        (_price(scale=4), "scale was 2, is 4"),
        (_price(precision=10), "precision was 12, is 10"),
        (_price(logicalType="other"), "logicalType was decimal, is other"),
        (_price() | {"namespace": "m"}, "renamed from n.R without an alias"),
        ({"name": "R", "namespace": "n", "type": "record", "fields": [{"name": "new", "type": "string"}]}, "new"),
    ],
)
def test_changes_that_alter_meaning_are_found(reader: dict[str, object], complaint: str) -> None:
    assert any(complaint in problem for problem in incompatibilities(reader, _price()))


def test_a_new_field_with_a_default_is_compatible() -> None:
    writer = topic("clickstream").schema
    added = {"name": "referrer", "type": ["null", "string"], "default": None, "doc": "Where from."}

    assert incompatibilities(writer | {"fields": [*writer["fields"], added]}, writer) == []


@pytest.mark.parametrize(
    "message",
    [None, b"", b"\x00\x00\x00\x00\x01", b"\x01\x00\x00\x00\x01abc", b"{}", b"\xff" * 40],
    ids=["tombstone", "empty", "header only", "wrong magic", "JSON", "noise"],
)
def test_bytes_without_the_wire_format_are_poison(message: bytes | None) -> None:
    with pytest.raises(PoisonMessageError):
        schema_id_of(message)


def test_a_truncated_or_padded_message_is_poison_at_every_length() -> None:
    schema = topic("checkouts").schema
    example = json.loads(next((ROOT / "examples" / "checkouts").glob("*.json")).read_text())
    whole = encode(3, schema, from_json(schema, example))

    for cut in [*(whole[:length] for length in range(6, len(whole))), whole + b"\x00"]:
        with pytest.raises(PoisonMessageError):
            decode(cut, schema)


def test_several_key_fields_make_one_json_object() -> None:
    described = topic("event_counts")
    record = from_json(
        described.schema,
        {
            "window_start": "2026-01-05T10:00:00.000Z",
            "window_end": "2026-01-05T10:01:00.000Z",
            "action": "purchase",
            "source": "website",
            "events": 3,
        },
    )

    key = json.loads(key_of(described, record))

    assert key == {"window_start": "2026-01-05T10:00:00.000Z", "action": "purchase", "source": "website"}
