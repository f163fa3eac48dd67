"""Topics as they are browsed: paging, what is shown of a message, what is hidden, and what is refused."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from confluent_kafka import KafkaError
from fastapi import FastAPI
from footfall_dashboard.topics import browser, paging
from footfall_dashboard.topics.broker import Offsets
from footfall_dashboard.topics.browser import Topics
from footfall_dashboard.topics.listing import detail_of, list_of
from footfall_dashboard.topics.names import known_topics
from footfall_dashboard.topics.paging import CursorError, Page, key_matcher, page_of, ranges_of
from footfall_dashboard.topics.personal import holds_personal, masked
from footfall_dashboard.topics.routes import topics_router
from footfall_dashboard.topics.showing import IN_BASE64, Shower, as_bytes
from footfall_health.ask.messages import RawMessage, Windows
from footfall_schemas.access_errors import BrokerAwayError
from footfall_schemas.codec import encode
from footfall_schemas.personal import personal_fields
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import Json, load_topics, topic
from hypothesis import given, settings
from hypothesis import strategies as st

from support.topics import FOUND, NOON, TOPICS, known, raw, shower

NOT_PERSONAL = {
    "users": {
        "user_id": "an id: who has it finds a shopper's events, and nobody a person",
        "updated_at": "a time",
        "gender": "one of four",
        "country": "of millions",
        "registered_at": "a time",
    },
    "clickstream": {"user_agent": "of a browser, which many have", "page": "of the shop", "user_id": "an id"},
}
"""Fields that look as if they told of a person, each with the reason why it is shown."""
SOUNDS_PERSONAL = ("user", "name", "mail", "phone", "address", "agent", "gender", "country", "birth", "ip")
OF_THINGS = {"product_name", "metric_name", "parent_category_name", "top_category_name", "category_name"}


# What is personal


def test_every_field_of_users_is_judged() -> None:
    users = topic("users")

    assert personal_fields(users.reader) == {"name"}
    assert set(users.field_names) == {"name", *NOT_PERSONAL["users"]}


def test_every_field_that_sounds_personal_is_judged() -> None:
    unjudged = {
        (each.name, name)
        for each in load_topics().values()
        for name in set(each.field_names) - personal_fields(each.reader) - OF_THINGS - {"user_id"}
        if any(part in SOUNDS_PERSONAL for part in name.split("_"))
        and name not in NOT_PERSONAL.get(each.name, {})
        and not (name == "name" and each.name in {"products", "categories"})
    }

    assert unjudged <= {("buyers_by_gender", "gender"), ("payment_failures", "reason")}
    assert personal_fields(topic("attributed_checkouts").reader) == {"user_name"}


def test_what_is_personal_is_no_part_of_a_key() -> None:
    for each in load_topics().values():
        assert not personal_fields(each.reader) & set(each.key), each.name


def test_personal_fields_of_records_within_a_record_are_found_and_masked() -> None:
    inner = {
        "type": "record",
        "name": "I",
        "fields": [{"name": "mail", "type": "string", "footfall": {"personal": True}}],
    }
    schema = {
        "type": "record",
        "name": "O",
        "fields": [{"name": "all", "type": {"type": "array", "items": ["null", inner]}}],
    }

    assert personal_fields(schema) == {"mail"}
    assert masked({"all": [{"mail": "a@b"}, None], "mail": None}, frozenset({"mail"})) == (
        {"all": [{"mail": "***"}, None], "mail": None},
        ["mail"],
    )


# What is shown


USERS = {
    "user_id": "ann",
    "updated_at": datetime(2026, 3, 1, tzinfo=UTC),
    "name": "Ann Example",
    "gender": "female",
    "country": "DE",
    "registered_at": datetime(2026, 1, 1, tzinfo=UTC),
}


def test_a_message_is_shown_decoded_and_masked() -> None:
    value = encode(1, topic("users").schema, USERS)

    shown = shower(topic("users").schema).show(known("users"), raw(value, key=b"ann"))

    assert (shown.key, shown.schema_id, shown.reason, shown.bytes, shown.is_tombstone) == ("ann", 1, None, None, False)
    assert shown.value["name"] == "***"
    assert (shown.value["user_id"], shown.value["updated_at"]) == ("ann", "2026-03-01T00:00:00.000Z")
    assert shown.masked == ["name"]
    assert "Ann" not in shown.model_dump_json()


def test_what_is_personal_is_shown_when_a_setting_says_so() -> None:
    value = encode(1, topic("users").schema, USERS)

    shown = shower(topic("users").schema, show_personal=True).show(known("users"), raw(value))

    assert (shown.value["name"], shown.masked) == ("Ann Example", [])


def test_what_a_foreign_writer_adds_is_not_shown() -> None:
    schema = topic("users").schema
    foreign = schema | {"fields": [*schema["fields"], {"name": "email", "type": "string"}]}

    shown = shower(foreign).show(known("users"), raw(encode(1, foreign, USERS | {"email": "ann@example.org"})))

    assert "email" not in shown.value
    assert "ann@example.org" not in shown.model_dump_json()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{not avro", "magic byte is 123, not 0"),
        (b"\0\0\0\0\x09x", "schema id 9 is not in the registry"),
        (b"", "0 bytes are too short for the wire format"),
        (b"\0\0\0\0\x01\xff", "text"),
    ],
)
def test_what_cannot_be_decoded_is_shown_as_bytes_with_the_reason(value: bytes, reason: str) -> None:
    shown = shower(topic("clickstream").schema).show(known("clickstream"), raw(value))

    assert shown.value is None
    assert shown.reason is not None
    assert reason in shown.reason or reason == "text"
    assert shown.bytes is not None
    assert (shown.bytes.hex, shown.bytes.size) == (value.hex(), len(value))


def test_bytes_that_may_hold_what_is_personal_are_not_shown() -> None:
    hidden = shower().show(known("users"), raw(b"Ann Example, ann@example.org"))
    open_ = shower(show_personal=True).show(known("users"), raw(b"Ann"))

    assert (hidden.bytes, hidden.masked) == (None, ["(bytes)"])
    assert hidden.reason is not None
    assert "416e6e" not in hidden.model_dump_json()
    assert open_.bytes is not None


@pytest.mark.parametrize(("source", "is_shown"), [("t-clickstream", True), ("t-users", False)])
def test_a_dead_letter_has_its_bytes_and_its_reason(source: str, is_shown: bool) -> None:  # noqa: FBT001
    schema = topic("dead-letters").schema
    letter = {"topic": source, "partition": 3, "offset": 9, "reason": "magic byte is 65, not 0", "payload": b"Ann"}

    shown = shower(schema, prefix="t-").show(known("dead-letters", "t-"), raw(encode(1, schema, letter)))

    assert shown.reason == "magic byte is 65, not 0"
    assert (shown.value["topic"], shown.value["offset"]) == (source, 9)
    assert shown.value["payload"] == (as_bytes(b"Ann").model_dump() if is_shown else None)
    assert shown.masked == ([] if is_shown else ["(bytes)"])


def test_a_services_own_messages_are_json_or_bytes_with_the_reason_in_their_headers() -> None:
    own = known("alerting-dead-letters")
    headers = (("error", b"status 410"), ("source-topic", b"inventory-alerts"), ("odd", b"\xff"), ("none", None))

    as_json = shower().show(own, raw(b'{"attempts": 3}', headers=headers))
    as_it_is = shower().show(own, raw(b"\xff\xfe", key=b"\xff", headers=(("source-topic", b"users"),)))

    assert (as_json.value, as_json.reason) == ({"attempts": 3}, "status 410")
    assert [(each.name, each.text, each.bytes and each.bytes.hex) for each in as_json.headers][1:] == [
        ("source-topic", "inventory-alerts", None),
        ("odd", None, "ff"),
        ("none", None, None),
    ]
    assert (as_it_is.key, as_it_is.key_bytes and as_it_is.key_bytes.hex) == (None, "ff")
    assert as_it_is.masked == ["(bytes)"]


def test_a_tombstone_is_one() -> None:
    shown = shower().show(known("top_categories"), raw(None, millis=None))

    assert (shown.is_tombstone, shown.value, shown.reason, shown.time) == (True, None, None, None)


def test_a_registry_that_is_away_leaves_the_bytes_and_says_so() -> None:
    def away(_: int) -> Json:
        raise RegistryUnavailableError("the registry does not answer")

    shown = Shower(away).show(known("clickstream"), raw(b"\0\0\0\0\1abc"))

    assert (shown.reason, shown.schema_id) == ("the registry does not answer", 1)
    assert shown.bytes is not None


def test_large_messages_are_cut_and_say_so() -> None:
    shown = as_bytes(b"x" * (IN_BASE64 + 1))

    assert (shown.size, shown.is_cut, len(shown.hex)) == (IN_BASE64 + 1, True, 2048)


@given(st.binary(max_size=40), st.sampled_from(["clickstream", "users", "dead-letters", "alerting-retry-30s"]))
@settings(max_examples=200)
def test_whatever_a_message_holds_it_is_shown(value: bytes, name: str) -> None:
    schemas = [topic("clickstream").schema, topic("users").schema, topic("dead-letters").schema]

    for prefixed in (value, b"\0\0\0\0" + value):
        json.loads(shower(*schemas).show(known(name), raw(prefixed)).model_dump_json())


# Names and numbers


def test_topics_are_known_by_the_contract_and_the_rights() -> None:
    names = [
        "t-users",
        "t-recorded-top_products",
        "t-alerting-retry-30s",
        "t-recorded-users",
        "t-other",
        "users",
        "t-sessions",
    ]

    found = known_topics([*names, "__consumer_offsets"], "t-")

    assert {name: each.kind for name, each in found.items()} == {
        "t-users": "input",
        "t-sessions": "output",
        "t-alerting-retry-30s": "service",
        "t-recorded-top_products": "recorded",
    }
    assert list(found) == ["t-users", "t-sessions", "t-alerting-retry-30s", "t-recorded-top_products"]


def test_a_list_has_offsets_lags_and_what_an_open_transaction_holds_back() -> None:
    checkouts, letters = list_of(TOPICS, FOUND, NOON).topics
    detail = detail_of(TOPICS["checkouts"], FOUND, NOON)

    assert (checkouts.partitions, checkouts.offsets, checkouts.held_back) == (2, 110, 5)
    assert [(each.group, each.lag) for each in checkouts.lags] == [("footfall-shop_events", 7)]
    assert (letters.kind, letters.lags, letters.cleanup, letters.doc) == ("service", [], None, "")
    assert [(each.begin, each.end, each.last_stable) for each in detail.places] == [(5, 105, 100), (0, 10, 10)]
    assert [(each.committed, each.lag) for place in detail.places for each in place.groups] == [(98, 7), (12, 0)]
    by_name = {each.name: each for each in detail.fields}
    assert (by_name["user_id"].is_key, by_name["unit_price"].type) == (True, "null or decimal(12,2)")
    assert by_name["payment_status"].type.startswith("one of ")


# Paging


@dataclass
class Log:
    """A topic in memory: by partition, its messages by offset; offsets that are missing are markers."""

    partitions: dict[int, list[RawMessage]]
    windows: list[Windows] = field(default_factory=list)

    def read(self, windows: Windows) -> Iterator[RawMessage]:
        self.windows.append(windows)
        for number, (start, stop) in windows.items():
            yield from (each for each in self.partitions[number] if start <= each.offset < stop)

    @property
    def kept(self) -> dict[int, tuple[int, int]]:
        return {number: (0, each[-1].offset + 2 if each else 0) for number, each in self.partitions.items()}


def log(**partitions: Iterable[tuple[int, int]]) -> Log:
    return Log(
        {
            int(number[1:]): [
                RawMessage(int(number[1:]), offset, millis, b"k%d" % (offset % 3), b"v") for offset, millis in pairs
            ]
            for number, pairs in partitions.items()
        }
    )


def places(page: Page) -> list[tuple[int, int]]:
    return [(each.partition, each.offset) for each in page.messages]


def test_the_newest_messages_come_first_whatever_partition_they_are_in() -> None:
    topic_ = log(p0=[(0, 10), (1, 40), (2, 50)], p1=[(0, 20), (1, 30), (2, 60)])

    page = page_of(topic_.read, topic_.kept, limit=4)

    assert places(page) == [(1, 2), (0, 2), (0, 1), (1, 1)]
    assert page.older == "0:1,1:1"
    assert places(page_of(topic_.read, ranges_of(topic_.kept, page.older, None), limit=4)) == [(1, 0), (0, 0)]


@given(
    st.dictionaries(st.integers(0, 3), st.lists(st.integers(0, 30), unique=True, max_size=25).map(sorted), min_size=1),
    st.integers(1, 7),
    st.sampled_from([None, "k1"]),
    st.sampled_from([4, 9, 20_000]),
)
@settings(max_examples=300)
def test_paging_back_finds_every_message_once(
    offsets: dict[int, list[int]], limit: int, key: str | None, look_limit: int
) -> None:
    topic_ = log(**{f"p{number}": [(each, each * 7 % 5) for each in each_] for number, each_ in offsets.items()})
    matches = None if key is None else key_matcher(key)
    found: list[tuple[int, int]] = []
    before: str | None = None
    for _ in range(500):
        page = page_of(
            topic_.read, ranges_of(topic_.kept, before, None), limit=limit, matches=matches, look_limit=look_limit
        )
        assert len(page.messages) <= limit
        assert page.looked_at <= look_limit
        found += places(page)
        if page.older is None:
            break
        assert page.older != before
        before = page.older

    expected = [
        (each.partition, each.offset)
        for one in topic_.partitions.values()
        for each in one
        if key is None or each.key == b"k1"
    ]
    assert sorted(found) == sorted(expected)
    for number in offsets:
        mine = [offset for partition, offset in found if partition == number]
        assert mine == sorted(mine, reverse=True)


def test_a_key_is_looked_for_in_all_that_may_be_looked_at_and_no_further() -> None:
    topic_ = log(p0=[(offset, offset) for offset in range(50_000)], p1=[(offset, offset) for offset in range(50_000)])

    page = page_of(topic_.read, topic_.kept, limit=5, matches=lambda message: message.offset == 39_000)

    assert (page.messages, page.looked_at) == ([], 20_000)
    assert page.older == "0:40001,1:40001"


def test_a_page_keeps_no_more_than_some_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "BYTES_LIMIT", 1000)
    topic_ = Log({0: [RawMessage(0, offset, offset, None, b"x" * 400) for offset in range(10)]})

    page = page_of(topic_.read, topic_.kept, limit=100)

    assert places(page) == [(0, 9), (0, 8)]
    assert page.older == "0:8"


@pytest.mark.parametrize(
    ("before", "partition", "problem"),
    [
        ("x", None, "no place"),
        ("5", None, "no place"),
        ("0:-1", None, "no place"),
        ("0:1:2", None, "no place"),
        ("0:" + "9" * 30, None, "no place"),
        ("7:1", None, "partition 7 is not among"),
        ("1:1", 0, "partition 1 is not among"),
        (None, 9, "no partition 9; there are 0 to 1"),
    ],
)
def test_a_place_that_is_none_is_refused(before: str | None, partition: int | None, problem: str) -> None:
    with pytest.raises(CursorError, match=problem):
        ranges_of({0: (0, 10), 1: (0, 10)}, before, partition)


def test_an_offset_is_a_place_where_one_partition_is_asked_for() -> None:
    kept = {0: (3, 10), 1: (0, 10)}

    assert ranges_of(kept, "7", 0) == {0: (3, 7)}
    assert ranges_of(kept, "0:99", None) == {0: (3, 10), 1: (0, 0)}
    assert ranges_of(kept, "0:1", None)[0] == (3, 3)


def test_a_key_is_found_as_a_whole_or_as_one_value_of_an_object() -> None:
    matches = key_matcher("EUR")

    assert matches(raw(b"", key=b"EUR"))
    assert matches(raw(b"", key=b'{"window_start": "2026-03-01T00:00:00.000Z", "currency": "EUR"}'))
    assert not any(
        matches(raw(b"", key=key)) for key in (None, b"EURO", b'{"currency": "USD"}', b"{EUR", b'{"a": {"EUR": 1}}')
    )


# What is asked of it


class FakeBroker:
    """Two partitions of clickstream; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    def partitions(self, _: Any) -> dict[str, list[int]]:
        self.asked += 1
        if self.error:
            raise self.error
        return {"clickstream": [0], "strangers": [0]}

    def offsets(self, asked: Iterable[tuple[str, int]], _: Any) -> dict[tuple[str, int], Offsets]:
        return dict.fromkeys(asked, Offsets(0, 4, 4))

    def committed(self, *_: Any) -> dict[str, dict[tuple[str, int], int]]:
        return {}


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker()


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch, broker: FakeBroker) -> Topics:
    @contextmanager
    def reading(
        _client: Mapping[str, str], _topic: str, _deadline: Any
    ) -> Iterator[Callable[[Windows], Iterable[RawMessage]]]:
        time.sleep(0.05)
        yield log(p0=[(offset, offset) for offset in range(4)]).read

    monkeypatch.setattr(browser, "reading", reading)
    made = Topics({"bootstrap.servers": "broker:9092"}, shower().schema)
    monkeypatch.setattr(made, "_broker", broker)
    return made


