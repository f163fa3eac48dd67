"""The hardened Faust application against a real Kafka: what it must not lose, and what it must not read."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pytest
from confluent_kafka import Producer
from footfall_chassis.breaker import Breaker
from footfall_chassis.consumer import DeadLetters, Record, Settle, settle_each
from footfall_chassis.faust_app import Partitions, SafeApp, build_app, run_until_crash, send
from footfall_chassis.settings import ConnectionSettings

from .workbench import PATIENCE, Broker, until

pytestmark = pytest.mark.stack


FOREIGN = """
import asyncio, sys
from aiokafka import AIOKafkaProducer

class NotUtf8(str):
    def encode(self, *_):
        return bytes([0xFF, 0xFE])

async def main():
    async with AIOKafkaProducer(bootstrap_servers=sys.argv[1]) as producer:
        await producer.send_and_wait(sys.argv[2], b"b", headers=[(NotUtf8("x"), b"1")])

asyncio.run(main())
"""


@pytest.fixture
def broker(backbone: Any) -> Iterator[Broker]:
    broker = Broker(backbone.kafka, backbone.registry)
    yield broker
    broker.clean()


def app_of(broker: Broker, settles: dict[str, Settle], **options: Any) -> SafeApp:
    return app_and_breaker(broker, settles, **options)[0]


def app_and_breaker(broker: Broker, settles: dict[str, Settle], **options: Any) -> tuple[SafeApp, Breaker]:
    connection = ConnectionSettings(kafka_bootstrap_servers=broker.kafka)
    app = build_app(f"{broker.prefix}group", connection, broker_commit_interval=0.1, **options)
    dead_letters = DeadLetters(partial(send, app), f"{broker.prefix}dead")
    breaker = Breaker(dead_letters, Partitions(app), in_a_row=3, share=0.1)
    for topic, settle in settles.items():

        async def agent(stream: Any, settle: Settle = settle) -> None:
            await settle_each(stream, settle, breaker, max_in_flight=64)

        source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(source, name=topic)(agent)
    return app, breaker


@asynccontextmanager
async def running(app: SafeApp) -> AsyncIterator[None]:
    task = asyncio.create_task(run_until_crash(app))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(broker: Broker, topic: str, offset: int, partition: int = 0) -> None:
    def reached() -> bool:
        return broker.committed(f"{broker.prefix}group", topic, partition) == offset

    await asyncio.to_thread(until, f"{topic} is committed up to {offset}", reached)


async def test_aborted_records_are_not_read_and_the_offset_passes_them(broker: Broker) -> None:
    topic, seen = broker.create("in"), []
    with broker.transaction() as producer:
        producer.produce(topic, b"a")
    with suppress(ZeroDivisionError), broker.transaction() as producer:
        for _ in range(3):
            producer.produce(topic, b"aborted")
        raise ZeroDivisionError
    with broker.transaction() as producer:
        producer.produce(topic, b"b")
    # a, marker, three aborted, marker, b, marker, c
    broker.produce(topic, b"c")

    async def settle(record: Record) -> None:
        seen.append(record.value)

    async with running(app_of(broker, {topic: settle})):
        await eventually(broker, topic, 9)

    assert seen == [b"a", b"b", b"c"]


async def test_nothing_is_committed_past_an_unsettled_record(broker: Broker) -> None:
    topic, gate = broker.create("in"), asyncio.Event()
    settled: set[int] = set()
    broker.produce(topic, b"0", b"1", b"2", b"3")

    async def settle(record: Record) -> None:
        if record.offset == 0:
            await gate.wait()
        settled.add(record.offset)

    async with running(app_of(broker, {topic: settle})):
        await asyncio.to_thread(until, "the others are settled", lambda: settled == {1, 2, 3})
        await asyncio.sleep(0.5)  # several commit intervals
        assert await asyncio.to_thread(broker.committed, f"{broker.prefix}group", topic) < 0
        gate.set()
        await eventually(broker, topic, 4)


async def test_a_record_that_our_code_cannot_bear_is_parked_and_the_next_are_settled(broker: Broker) -> None:
    topic, dead, seen = broker.create("in"), broker.create("dead"), []
    broker.produce(topic, b"a", b"boom", b"b")

    async def settle(record: Record) -> None:
        if record.value == b"boom":
            raise ZeroDivisionError("weeks")
        seen.append(record.value)

    async with running(app_of(broker, {topic: settle})):
        await eventually(broker, topic, 3)

    assert seen == [b"a", b"b"]
    (letter,) = broker.read(dead)
    headers = dict(letter.headers() or [])
    assert (letter.value(), headers["stage"], headers["error"]) == (b"boom", b"process", b"ZeroDivisionError: weeks")


async def test_a_fault_of_ours_pauses_its_partition_only_and_a_fixed_release_goes_on_from_there(broker: Broker) -> None:
    topic, dead, seen = broker.create("in", 2), broker.create("dead"), []
    broker.produce(topic, b"before", partition=0)
    # More than the buffer of a stream holds, so that the paused partition would fill it.
    broker.produce(topic, *[b"boom"] * 6000, partition=0)
    broker.produce(topic, *[b"fine"] * 10, partition=1)

    async def faulty(record: Record) -> None:
        if record.value == b"boom":
            raise ZeroDivisionError("weeks")
        seen.append(record.value)

    async def fixed(record: Record) -> None:
        seen.append(record.value)

    def held() -> int:
        return broker.committed(f"{broker.prefix}group", topic)

    app, breaker = app_and_breaker(broker, {topic: faulty})
    async with running(app):
        await eventually(broker, topic, 10, partition=1)
        await asyncio.to_thread(until, "the breaker opens", lambda: not breaker.status().ok)
        await asyncio.to_thread(until, "what is settled is committed", lambda: held() > 0)
        for offset in range(11, 14):
            broker.produce(topic, b"fine", partition=1)
            await eventually(broker, topic, offset, partition=1)
            await asyncio.sleep(0.7)
        assert f"{topic}/0@" in breaker.status().detail
        assert "ZeroDivisionError: weeks" in breaker.status().detail
        assert app.consumer.assignment(), "the worker has left its group"
    dead_lettered = {int(dict(letter.headers() or [])["source-offset"]) for letter in broker.read(dead)}
    assert len(dead_lettered) == 2
    first = held()
    assert 1 <= first <= 3
    seen.clear()

    async with running(app_of(broker, {topic: fixed})):
        await eventually(broker, topic, 6001)

    assert seen.count(b"boom") == 6001 - first
    assert set(range(1, first)) <= dead_lettered


async def test_a_rebalance_reads_the_paused_partition_again_and_parks_nothing_more(broker: Broker) -> None:
    topic, dead = broker.create("in", 2), broker.create("dead")
    for partition in (0, 1):
        broker.produce(topic, *[b"boom"] * 50, partition=partition)

    async def faulty(_: Record) -> None:
        raise ZeroDivisionError

    def paused(breaker: Breaker) -> bool:
        return breaker.status().detail.startswith("2 partitions")

    app, breaker = app_and_breaker(broker, {topic: faulty})
    async with running(app):
        await asyncio.to_thread(until, "both are paused", lambda: paused(breaker))
        await asyncio.to_thread(until, "two of each are dead letters", lambda: len(broker.read(dead)) == 4)
        rebalances = app.rebalancing_count
        async with running(app_of(broker, {topic: faulty})):
            await asyncio.to_thread(until, "the other worker has one", lambda: not paused(breaker))
        await asyncio.to_thread(until, "both are back and paused", lambda: paused(breaker))
        assert app.rebalancing_count > rebalances

    # The first worker adds nothing; the second may give up two before it, too, pauses.
    assert len(broker.read(dead)) <= 6


async def test_no_shape_of_a_record_ends_the_worker(broker: Broker) -> None:
    topic, seen = broker.create("in"), []
    producer = Producer({"bootstrap.servers": broker.kafka, "compression.type": "zstd", "linger.ms": 50})
    producer.produce(
        topic, b"headers", headers=[("a", None), ("a", b"1"), ("a", b"2"), ("", b""), ("x" * 9000, b"\xff")]
    )
    producer.produce(topic, None, None)
    producer.produce(topic, b"", b"")
    producer.produce(topic, bytes(900_000), b"\xff" * 1000)
    producer.produce(topic, b"old", timestamp=1)
    producer.flush(PATIENCE)
    for codec in ("gzip", "lz4", "snappy", "none"):
        broker.produce(topic, codec.encode(), options={"compression.type": codec})

    async def settle(record: Record) -> None:
        seen.append(record.value)

    async with running(app_of(broker, {topic: settle})):
        await eventually(broker, topic, 9)

    assert seen == [b"headers", None, b"", bytes(900_000), b"old", b"gzip", b"lz4", b"snappy", b"none"]


async def test_a_header_whose_name_is_no_utf8_ends_no_worker(broker: Broker) -> None:
    topic, seen = broker.create("in"), []
    broker.produce(topic, b"a")
    # Only aiokafka's own Python can be talked into writing it, and only a process of its own is made to use that.
    environment = os.environ | {"AIOKAFKA_NO_EXTENSIONS": "1"}
    command = [sys.executable, "-c", FOREIGN, broker.kafka, topic]
    await asyncio.to_thread(subprocess.run, command, env=environment, check=True)
    broker.produce(topic, b"c")

    async def settle(record: Record) -> None:
        seen.append(record.value)

    async with running(app_of(broker, {topic: settle})):
        await eventually(broker, topic, 3)

    assert seen == [b"a", b"b", b"c"]


async def test_stopping_in_the_middle_of_a_record_does_not_settle_it(broker: Broker) -> None:
    topic, begun = broker.create("in"), asyncio.Event()
    broker.produce(topic, b"a")

    async def hang(_: Record) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE), running(app_of(broker, {topic: hang})):
        await begun.wait()

    assert broker.committed(f"{broker.prefix}group", topic) < 0


async def test_a_topic_that_is_stuck_does_not_stop_another(broker: Broker) -> None:
    stuck, flowing = broker.create("stuck", 4), broker.create("flowing")
    seen = []
    # More than can be in flight and in the buffer of its stream (4096).
    broker.produce(stuck, *[b"x"] * 12_000)

    async def hang(_: Record) -> None:
        await asyncio.Event().wait()

    async def note(record: Record) -> None:
        seen.append(record.value)

    async with running(app_of(broker, {stuck: hang, flowing: note})):
        for offset in range(3):
            broker.produce(flowing, b"y")
            await eventually(broker, flowing, offset + 1)
            await asyncio.sleep(1)  # time to fetch more of what is stuck

    assert seen == [b"y"] * 3
    assert broker.committed(f"{broker.prefix}group", stuck) < 0


async def test_a_dead_letter_is_durable_with_its_headers(broker: Broker) -> None:
    topic, dead = broker.create("in"), broker.create("dead")
    broker.produce(topic, b"poison", key=b"k")
    app: SafeApp

    async def bury(record: Record) -> None:
        await DeadLetters(partial(send, app), dead).add(record, "decode", "no magic")

    app = app_of(broker, {topic: bury})
    async with running(app):
        await eventually(broker, topic, 1)

    (letter,) = broker.read(dead)
    assert (letter.key(), letter.value()) == (b"k", b"poison")
    headers = dict(letter.headers() or [])
    assert headers["source-topic"] == topic.encode()
    assert headers["error"] == b"no magic"
