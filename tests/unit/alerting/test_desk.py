"""The desk without Kafka: what is attempted when, what is written, and what a rebalance changes."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from footfall_alerting.job import Job, Message, webhook_id_of
from footfall_alerting.policy import Outcome, Result, Schedule
from footfall_alerting.queue import admission, refill
from footfall_alerting.queue import desk as module
from footfall_alerting.queue.desk import Desk
from footfall_alerting.queue.index import Row, row_of
from footfall_alerting.queue.receiver import Receiver

OK = Outcome(Result.DELIVERED, 204, "HTTP 204")
FAILED = Outcome(Result.FAILED, 500, "HTTP 500")
Answer = Callable[[Job], Awaitable[Outcome]]


@dataclass
class Journal:
    """A jobs topic in memory, which outlives desks."""

    log: dict[int, list[tuple[str, Job | None]]] = field(default_factory=lambda: defaultdict(list))
    ended: list[tuple[str, float]] = field(default_factory=list)
    away: asyncio.Event | None = None
    """While it is there and not set nothing becomes durable."""
    loads: list[int] = field(default_factory=list)

    def write(self, partition: int, job: Job) -> Awaitable[int]:
        return self._append(partition, job.webhook_id, job)

    def erase(self, partition: int, webhook_id: str) -> Awaitable[int]:
        return self._append(partition, webhook_id, None)

    def _append(self, partition: int, webhook_id: str, job: Job | None) -> Awaitable[int]:
        self.log[partition].append((webhook_id, job))
        offset = len(self.log[partition]) - 1

        async def durable() -> int:
            await asyncio.sleep(0)
            if self.away is not None:
                await self.away.wait()
            return offset

        return durable()

    async def load(self, rows: Sequence[Row]) -> Mapping[str, Job]:
        await asyncio.sleep(0)
        self.loads.append(len(rows))
        found = {}
        for row in rows:
            webhook_id, job = self.log[row.partition][row.offset]
            if job is not None and webhook_id == row.id:
                found[webhook_id] = job
        return found

    async def replay(self, partition: int) -> AsyncIterator[Iterable[tuple[str, Row | None]]]:
        await asyncio.sleep(0)
        yield [
            (webhook_id, row_of(job, partition, offset) if job else None)
            for offset, (webhook_id, job) in enumerate(self.log[partition])
        ]

    async def finished(self, _: int) -> list[tuple[str, float]]:
        return self.ended

    def waiting(self) -> dict[str, Job]:
        newest = {webhook_id: job for log in self.log.values() for webhook_id, job in log}
        return {webhook_id: job for webhook_id, job in newest.items() if job is not None}


@dataclass
class Shop:
    """A receiver, and everything else a desk is told or asks."""

    answer: Answer
    attempts: list[Job] = field(default_factory=list)
    disabled: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    buried: list[tuple[Job, str]] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    under_way: int = 0
    most_under_way: int = 0

    async def attempt(self, job: Job) -> Outcome:
        self.attempts.append(job)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self.answer(job)
        finally:
            self.under_way -= 1

    def is_disabled(self, endpoint: str) -> bool:
        return endpoint in self.disabled

    def observe(self, endpoint: str, outcome: Outcome, _: Job) -> None:
        if outcome.result is Result.GONE:
            self.disabled.add(endpoint)

    def put(self, message: Message, _: int) -> None:
        self.messages.append(message)

    async def bury(self, job: Job, _: int, reason: str, detail: str) -> None:
        assert detail
        self.buried.append((job, reason))

    def began(self, waited: float) -> None:
        assert waited > -0.01
        self.counted["began"] += 1

    def attempted(self, _: Outcome) -> None:
        self.counted["attempted"] += 1

    def delivered(self, _: float) -> None:
        self.counted["delivered"] += 1

    def retried(self) -> None:
        self.counted["retried"] += 1

    def gave_up(self, reason: str) -> None:
        self.counted[reason] += 1

    @property
    def heard(self) -> list[str]:
        return [job.event_id for job in self.attempts]


def always(outcome: Outcome, after: float = 0.0) -> Answer:
    async def answer(_: Job) -> Outcome:
        await asyncio.sleep(after)
        return outcome

    return answer


def in_turn(*outcomes: Outcome) -> Answer:
    left = list(outcomes)

    async def answer(_: Job) -> Outcome:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def job(name: str = "a", endpoint: str = "shop", **changes: Any) -> Job:
    made = Job(webhook_id_of(endpoint, name), endpoint, name, "inventory.low", "p1", 0, 0.0, "{}")
    return replace(made, **changes)


def open_desk(
    shop: Shop | Mapping[str, Shop],
    journal: Journal | None = None,
    *,
    size: int = 100,
    clock: Callable[[], float] = time.time,
    **receiver: Any,
) -> Desk:
    shops = {"shop": shop} if isinstance(shop, Shop) else dict(shop)
    first = next(iter(shops.values()))
    desk = Desk(
        receivers={name: Receiver(each, **({"slots": 4} | receiver)) for name, each in shops.items()},
        schedule=Schedule((0.02, 0.04), 0.05, 0.4),
        journal=journal or Journal(),
        standing=first,
        messages=first,
        meters=lambda _: first,
        undertaker=first,
        queue_size=size,
        clock=clock,
        jitter=lambda: 0.0,
    )
    desk.assigned([0])
    return desk


async def until(check: Callable[[], object], patience: float = 20) -> None:
    async with asyncio.timeout(patience):
        while not check():  # noqa: ASYNC110  what is waited for has no events
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "PATIENCE", 0.05)
    monkeypatch.setattr(module, "TICK", 0.01)
    monkeypatch.setattr(module, "GRACE", 0.2)


async def test_what_is_delivered_at_once_never_touches_the_jobs_topic() -> None:
    shop, journal = Shop(always(OK)), Journal()
    await open_desk(shop, journal).submit(0, [job()])
    assert shop.heard == ["a"]
    assert [message.status for message in shop.messages] == ["delivered"]
    assert not journal.log[0]
    assert shop.counted == {"began": 1, "attempted": 1, "delivered": 1}


async def test_a_failure_is_durable_before_its_record_is_settled_and_ends_with_a_tombstone() -> None:
    shop, journal = Shop(in_turn(FAILED, FAILED, OK)), Journal()
    desk = open_desk(shop, journal)
    await desk.submit(0, [job()])
    (waiting,) = journal.waiting().values()
    assert (waiting.attempted, waiting.attempts[0].detail) == (1, "HTTP 500")
    await until(lambda: shop.counted["delivered"])
    await until(lambda: not journal.waiting())
    assert shop.heard == ["a"] * 3
    assert [message.status for message in shop.messages] == ["waiting", "waiting", "delivered"]
    assert [attempt.result for attempt in shop.messages[-1].job.attempts] == ["failed", "failed", "delivered"]


async def test_exhausted_it_is_a_dead_letter_with_every_attempt() -> None:
    shop, journal = Shop(always(FAILED)), Journal()
    await open_desk(shop, journal).submit(0, [job()])
    await until(lambda: shop.buried)
    ((dead, reason),) = shop.buried
    assert reason == "exhausted"
    assert len(dead.attempts) == dead.attempted == len(shop.attempts) >= 4
    await until(lambda: not journal.waiting())
    assert shop.messages[-1].reason == "exhausted"


async def test_gone_disables_and_what_comes_then_is_dead_without_an_attempt() -> None:
    shop = Shop(always(Outcome(Result.GONE, 410, "HTTP 410")))
    desk = open_desk(shop)
    await desk.submit(0, [job("a")])
    await desk.submit(0, [job("b"), job("c")])
    assert shop.heard == ["a"]
    assert [reason for _, reason in shop.buried] == ["gone", "disabled", "disabled"]


async def test_an_endpoint_that_is_not_configured_any_more_gives_its_jobs_up() -> None:
    shop, journal = Shop(always(OK)), Journal()
    await journal.write(0, job("old", endpoint="former", not_before=4e9))
    desk = open_desk(shop, journal)
    ticking = asyncio.create_task(desk.run())
    await until(lambda: shop.buried)
    assert shop.buried[0][1] == "not_configured"
    await until(lambda: not journal.waiting())
    ticking.cancel()


async def test_no_more_than_the_slots_are_under_way_and_waiting_is_no_attempt() -> None:
    shop, journal = Shop(always(OK, 0.02)), Journal()
    desk = open_desk(shop, journal, slots=3)
    await desk.submit(0, [job(str(number)) for number in range(40)])
    assert shop.most_under_way == 3
    assert {message.status for message in shop.messages} == {"delivered"}


async def test_what_takes_long_is_durable_so_that_its_record_is_settled() -> None:
    shop, journal = Shop(always(OK, 60)), Journal()
    desk = open_desk(shop, journal, slots=1)
    ticking = asyncio.create_task(desk.run())
    async with asyncio.timeout(20):
        await desk.submit(0, [job("under way"), job("waits")])
    assert {waiting.event_id for waiting in journal.waiting().values()} == {"under way", "waits"}
    assert shop.heard == ["under way"]
    ticking.cancel()
    await desk.stop()


async def test_memory_is_bounded_and_everything_is_delivered_all_the_same() -> None:
    shop, journal = Shop(always(OK, 0.001)), Journal()
    desk = open_desk(shop, journal, size=20, slots=2)
    ticking = asyncio.create_task(desk.run())
    most = 0
    for number in range(0, 300, 10):
        await desk.submit(0, [job(f"{number + each}") for each in range(10)])
        most = max(most, len(desk._lanes.of("shop").line))
    await until(lambda: shop.counted["delivered"] == 300)
    assert sorted(map(int, shop.heard)) == list(range(300))
    assert most <= 20
    await until(lambda: not journal.waiting())
    assert not next(iter(desk._shards)).tickets
    ticking.cancel()


async def test_an_endpoint_that_hangs_delays_no_other() -> None:
    hanging, good = Shop(always(OK, 60)), Shop(always(OK))
    desk = open_desk({"good": good, "hanging": hanging}, size=10, slots=2)
    ticking = asyncio.create_task(desk.run())
    records = [desk.submit(0, [job(str(n), "hanging"), job(str(n), "good")]) for n in range(200)]
    async with asyncio.timeout(20):
        await asyncio.gather(*records)
    await until(lambda: len(set(good.heard)) == 200)
    assert len(hanging.heard) == 2
    ticking.cancel()
    await desk.stop()


async def test_a_wish_to_wait_holds_back_the_others_too() -> None:
    shop = Shop(in_turn(Outcome(Result.FAILED, 503, "HTTP 503", retry_after=0.15), OK))
    desk = open_desk(shop, slots=1)
    began = asyncio.get_running_loop().time()
    ticking = asyncio.create_task(desk.run())
    await desk.submit(0, [job("a"), job("b")])
    await until(lambda: shop.counted["delivered"] == 2)
    assert asyncio.get_running_loop().time() - began >= 0.15
    ticking.cancel()


async def test_a_record_that_is_read_again_is_not_done_again() -> None:
    shop, journal = Shop(always(OK, 0.05)), Journal(ended=[(job("finished").webhook_id, 1.0)])
    await journal.write(0, job("waits", not_before=4e9))
    desk = open_desk(shop, journal)
    first = asyncio.create_task(desk.submit(0, [job("in hand")]))
    await until(lambda: shop.heard)
    again = asyncio.create_task(desk.submit(0, [job("in hand"), job("waits"), job("finished")]))
    await asyncio.sleep(0)
    assert not again.done()
    await first
    await again
    await desk.submit(0, [job("in hand")])
    assert shop.heard == ["in hand"]


async def test_what_waited_before_a_restart_is_attempted_when_it_is_due() -> None:
    journal, now = Journal(), 1e9
    await journal.write(0, job("due", not_before=now - 5))
    await journal.write(0, job("later", not_before=now + 3600))
    await journal.write(0, job("done"))
    await journal.erase(0, job("done").webhook_id)
    shop = Shop(always(OK))
    desk = open_desk(shop, journal, clock=lambda: now)
    await until(lambda: shop.heard == ["due"])
    assert desk.backlog("shop").jobs <= 2
    await asyncio.sleep(0.05)
    assert shop.heard == ["due"]


async def test_a_partition_that_stays_keeps_its_attempts_and_its_queue() -> None:
    shop, journal = Shop(always(OK, 0.5)), Journal()
    desk = open_desk(shop, journal, slots=1)
    first = asyncio.create_task(desk.submit(0, [job("a"), job("b")]))
    await until(lambda: shop.heard)
    await desk.leaving()
    again = asyncio.create_task(desk.submit(0, [job("a"), job("b")]))
    desk.assigned([0])
    await asyncio.gather(first, again)
    assert shop.heard == ["a", "b"]


async def test_of_a_lost_partition_nothing_is_attempted_nor_written_any_more() -> None:
    shop, journal = Shop(always(FAILED, 0.6)), Journal()
    desk = open_desk(shop, journal, slots=1)
    waiting = asyncio.create_task(desk.submit(0, [job("a"), job("b")]))
    await until(lambda: shop.heard)
    await desk.leaving()
    desk.assigned([1])
    async with asyncio.timeout(20):
        await waiting
    await asyncio.sleep(0.7)
    assert shop.heard == ["a"]
    assert not journal.log[0]
    assert shop.messages == []
    # A record of it that was still on its way is let go as well.
    await desk.submit(0, [job("c")])
    assert shop.heard == ["a"]


async def test_attempts_under_way_finish_before_a_rebalance() -> None:
    shop, journal = Shop(always(FAILED, 0.05)), Journal()
    desk = open_desk(shop, journal, slots=1)
    waiting = asyncio.create_task(desk.submit(0, [job("a")]))
    await until(lambda: shop.heard)
    await desk.leaving()
    assert len(journal.waiting()) == 1
    desk.assigned([])
    await waiting


async def test_the_next_owner_goes_on_where_the_last_one_was() -> None:
    shop, journal = Shop(in_turn(FAILED, OK)), Journal()
    first = open_desk(shop, journal)
    await first.submit(0, [job("a")])
    await first.leaving()
    first.assigned([])
    second = open_desk(shop, journal)
    await second.submit(0, [job("a")])
    await until(lambda: shop.counted["delivered"])
    await asyncio.sleep(0.1)
    assert shop.heard == ["a", "a"]
    assert len(shop.messages[-1].job.attempts) == 2


async def test_at_the_end_attempts_under_way_finish_and_none_begins() -> None:
    shop, journal = Shop(always(OK, 0.05)), Journal()
    desk = open_desk(shop, journal, slots=1)
    waiting = asyncio.create_task(desk.submit(0, [job("a"), job("b")]))
    await until(lambda: shop.heard)
    await desk.stop()
    assert shop.heard == ["a"]
    assert [message.status for message in shop.messages] == ["delivered"]
    waiting.cancel()


async def test_where_order_matters_a_job_waits_for_the_earlier_ones_of_its_key() -> None:
    shop, journal = Shop(in_turn(FAILED, OK)), Journal()
    desk = open_desk(shop, journal, ordered=True)
    ticking = asyncio.create_task(desk.run())
    jobs = [job(str(number), event_time=float(number)) for number in range(8)]
    await desk.submit(0, [*jobs, job("other", key="p2")])
    await until(lambda: shop.counted["delivered"] == 9)
    mine = [name for name in shop.heard if name != "other"]
    assert mine == ["0", "0", *map(str, range(1, 8))]
    await until(lambda: not journal.waiting())
    ticking.cancel()


async def test_order_survives_a_restart_and_little_memory() -> None:
    shop, journal = Shop(always(OK, 0.001)), Journal()
    for number in (3, 1, 2, 0):
        await journal.write(0, job(str(number), event_time=float(number)))
    desk = open_desk(shop, journal, ordered=True, size=2)
    ticking = asyncio.create_task(desk.run())
    await desk.submit(0, [job(str(number), event_time=float(number)) for number in range(12)])
    await until(lambda: shop.counted["delivered"] == 12)
    assert shop.heard == [str(number) for number in range(12)]
    ticking.cancel()


async def test_what_is_asked_for_again_runs_through_the_whole_schedule_once() -> None:
    shop, journal = Shop(in_turn(OK, FAILED, OK)), Journal()
    desk = open_desk(shop, journal)
    await desk.submit(0, [job("a")])
    now = desk.clock()
    again = shop.messages[-1].job.again("resend", now)
    await desk.resend(0, again)
    await until(lambda: shop.counted["delivered"] == 2)
    # The record is read again after a crash.
    await desk.resend(0, again)
    assert shop.heard == ["a"] * 3
    assert len(shop.messages[-1].job.attempts) == 3


async def test_what_waits_is_attempted_at_once_when_it_is_asked_for() -> None:
    shop, journal = Shop(always(OK)), Journal()
    await journal.write(0, job("a", not_before=4e9, begun=5.0, attempted=3))
    desk = open_desk(shop, journal)
    await desk.resend(0, job("a").again("resend", desk.clock()))
    await until(lambda: shop.counted["delivered"] == 1)
    await until(lambda: not journal.waiting())
    assert not desk.index.has(job("a").webhook_id)


async def test_partitions_that_cannot_be_read_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    shop, journal = Shop(always(OK)), Journal()
    away = [OSError("broker"), OSError("broker")]

    async def finished(_: int) -> list[tuple[str, float]]:
        if away:
            raise away.pop()
        return []

    journal.finished = finished  # type: ignore[method-assign]
    desk = open_desk(shop, journal)
    assert desk.recovering() == [0]
    await desk.submit(0, [job("a")])
    assert shop.heard == ["a"]
    assert desk.recovering() == []


async def test_what_is_not_where_it_was_written_is_told_and_let_go() -> None:
    shop, journal = Shop(always(OK)), Journal()
    await journal.write(0, job("a"))
    desk = open_desk(shop, journal)
    await until(lambda: not desk.recovering())
    desk.index.put(row_of(job("ghost"), 0, 0), loaded=False)
    ticking = asyncio.create_task(desk.run())
    await until(lambda: not desk.index.has(job("ghost").webhook_id))
    ticking.cancel()


async def test_jobs_that_could_not_be_read_back_are_read_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refill, "PAUSE", 0.01)
    shop, journal = Shop(always(OK)), Journal()
    await journal.write(0, job("a"))
    loaded, failures = journal.load, [OSError("broker"), OSError("broker")]

    async def load(rows: Sequence[Row]) -> Mapping[str, Job]:
        if failures:
            raise failures.pop()
        return await loaded(rows)

    journal.load = load  # type: ignore[method-assign]
    desk = open_desk(shop, journal)
    ticking = asyncio.create_task(desk.run())
    await until(lambda: shop.heard == ["a"])
    ticking.cancel()


async def test_what_was_finished_but_not_crossed_off_is_not_done_again() -> None:
    shop, journal = Shop(always(OK)), Journal(ended=[(job("a").webhook_id, 50.0), (job("again").webhook_id, 50.0)])
    await journal.write(0, job("a", not_before=40.0))
    await journal.write(0, job("again", not_before=60.0, trigger="resend"))
    desk = open_desk(shop, journal)
    await until(lambda: shop.heard)
    await until(lambda: not journal.waiting())
    assert shop.heard == ["again"]
    assert not desk.index.has(job("a").webhook_id)
