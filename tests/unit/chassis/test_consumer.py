import asyncio
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import MessageSizeTooLargeError
from footfall_chassis import consumer
from footfall_chassis.breaker import Breaker
from footfall_chassis.consumer import AWAITED, DeadLetters, Decoder, Record, follow, settle_each

RECORD = Record("events", 2, 7, b"key", b"value")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall_chassis.breaker.RETRY_PAUSE", 0.0)


@dataclass
class Stream:
    """A Faust stream of some offsets that stays open."""

    offsets: list[int]
    acked: list[int] = field(default_factory=list)
    taken: int = 0

    def noack(self) -> "Stream":
        return self

    async def events(self) -> AsyncIterator[Any]:
        for offset in self.offsets:
            self.taken += 1
            yield SimpleNamespace(
                message=SimpleNamespace(
                    topic="events", partition=0, offset=offset, key=None, value=b"", generation_id=1
                )
            )
        await asyncio.Event().wait()

    async def ack(self, event: Any) -> None:
        self.acked.append(event.message.offset)


@dataclass
class Sent:
    """Remembers what is sent; refuses values above a size."""

    limit: int = 1000
    records: list[tuple[str, bytes | None, bytes | None, dict[str, bytes]]] = field(default_factory=list)

    async def __call__(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        if len(value or b"") > self.limit:
            raise MessageSizeTooLargeError
        self.records.append((topic, key, value, headers))


class Assignment:
    """Partitions that can be paused."""

    generation = 1

    def pause(self, record: Record) -> None:
        self.paused_at = record.offset


def breaker(in_a_row: int = 3) -> Breaker:
    return Breaker(DeadLetters(Sent(), "dead"), Assignment(), in_a_row, 1.0)


async def idle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_record_is_acknowledged_only_when_it_is_settled() -> None:
    stream, gates = Stream([0, 1]), [asyncio.Event(), asyncio.Event()]

    async def settle(record: Record) -> None:
        await gates[record.offset].wait()

    task = asyncio.create_task(settle_each(stream, settle, breaker(), max_in_flight=8))
    await idle()
    assert stream.acked == []
    gates[1].set()
    await idle()
    assert stream.acked == [1]
    gates[0].set()
    await idle()
    assert stream.acked == [1, 0]
    task.cancel()


async def test_no_more_records_are_in_flight_than_allowed() -> None:
    stream, gate = Stream(list(range(100))), asyncio.Event()

    async def settle(_: Record) -> None:
        await gate.wait()

    task = asyncio.create_task(settle_each(stream, settle, breaker(), max_in_flight=3))
    await idle()
    assert stream.taken == 4  # one more waits for its place
    gate.set()
    await asyncio.sleep(0.05)
    assert sorted(stream.acked) == list(range(100))
    task.cancel()


async def test_a_partition_that_is_paused_takes_no_place_and_is_never_acknowledged() -> None:
    stream, seen = Stream(list(range(50))), []

    async def settle(record: Record) -> None:
        seen.append(record.offset)
        raise ZeroDivisionError

    task = asyncio.create_task(settle_each(stream, settle, breaker(in_a_row=1), max_in_flight=2))
    await asyncio.sleep(0.05)

    assert stream.taken == 50
    assert stream.acked == []
    assert max(seen) < 4
    assert not task.done()
    task.cancel()


async def test_cancelling_leaves_unsettled_records_unacknowledged() -> None:
    stream = Stream([0])
    task = asyncio.create_task(settle_each(stream, lambda _: asyncio.sleep(60), breaker(), max_in_flight=8))
    await idle()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert stream.acked == []


async def test_following_keeps_the_order_and_commits_nothing() -> None:
    stream, seen, settled = Stream([0, 1, 2]), [], []

    async def settle(record: Record) -> None:
        await asyncio.sleep(0.01 * (3 - record.offset))
        seen.append(record.offset)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await follow(stream, settle, breaker(), lambda record: settled.append(record.offset))

    assert seen == settled == [0, 1, 2]
    assert stream.acked == []


async def test_a_dead_letter_keeps_the_bytes_and_tells_where_they_came_from() -> None:
    sent = Sent()

    await DeadLetters(sent, "dead").add(RECORD, "decode", "no magic")

    assert sent.records == [
        (
            "dead",
            b"key",
            b"value",
            {
                "error": b"no magic",
                "stage": b"decode",
                "source-topic": b"events",
                "source-partition": b"2",
                "source-offset": b"7",
            },
        )
    ]


async def test_bytes_too_large_to_copy_leave_their_position() -> None:
    sent = Sent(limit=3)

    await DeadLetters(sent, "dead").add(RECORD, "decode", "no magic")

    ((_, _, value, headers),) = sent.records
    assert value is None
    assert headers["truncated"] == b"true"
    assert headers["source-offset"] == b"7"


async def test_a_key_too_large_to_copy_is_left_out_too() -> None:
    sent = Sent(limit=3)
    refusals = iter([MessageSizeTooLargeError(), MessageSizeTooLargeError(), None])

    async def send(topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        if error := next(refusals):
            raise error
        await sent(topic, key, value, headers)

    await DeadLetters(send, "dead").add(RECORD, "decode", "no magic")

    ((_, key, value, headers),) = sent.records
    assert (key, value, headers["truncated"]) == (None, None, b"true")


def length(value: bytes | None) -> int:
    return len(value or b"")


def text(value: bytes, schema: str) -> str:
    if value == b"poison":
        raise ValueError("poison")
    return f"{value.decode()} by {schema}"


async def test_decoding_waits_while_the_registry_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "LOOKUP_PAUSE", 0.01)
    answers = iter([ConnectionError("away"), ConnectionError("away"), "schema"])

    def look_up(schema_id: int) -> str:
        assert schema_id == 5
        match next(answers):
            case ConnectionError() as error:
                raise error
            case answer:
                return str(answer)

    decode = Decoder(length, look_up, text, ConnectionError)

    assert await decode(RECORD) == "value by schema"
    # The iterator is at its end: the second record finds the schema in the cache.
    assert await decode(RECORD) == "value by schema"


async def test_an_id_that_the_registry_does_not_answer_for_is_a_metric_while_it_is_waited_for() -> None:
    asked = threading.Event()
    answered = threading.Event()

    def look_up(_: int) -> str:
        if not asked.is_set():
            asked.set()
            raise ConnectionError
        answered.wait(10)
        return "schema"

    def awaited() -> dict[str, float]:
        return {sample.labels["schema_id"]: sample.value for sample in next(iter(AWAITED.collect())).samples}

    decode = Decoder(length, look_up, text, ConnectionError)
    begin = time.time()
    reading = [asyncio.create_task(decode(RECORD)) for _ in range(2)]
    while not awaited():  # noqa: ASYNC110  a gauge has no event
        await asyncio.sleep(0.01)
    since = awaited()
    answered.set()
    await asyncio.gather(*reading)

    assert since.keys() == {"5"}
    assert begin <= since["5"] <= time.time()
    assert awaited() == {}


async def test_decoding_does_not_wait_for_poison() -> None:
    decode = Decoder(length, lambda _: "schema", text, ConnectionError)

    with pytest.raises(ValueError, match="poison"):
        await decode(Record("events", 0, 0, None, b"poison"))


async def test_an_unknown_schema_is_not_waited_for() -> None:
    def look_up(_: int) -> str:
        raise LookupError("no such schema")

    with pytest.raises(LookupError):
        await Decoder(length, look_up, text, ConnectionError)(RECORD)
