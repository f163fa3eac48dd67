import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from footfall_chassis import breaker as module
from footfall_chassis.breaker import Breaker, describe
from footfall_chassis.records import DeadLetters, Record


@dataclass
class Assignment:
    """Partitions that remember what was paused."""

    generation: int = 1
    paused: list[tuple[int, int]] = field(default_factory=list)

    def pause(self, record: Record) -> None:
        self.paused.append((record.partition, record.offset))


class Bench:
    """A breaker over records whose value says whether our code fails: `!` always, `?` the first time."""

    def __init__(self, in_a_row: int = 3, share: float = 0.1) -> None:
        self.partitions = Assignment()
        self.buried: list[tuple[bytes, bytes]] = []
        self.handled: list[int] = []
        self.attempts: list[int] = []
        self.breaker = Breaker(DeadLetters(self.send, "dead"), self.partitions, in_a_row, share)

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        assert (topic, key, value) in {("dead", None, b"!"), ("dead", None, b"")}
        self.buried.append((headers["source-offset"], headers["stage"] + b": " + headers["error"]))

    async def handle(self, record: Record) -> None:
        self.attempts.append(record.offset)
        if record.value == b"!" or (record.value == b"?" and self.attempts.count(record.offset) == 1):
            raise KeyError("as_of")
        self.handled.append(record.offset)

    async def settle(self, *values: str, start: int = 0, partition: int = 0) -> list[bool]:
        records = [
            Record("in", partition, offset, None, value.encode(), self.partitions.generation)
            for offset, value in enumerate(values, start)
        ]
        return [await self.breaker.settle(record, self.handle) for record in records]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_PAUSE", 0.0)


async def test_a_record_that_fails_once_is_tried_again_and_handled() -> None:
    bench = Bench()

    assert await bench.settle("?") == [True]

    assert bench.handled == [0]
    assert bench.attempts == [0, 0]
    assert bench.buried == []


async def test_a_record_that_fails_twice_is_parked_with_the_exception() -> None:
    bench = Bench()

    assert await bench.settle("!", "ok") == [True, True]

    assert bench.buried == [(b"0", b"process: KeyError: 'as_of'")]
    assert bench.attempts == [0, 0, 1]
    assert bench.breaker.status().ok


async def test_failures_in_a_row_pause_the_partition_before_the_last_of_them() -> None:
    bench = Bench(in_a_row=3)

    settled = await bench.settle("ok", "!", "!", "!", "ok", "ok")

    assert settled == [True, True, True, False, False, False]
    assert bench.partitions.paused == [(0, 3)]
    assert [offset for offset, _ in bench.buried] == [b"1", b"2"]
    assert bench.handled == [0]
    status = bench.breaker.status()
    assert not status.ok
    assert "in/0@3 fails with KeyError: 'as_of'" in status.detail


async def test_a_success_between_them_ends_the_row() -> None:
    bench = Bench(in_a_row=2)

    assert all(await bench.settle("!", "ok", "!", "ok", "!", "ok"))


async def test_too_large_a_share_pauses_the_partition() -> None:
    bench = Bench(in_a_row=3, share=0.1)

    settled = await bench.settle(*["!", "ok"] * 11)

    assert settled == [*[True] * 20, False, False]
    assert len(bench.buried) == 10


async def test_a_rate_below_the_share_goes_on_for_ever() -> None:
    bench = Bench(in_a_row=3, share=0.1)

    assert all(await bench.settle(*["!", *["ok"] * 10] * 30))


async def test_the_other_partitions_go_on() -> None:
    bench = Bench(in_a_row=1)

    assert await bench.settle("!") == [False]

    assert await bench.settle("ok", partition=1) == [True]
    assert bench.partitions.paused == [(0, 0)]


async def test_records_begun_before_the_pause_that_fail_too_are_neither_parked_nor_committed() -> None:
    bench, gate = Bench(in_a_row=1), asyncio.Event()
    early = Record("in", 0, 3, None, b"!", 1)

    async def slow(record: Record) -> None:
        await gate.wait()
        raise ZeroDivisionError(record.offset)

    begun = asyncio.create_task(bench.breaker.settle(early, slow))
    await asyncio.sleep(0)
    await bench.settle("!", start=5)
    gate.set()

    assert await begun is False
    assert bench.partitions.paused == [(0, 5), (0, 3)]
    assert bench.buried == []


async def test_after_a_rebalance_the_same_failure_parks_nothing_more() -> None:
    bench = Bench(in_a_row=3)
    await bench.settle("!", "!", "!")
    bench.partitions.generation = 2

    assert bench.breaker.status().ok
    assert await bench.settle("!", "ok", start=2) == [False, False]

    assert len(bench.buried) == 2
    assert bench.partitions.paused == [(0, 2), (0, 2)]
    assert not bench.breaker.status().ok


async def test_after_a_rebalance_a_cured_record_ends_the_pause() -> None:
    bench = Bench(in_a_row=1)
    await bench.settle("!")
    bench.partitions.generation = 2

    assert await bench.settle("ok", "ok") == [True, True]

    assert bench.breaker.status().ok


async def test_a_record_of_an_earlier_assignment_counts_for_nothing() -> None:
    bench = Bench(in_a_row=1)
    stale = Record("in", 0, 4, None, b"!", 1)
    bench.partitions.generation = 2

    assert await bench.breaker.settle(stale, bench.handle) is False

    assert bench.partitions.paused == []
    assert bench.buried == []


async def test_a_cancellation_that_nobody_asked_for_is_a_failure() -> None:
    bench = Bench()

    async def confused(_: Record) -> None:
        raise asyncio.CancelledError

    assert await bench.breaker.settle(Record("in", 0, 0, None, b"", 1), confused) is True

    assert bench.buried == [(b"0", b"process: CancelledError: ")]


async def test_stopping_cancels_as_ever() -> None:
    bench = Bench()
    task = asyncio.create_task(bench.breaker.settle(Record("in", 0, 0, None, b"", 1), lambda _: asyncio.sleep(60)))
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert bench.buried == []


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("x"), "KeyError: 'x'"),
        (ExceptionGroup("two", [ExceptionGroup("one", [ValueError("deep")])]), "ValueError: deep"),
    ],
)
def test_an_exception_is_told_in_one_line(error: Exception, text: str) -> None:
    assert describe(error) == text


async def test_a_reason_with_broken_characters_is_kept() -> None:
    bench = Bench()

    def fail(_: Record) -> Callable[[], None]:
        raise ValueError("\udcff" + "x" * 5000)

    async def broken(record: Record) -> None:
        fail(record)

    assert await bench.breaker.settle(Record("in", 0, 0, None, b"", 1), broken) is True

    ((_, reason),) = bench.buried
    assert reason.startswith(b"process: ValueError: \\udcffxxx")
    assert len(reason) < 1100
