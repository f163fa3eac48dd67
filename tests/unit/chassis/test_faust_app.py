import asyncio
import weakref
from collections import defaultdict
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from footfall_chassis.faust_app import SafeConsumer, UntestedFaustError, build_app, credentials, send
from footfall_chassis.settings import ConnectionSettings
from intervaltree import IntervalTree  # type: ignore[import-untyped]
from pydantic import SecretStr

HERE, ELSEWHERE = "tp-0", "tp-1"
FAUSTS = driver.Consumer


@dataclass(eq=False)
class Message:
    offset: int
    tp: str = HERE
    generation_id: int = 1
    topic: str = "topic"
    acked: bool = False


def _bare(kind: type[Any]) -> Any:
    return object.__new__(kind)


class Book:
    """A consumer's bookkeeping without a consumer."""

    def __init__(self, kind: type, committed: int | None = None) -> None:
        self.consumer: Any = _bare(kind)
        self.consumer._unacked_messages = weakref.WeakSet()
        self.consumer._acked = defaultdict(list)
        self.consumer._acked_index = defaultdict(set)
        self.consumer._gap = defaultdict(IntervalTree)
        self.consumer._committed_offset = {HERE: committed, ELSEWHERE: committed}
        self.consumer._waiting_for_ack = None
        self.consumer._barriers = {}
        self.consumer._active_partitions = {TP(HERE, 0), TP(ELSEWHERE, 0)}
        self.consumer._paused_partitions = set()
        self.consumer._buffered_partitions = set()
        self.consumer.app = SimpleNamespace(
            consumer_generation_id=1,
            topics=SimpleNamespace(acks_enabled_for=lambda _: True),
            rebalances=None,
            should_stop=False,
        )
        self.messages: dict[int, Message] = {}
        self.read_offset: int | None = None

    async def read(self, *offsets: int, tp: str = HERE) -> None:
        for offset in offsets:
            # As Faust's loop does: it takes an offset of 0 for none.
            if self.read_offset and offset - self.read_offset > 1:
                await self.consumer._add_gap(tp, self.read_offset + 1, offset)
            self.read_offset = offset
            self.messages[offset] = message = Message(offset, tp, self.consumer.app.consumer_generation_id)
            self.consumer._unacked_messages.add(message)

    def settle(self, *offsets: int) -> None:
        for offset in offsets:
            self.consumer.ack(self.messages[offset])

    def commit(self) -> int | None:
        offset: int | None = self.consumer._new_offset(HERE)
        if offset is not None:
            self.consumer._committed_offset[HERE] = offset
        return offset


@pytest.mark.parametrize("committed", [None, 0, 2])
async def test_the_head_is_never_skipped(committed: int | None) -> None:
    book, head = Book(SafeConsumer, committed), committed or 0
    await book.read(*range(head, head + 4))

    book.settle(head + 1, head + 2, head + 3)

    assert book.commit() is None
    book.settle(head)
    assert book.commit() == head + 4


async def test_faust_alone_skips_the_head() -> None:
    """The fault the fix is for; when this fails, Faust has mended it and the fix may go."""
    book = Book(FAUSTS)
    await book.read(0, 1, 2, 3)

    book.settle(1, 2, 3)

    assert book.commit() == 4


async def test_what_is_held_back_is_committed_later() -> None:
    book = Book(SafeConsumer)
    await book.read(*range(8))

    book.settle(0, 1, 3, 4, 6)

    assert book.commit() == 2
    book.settle(2)
    assert book.commit() == 5
    book.settle(5, 7)
    assert book.commit() == 8
    assert book.commit() is None


async def test_gaps_left_by_transactions_are_passed_but_not_the_message_behind_them() -> None:
    book = Book(SafeConsumer)
    await book.read(0, 5, 6)

    book.settle(0, 6)

    assert book.commit() == 1
    book.settle(5)
    assert book.commit() == 7


@pytest.mark.parametrize(("kind", "last"), [(SafeConsumer, 9), (FAUSTS, 1)])
async def test_a_gap_behind_the_first_message_stops_faust_alone_for_ever(kind: type, last: int) -> None:
    book = Book(kind)
    await book.read(0, 6, 8)

    book.settle(0, 6, 8)

    assert max(book.commit() or 0 for _ in range(5)) == last


async def test_gaps_are_not_collected_for_ever() -> None:
    book = Book(SafeConsumer)

    await book.read(*range(0, 1000, 2))

    assert not book.consumer._gap


async def test_other_partitions_do_not_hold_this_one_back() -> None:
    book = Book(SafeConsumer)
    await book.read(0, tp=ELSEWHERE)
    await book.read(1, 2)

    book.settle(1, 2)

    assert book.commit() == 3


async def test_what_was_read_before_a_rebalance_counts_for_nothing_after_it() -> None:
    book = Book(SafeConsumer, 5)
    await book.read(10)
    book.consumer.app.consumer_generation_id = 2

    book.settle(10)

    # 5 to 9 are read again, and nobody knows yet whether they will be settled.
    assert book.commit() is None
    assert book.messages[10].acked


