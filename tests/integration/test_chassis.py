"""The hardened Faust application against a real Kafka: what it must not lose, and what it must not read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pytest
from footfall_chassis.consumer import DeadLetters, Record, Settle, settle_each
from footfall_chassis.faust_app import SafeApp, WorkerStoppedError, build_app, run_until_crash, send
from footfall_chassis.settings import ConnectionSettings

from .workbench import PATIENCE, Broker, until

pytestmark = pytest.mark.stack


@pytest.fixture
def broker(backbone: Any) -> Iterator[Broker]:
    broker = Broker(backbone.kafka, backbone.registry)
    yield broker
    broker.clean()


def app_of(broker: Broker, settles: dict[str, Settle], **options: Any) -> SafeApp:
    connection = ConnectionSettings(kafka_bootstrap_servers=broker.kafka)
    app = build_app(f"{broker.prefix}group", connection, broker_commit_interval=0.1, **options)
    for topic, settle in settles.items():

        async def agent(stream: Any, settle: Settle = settle) -> None:
            await settle_each(stream, settle, window=64)

        source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(source, name=topic)(agent)
    return app


@asynccontextmanager
async def running(app: SafeApp) -> AsyncIterator[None]:
    task = asyncio.create_task(run_until_crash(app))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(broker: Broker, topic: str, offset: int) -> None:
    def reached() -> bool:
        return broker.committed(f"{broker.prefix}group", topic) == offset

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


async def test_an_error_ends_the_worker_and_the_record_is_read_again(broker: Broker) -> None:
    topic, seen = broker.create("in"), []
    broker.produce(topic, b"a", b"boom", b"b")

    async def fail(record: Record) -> None:
        if record.value == b"boom":
            await asyncio.sleep(0.5)
            raise ZeroDivisionError

    async def note(record: Record) -> None:
        seen.append(record.value)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(WorkerStoppedError, match="ZeroDivisionError"):
            await run_until_crash(app_of(broker, {topic: fail}))
    assert broker.committed(f"{broker.prefix}group", topic) <= 1
    async with running(app_of(broker, {topic: note})):
        await eventually(broker, topic, 3)

    assert seen[-2:] == [b"boom", b"b"]


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
    # More than the window and the buffer of its stream (4096) can hold.
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
        await DeadLetters(partial(send, app), dead).bury(record, "decode", "no magic")

    app = app_of(broker, {topic: bury})
    async with running(app):
        await eventually(broker, topic, 1)

    (letter,) = broker.read(dead)
    assert (letter.key(), letter.value()) == (b"k", b"poison")
    headers = dict(letter.headers() or [])
    assert headers["source-topic"] == topic.encode()
    assert headers["error"] == b"no magic"