def client(topics: Topics) -> httpx.AsyncClient:
    api = FastAPI()
    api.include_router(topics_router(topics))
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://page")


async def test_a_hundred_pages_ask_the_broker_once(topics: Topics, broker: FakeBroker) -> None:
    async with client(topics) as http:
        answers = await asyncio.gather(*(http.get("/v1/topics") for _ in range(100)))

    assert {answer.status_code for answer in answers} == {200}
    assert [each["name"] for each in answers[0].json()["topics"]] == ["clickstream"]
    assert broker.asked == 1


async def test_messages_come_over_http_with_where_to_go_on(topics: Topics) -> None:
    async with client(topics) as http:
        first = (await http.get("/v1/topics/clickstream/messages?limit=3")).json()
        rest = (await http.get("/v1/topics/clickstream/messages", params={"before": first["older"]})).json()
        one = (await http.get("/v1/topics/clickstream/messages?key=k1")).json()

    assert [each["offset"] for each in first["messages"] + rest["messages"]] == [3, 2, 1, 0]
    assert rest["older"] is None
    assert [each["offset"] for each in one["messages"]] == [1]
    assert one["look_limit"] == 20_000


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/v1/topics/strangers", 404, "'strangers'"),
        ("/v1/topics/strangers/messages", 404, "GET /v1/topics lists them"),
        ("/v1/topics/clickstream/messages?before=x", 422, "no place"),
        ("/v1/topics/clickstream/messages?partition=3", 422, "there is no partition 3"),
    ],
)
async def test_what_is_not_there_is_said(topics: Topics, path: str, status: int, detail: str) -> None:
    async with client(topics) as http:
        answer = await http.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "partition=-1", f"key={'x' * 1001}"])
async def test_bounds_are_kept(topics: Topics, query: str) -> None:
    async with client(topics) as http:
        assert (await http.get(f"/v1/topics/clickstream/messages?{query}")).status_code == 422


async def test_more_readers_than_two_wait_for_a_moment_and_are_told(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "QUEUE", 0.01)
    async with client(topics) as http:
        answers = await asyncio.gather(*(http.get("/v1/topics/clickstream/messages") for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429, 429]
    assert {answer.headers.get("retry-after") for answer in answers} == {None, "1"}


async def test_a_broker_that_is_away_is_said_with_the_cure(topics: Topics, broker: FakeBroker) -> None:
    broker.error = BrokerAwayError({"bootstrap.servers": "broker:9092"}, KafkaError(KafkaError._TRANSPORT))
    async with client(topics) as http:
        answer = await http.get("/v1/topics")

    assert answer.status_code == 503
    assert "the broker at broker:9092 does not answer" in answer.json()["detail"]


def test_topics_of_users_hold_what_is_personal() -> None:
    assert [name for name in load_topics() if holds_personal(name)] == ["users", "attributed_checkouts"]