async def test_what_was_acknowledged_during_a_rebalance_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async def assigned(*_: Any) -> None:
        pass

    monkeypatch.setattr(FAUSTS, "on_partitions_assigned", assigned)
    book = Book(SafeConsumer, 5)
    await book.read(10)
    book.settle(10)

    await book.consumer.on_partitions_assigned(set(), 2)

    assert book.commit() is None


async def test_what_is_under_way_is_settled_and_committed_before_partitions_go(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    class Watcher:
        async def leaving(self) -> None:
            told.append("leaving")

        def assigned(self, partitions: Any) -> None:
            told.append(partitions)

    async def passed(self: Any, *_: Any) -> None:
        told.append("passed on")

    async def commit(_: Any) -> None:
        told.append("commit")

    for name in ("on_partitions_revoked", "on_partitions_assigned"):
        monkeypatch.setattr(FAUSTS, name, passed)
    monkeypatch.setattr(FAUSTS, "commit", commit)
    consumer = Book(SafeConsumer).consumer
    consumer.app.rebalances = Watcher()

    await consumer.on_partitions_revoked({TP("a", 0)})
    await consumer.on_partitions_assigned({TP("a", 1), TP("b", 1), TP("a", 2)}, 2)

    assert told == ["leaving", "commit", "passed on", {"a": {1, 2}, "b": {1}}, "passed on"]


async def test_nothing_is_committed_from_where_a_partition_is_held_and_the_others_go_on() -> None:
    book = Book(SafeConsumer)
    await book.read(0, 1, 2, 3)
    book.settle(0, 2, 3)
    # Whoever lets go of the message forgets that it was pending.
    book.messages.pop(1)
    book.consumer._unacked_messages.clear()
    book.consumer.pause_partitions = lambda _: None

    book.consumer.hold(HERE, 2)
    book.consumer.hold(HERE, 1)
    book.consumer.hold(HERE, 3)

    assert book.commit() == 1
    assert book.commit() is None


async def test_a_paused_partition_stays_so_when_its_stream_has_room_again() -> None:
    consumer, full = Book(SafeConsumer).consumer, TP(HERE, 0)
    consumer._buffered_partitions = {full, TP(ELSEWHERE, 0)}

    consumer.hold(full, 4)
    consumer.on_buffer_drop(full)
    consumer.on_buffer_drop(TP(ELSEWHERE, 0))

    assert consumer._active_partitions == {TP(ELSEWHERE, 0)}


async def test_an_assignment_ends_every_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    async def assigned(*_: Any) -> None:
        pass

    monkeypatch.setattr(FAUSTS, "on_partitions_assigned", assigned)
    consumer = Book(SafeConsumer).consumer
    consumer.hold(TP(HERE, 0), 4)

    await consumer.on_partitions_assigned({TP(HERE, 0)}, 2)

    assert consumer._paused_partitions == set()
    assert consumer._barriers == {}


async def test_whoever_stops_waiting_for_a_record_does_not_cancel_it() -> None:
    on_its_way = asyncio.get_running_loop().create_future()

    async def append(*_: Any, **__: Any) -> asyncio.Future[None]:
        return on_its_way

    waiting = asyncio.create_task(send(SimpleNamespace(send=append), "t", b"k", b"v", {}))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])

    assert waiting.cancelled()
    assert not on_its_way.cancelled()


def test_another_faust_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faust, "__version__", "0.15.4")

    with pytest.raises(UntestedFaustError, match=r"0\.15\.4"):
        build_app("group", ConnectionSettings())


def test_the_app_is_hardened_and_leaves_no_files(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    app = build_app("group", ConnectionSettings(kafka_bootstrap_servers="a:1, b:2"))
    app.finalize()
    app._create_directories()

    assert [str(url) for url in app.conf.broker] == ["kafka://a:1", "kafka://b:2"]
    assert app.conf.agent_supervisor.__name__ == "CrashingSupervisor"
    assert app.conf.producer_acks == -1
    assert isinstance(app.consumer, SafeConsumer)
    assert list(tmp_path.iterdir()) == []


def test_plain_text_needs_no_credentials() -> None:
    assert credentials(ConnectionSettings()) is None


def test_sasl_credentials_reach_aiokafka() -> None:
    connection = ConnectionSettings(
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-256",
        kafka_sasl_username="ada",
        kafka_sasl_password=SecretStr("hush"),
    )

    auth = driver.credentials_to_aiokafka_auth(credentials(connection))

    assert auth["security_protocol"] == "SASL_SSL"
    assert auth["sasl_mechanism"] == "SCRAM-SHA-256"
    assert (auth["sasl_plain_username"], auth["sasl_plain_password"]) == ("ada", "hush")
    assert auth["ssl_context"].verify_mode.name == "CERT_REQUIRED"


def test_tls_alone_reaches_aiokafka() -> None:
    auth = driver.credentials_to_aiokafka_auth(credentials(ConnectionSettings(kafka_security_protocol="SSL")))

    assert auth["security_protocol"] == "SSL"
    assert auth["ssl_context"] is not None
