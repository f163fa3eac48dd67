"""The browser of topics against a real broker and registry."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from footfall_dashboard.topics.browser import WITHIN, Topics
from footfall_dashboard.topics.document import Messages, MessageShown
from footfall_schemas import codec
from footfall_schemas.access_errors import BrokerAwayError
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic

from .workbench import PATIENCE, Broker

pytestmark = pytest.mark.stack

CLICKS, USERS, LETTERS = topic("clickstream"), topic("users"), topic("dead-letters")
GROUP = "footfall-shop_events"


def click(number: int) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "event_time": datetime(2026, 3, 1, tzinfo=UTC),
        "user_id": f"u{number % 7}",
        "action": "product_view",
        "source": "website",
    }


class Bench:
    """A broker's corner with a browser of its topics."""

    def __init__(self, backbone: Any) -> None:
        self.broker = Broker(backbone.kafka, backbone.registry)
        self.registry = SchemaRegistry(backbone.registry)
        self.client = {"bootstrap.servers": backbone.kafka}
        self.topics = Topics(
            self.client, self.registry.schema, prefix=self.broker.prefix, groups=[self.broker.prefix + GROUP]
        )
        self.ids = {each.name: self.registry.register(each) for each in (CLICKS, USERS, LETTERS)}

    def click(self, number: int) -> tuple[bytes, bytes]:
        record = click(number)
        return codec.encode(self.ids["clickstream"], CLICKS.schema, record), codec.key_of(CLICKS, record)

    async def everything(self, name: str, **asked: Any) -> list[MessageShown]:
        """Page back to the beginning."""
        found: list[MessageShown] = []
        before: str | None = None
        while True:
            page: Messages = await self.topics.messages(name, before=before, **asked)
            found += page.messages
            before = page.older
            if before is None:
                return found


@pytest.fixture
def bench(backbone: Any) -> Iterator[Bench]:
    bench = Bench(backbone)
    yield bench
    bench.topics.close()
    bench.registry.close()
    bench.broker.clean()


async def test_committed_messages_are_found_newest_first_back_to_the_oldest(bench: Bench) -> None:
    name = bench.broker.create("clickstream", 3)
    for begin in range(0, 200, 40):
        with bench.broker.transaction() as producer:
            for number in range(begin, begin + 40):
                producer.produce(name, *bench.click(number))
    with suppress(ZeroDivisionError), bench.broker.transaction() as producer:
        producer.produce(name, *bench.click(999))
        raise ZeroDivisionError

    newest = await bench.topics.messages(name, limit=10)
    found = await bench.everything("clickstream", limit=23)
    mine = await bench.everything(name, key="u3")
    one = await bench.everything(name, partition=1)

    # Of one moment's messages, those of one partition stand together.
    assert {shown.value["event_id"] for shown in newest.messages} <= {f"e{number}" for number in range(160, 200)}
    assert sorted(int(shown.value["event_id"][1:]) for shown in found) == list(range(200))
    assert sorted(int(shown.value["event_id"][1:]) for shown in mine) == list(range(3, 200, 7))
    assert {shown.partition for shown in one} == {1}
    assert [shown.offset for shown in one] == sorted((shown.offset for shown in one), reverse=True)
    assert len(one) == sum(shown.partition == 1 for shown in found)
    times = [shown.time for shown in newest.messages if shown.time]
    assert times == sorted(times, reverse=True)
    assert bench.broker.groups() == []


async def test_what_an_open_transaction_holds_back_is_said_and_not_shown(bench: Bench) -> None:
    name = bench.broker.create("clickstream", 1)
    bench.broker.produce(name, bench.click(0)[0], key=b"u0")
    consumer = Consumer(bench.client | {"group.id": bench.broker.prefix + GROUP})
    consumer.commit(offsets=[TopicPartition(name, 0, 1)], asynchronous=False)
    consumer.close()
    producer = Producer(bench.client | {"transactional.id": bench.broker.prefix + "open"})
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    for number in range(1, 6):
        producer.produce(name, *bench.click(number))
    producer.flush(PATIENCE)

    (listed,) = [each for each in (await bench.topics.list()).topics if each.name == name]
    detail = await bench.topics.detail("clickstream")
    page = await bench.topics.messages(name)
    producer.abort_transaction(PATIENCE)
    del producer

    assert (listed.kind, listed.partitions, listed.offsets, listed.held_back) == ("input", 1, 6, 5)
    assert [(each.group, each.lag) for each in listed.lags] == [(bench.broker.prefix + GROUP, 5)]
    (place,) = detail.places
    assert (place.begin, place.end, place.last_stable, place.groups[0].committed) == (0, 6, 1, 1)
    assert [shown.value["event_id"] for shown in page.messages] == ["e0"]


async def test_what_cannot_be_decoded_and_what_is_personal(bench: Bench) -> None:
    clicks, users, letters = (bench.broker.create(each.name) for each in (CLICKS, USERS, LETTERS))
    bench.broker.produce(clicks, b"\xde\xad\xbe\xef\0\0", b"\0\0\x7f\xff\xff\xff", None, key=b"\xff")
    ann = {
        "user_id": "ann",
        "updated_at": datetime(1970, 1, 1, tzinfo=UTC),
        "name": "Ann Example",
        "gender": "female",
        "country": "DE",
        "registered_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    bench.broker.produce_records(USERS, [ann])
    letter = {
        "topic": clicks,
        "partition": 0,
        "offset": 0,
        "reason": "magic byte is 222, not 0",
        "payload": b"\xde\xad",
    }
    bench.broker.produce_records(LETTERS, [letter])

    tombstone, unknown, garbage = (await bench.topics.messages(clicks)).messages
    (user,) = (await bench.topics.messages(users)).messages
    (dead,) = (await bench.topics.messages(letters)).messages

    assert tombstone.is_tombstone
    assert (unknown.schema_id, unknown.reason) == (0x007FFFFF, "schema id 8388607 is not in the registry")
    assert garbage.bytes is not None
    assert (garbage.bytes.hex, garbage.reason) == ("deadbeef0000", "magic byte is 222, not 0")
    assert garbage.key_bytes is not None
    assert (user.value["name"], user.value["user_id"], user.masked) == ("***", "ann", ["name"])
    assert (dead.value["payload"]["hex"], dead.reason) == ("dead", "magic byte is 222, not 0")


async def test_a_broker_that_is_away_is_said_within_the_time(bench: Bench) -> None:
    away = Topics({"bootstrap.servers": "127.0.0.1:1", "log_level": "0"}, bench.registry.schema)
    began = time.monotonic()

    with pytest.raises(BrokerAwayError, match=r"127\.0\.0\.1:1 does not answer"):
        await away.list()

    assert time.monotonic() - began < 2 * WITHIN
    away.close()


async def test_pages_that_ask_together_are_served_two_at_a_time(bench: Bench) -> None:
    name = bench.broker.create("clickstream", 2)
    for number in range(50):
        bench.broker.produce(name, bench.click(number)[0])

    pages = await asyncio.gather(*(bench.topics.messages(name, limit=100) for _ in range(6)))

    assert {len(page.messages) for page in pages} == {50}
