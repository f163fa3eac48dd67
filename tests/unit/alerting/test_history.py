"""What is kept of webhooks, and how it is found again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from footfall_alerting.history.dead_jobs import dead_jobs, still_dead
from footfall_alerting.history.message_log import MessageLog
from footfall_alerting.history.search import Log, Page, Query
from footfall_alerting.job import Job, Message, Status, decode_message, webhook_id_of
from footfall_alerting.policy import Outcome, Result
from footfall_health.ask.messages import RawMessage, Windows
from prometheus_client import REGISTRY

NOW = 1_800_000_000.0
HOUR = 3600.0


def job(event: str, endpoint: str = "shop", **fields: Any) -> Job:
    known = Job(
        webhook_id=webhook_id_of(endpoint, event),
        endpoint=endpoint,
        event_id=event,
        type="inventory.low",
        key="p1",
        sequence=1,
        event_time=NOW,
        body='{"data":{"status":"dead","note":"\\"status\\":\\"dead\\""}}',
    )
    return replace(known, **fields)


def message(event: str, status: Status = "delivered", *, ago: float, endpoint: str = "shop", **fields: Any) -> Message:
    return Message(job(event, endpoint, **fields), status, NOW - ago, "exhausted" if status == "dead" else "")


class Topic:
    """A topic in memory; records are appended when they were updated."""

    def __init__(self, *partitions: list[Message], lows: tuple[int, ...] = ()) -> None:
        self.records = {
            number: [
                RawMessage(number, offset, int(each.updated * 1000), each.job.webhook_id.encode(), each.encode())
                for offset, each in enumerate(sorted(messages, key=lambda each: each.updated))
            ]
            for number, messages in enumerate(partitions)
        }
        self.lows = dict(enumerate(lows))
        self.looked_at: list[tuple[int, int]] = []

    def log(self, left: int = 1000) -> Log:
        kept = {number: (self.lows.get(number, 0), len(records)) for number, records in self.records.items()}
        return Log(self._read, self._offsets, kept, NOW, left)

    def _read(self, windows: Windows) -> Iterator[RawMessage]:
        for number, (start, stop) in windows.items():
            for record in self.records[number][start:stop]:
                self.looked_at.append((record.partition, record.offset))
                yield record

    def _offsets(self, moment: float) -> dict[int, int]:
        return {
            number: max(
                self.lows.get(number, 0),
                next((each.offset for each in records if (each.millis or 0) >= moment * 1000), len(records)),
            )
            for number, records in self.records.items()
        }


def events(page: Page) -> list[str]:
    return [each.event_id for each in page.messages]


def test_the_newest_come_first_whatever_their_partition() -> None:
    topic = Topic(
        [message("a", ago=10), message("c", ago=30 * HOUR)], [message("b", ago=2 * HOUR), message("d", ago=99 * HOUR)]
    )

    assert events(topic.log().newest(Query(), 10)) == ["a", "b", "c", "d"]
    assert events(topic.log().newest(Query(), 3)) == ["a", "b", "c"]


def test_of_each_webhook_its_newest_state_counts_alone() -> None:
    topic = Topic(
        [
            message("a", "waiting", ago=9 * HOUR),
            message("a", "dead", ago=5 * HOUR),
            message("a", "delivered", ago=60),
            message("b", "waiting", ago=120),
            message("b", "dead", ago=60),
        ]
    )

    assert events(topic.log().newest(Query(status="dead"), 10)) == ["b"]
    assert events(topic.log().newest(Query(status="waiting"), 10)) == []
    assert events(topic.log().newest(Query(status="delivered"), 10)) == ["a"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(endpoint="shop"), ["a", "c"]),
        (Query(endpoint="crm"), ["b"]),
        (Query(type="inventory.recovered"), ["c"]),
        (Query(status="dead"), ["b"]),
        (Query(endpoint="shop", status="dead"), []),
        (Query(since=NOW - 2 * HOUR), ["a"]),
        (Query(until=NOW - 2 * HOUR), ["b", "c"]),
    ],
)
def test_messages_are_chosen_by(query: Query, expected: list[str]) -> None:
    topic = Topic(
        [message("a", ago=60), message("c", ago=9 * HOUR, type="inventory.recovered")],
        [message("b", "dead", ago=3 * HOUR, endpoint="crm")],
    )

    assert events(topic.log().newest(query, 10)) == expected


def test_no_more_is_looked_at_than_the_answer_needs() -> None:
    topic = Topic([message(f"a{number}", ago=number * HOUR / 2) for number in range(100)])

    page = topic.log().newest(Query(), 2)

    assert events(page) == ["a0", "a1"]
    assert len(topic.looked_at) < 10


def test_what_was_deleted_is_not_looked_for() -> None:
    topic = Topic([message("a", ago=60), message("b", ago=50 * HOUR)], lows=(1,))
    log = topic.log()

    assert events(log.newest(Query(), 10)) == ["a"]
    assert topic.looked_at == [(0, 1)]


def test_a_burst_is_looked_at_as_far_as_may_be_and_the_answer_says_so() -> None:
    topic = Topic([message(f"a{number}", ago=number) for number in range(500)])

    page = topic.log(left=100).newest(Query(status="dead"), 10)

    assert events(page) == []
    assert 0 < len(topic.looked_at) <= 100
    assert NOW - 100 <= page.since <= NOW - 50


def test_an_answer_says_how_far_back_it_goes() -> None:
    topic = Topic([message("a", ago=60), message("b", ago=2 * HOUR), message("c", ago=40 * HOUR)])

    assert topic.log().newest(Query(), 2).since == NOW - 2 * HOUR
    assert topic.log().newest(Query(since=NOW - 30 * HOUR), 9).since == NOW - 30 * HOUR
    assert topic.log().newest(Query(), 9).since == 0


def test_one_message_is_found_with_its_partition_and_attempts() -> None:
    tried = job("b").tried(NOW - 99 * HOUR, Outcome(Result.FAILED, 503, "HTTP 503", answer="busy"))
    topic = Topic(
        [message("a", ago=60)],
        [Message(tried, "waiting", NOW - 99 * HOUR), Message(tried, "dead", NOW - 98 * HOUR, "exhausted")],
    )

    found = topic.log().find(webhook_id_of("shop", "b"))

    assert found is not None
    assert (found.partition, found.message.status, found.message.job.attempts[0].answer) == (1, "dead", "busy")
    assert topic.log().find(webhook_id_of("shop", "z")) is None


def test_a_list_says_when_it_is_tried_next_and_how_the_last_attempt_ended() -> None:
    waiting = job("a").tried(NOW - 60, Outcome(Result.FAILED, 503, "HTTP 503")).due(NOW + 240)
    topic = Topic([Message(waiting, "waiting", NOW - 60), message("b", ago=61)])

    first, second = topic.log().newest(Query(), 10).messages

    assert (first.due, first.last, first.attempted) == (NOW + 240, "HTTP 503", 1)
    assert (second.due, second.last) == (None, "")


def test_records_that_are_no_messages_are_passed_over() -> None:
    topic = Topic([message("a", ago=60)])
    topic.records[0] += [RawMessage(0, 1, int(NOW * 1000), key, value) for key, value in ((None, b"x"), (b"k", None))]
    topic.records[0].append(RawMessage(0, 3, int(NOW * 1000), b"k2", b'{"version":9}'))

    assert events(topic.log().newest(Query(), 10)) == ["a"]


class Appender:
    """A producer whose queue is full at will."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.is_full = False
        self.polls = 0

    def produce(self, topic: str, **record: Any) -> None:
        if self.is_full:
            raise BufferError
        self.records.append({"topic": topic} | record)

    def poll(self, timeout: float) -> int:
        self.polls += timeout == 0
        return 0

    def flush(self, timeout: float) -> int:
        return int(timeout < 0)


def test_a_message_goes_to_its_jobs_partition_under_its_id() -> None:
    appender = Appender()

    MessageLog(appender, "t-alerting-messages").put(message("a", ago=1), 3)

    (record,) = appender.records
    assert (record["topic"], record["partition"]) == ("t-alerting-messages", 3)
    assert record["key"] == webhook_id_of("shop", "a").encode()
    assert decode_message(record["value"]) == message("a", ago=1)


def test_history_that_finds_no_room_is_counted_and_stops_nobody() -> None:
    appender = Appender()
    appender.is_full = True
    before = REGISTRY.get_sample_value("footfall_webhook_history_lost_total") or 0

    MessageLog(appender, "alerting-messages").put(message("a", ago=1), 0)

    assert REGISTRY.get_sample_value("footfall_webhook_history_lost_total") == before + 1
    assert appender.polls == 1, "what was delivered meanwhile is never told, and the queue stays full"


def letter(event: str, *, ago: float, endpoint: str = "shop", partition: bytes | None = b"2") -> RawMessage:
    dead = job(event, endpoint).tried(NOW - ago, Outcome(Result.FAILED, 503, "HTTP 503"))
    headers = (("error", b"exhausted"), ("source-partition", partition))
    return RawMessage(0, 0, int((NOW - ago) * 1000), b"p1", dead.encode(), headers)


def found_dead(letters: list[RawMessage], *messages: Message, until: float = NOW) -> list[str]:
    dead, _ = dead_jobs(letters, "shop", until)
    return [each.job.event_id for each in still_dead(dead, Topic(list(messages)).records[0])]


def test_what_was_given_up_can_be_brought_back_from_its_partition_with_its_attempts() -> None:
    found, stopped = dead_jobs([letter("a", ago=60)], "shop", NOW)

    (dead,) = found
    assert (dead.partition, dead.at, dead.job.attempts[0].detail, stopped) == (2, NOW - 60, "HTTP 503", None)


def test_what_arrived_or_was_sent_again_since_is_left_alone() -> None:
    letters = [letter(name, ago=3600) for name in ("a", "b", "c")]

    assert found_dead(letters, message("a", ago=60), message("b", "waiting", ago=60)) == ["c"]


def test_what_died_twice_is_brought_back_once() -> None:
    letters = [letter("a", ago=3600), letter("a", ago=60)]

    assert found_dead(letters, message("a", "waiting", ago=1800), message("a", "dead", ago=60)) == ["a"]
    assert found_dead(letters, message("a", "waiting", ago=1800)) == ["a"], "its last message may have been lost"


def test_only_what_was_given_up_in_time_and_by_this_endpoint_is_brought_back() -> None:
    letters = [letter("a", ago=60), letter("b", ago=7200, endpoint="crm"), letter("c", ago=7200)]

    assert found_dead(letters, until=NOW - 3600) == ["c"]


@pytest.mark.parametrize("value", [b"", b"garbage", None])
def test_dead_letters_that_are_no_jobs_are_passed_over(value: bytes | None) -> None:
    assert dead_jobs([replace(letter("a", ago=60), value=value)], "shop", NOW) == ([], None)
    assert dead_jobs([letter("a", ago=60, partition=None)], "shop", NOW) == ([], None)


def test_so_many_dead_that_one_request_cannot_take_them_end_where_the_next_goes_on() -> None:
    letters = [letter(f"a{number}", ago=60 - number) for number in range(5)]

    found, stopped = dead_jobs(letters, "shop", NOW, most=3)

    assert ([each.job.event_id for each in found], stopped) == (["a0", "a1", "a2"], NOW - 57)


def test_of_a_burst_only_its_newest_part_is_looked_at_as_long_as_that_answers() -> None:
    topic = Topic([message(f"a{number}", ago=number / 1000) for number in range(50_000)])

    assert events(topic.log(left=200_000).newest(Query(), 5)) == [f"a{number}" for number in range(5)]
    assert len(topic.looked_at) <= 2000

    found = topic.log(left=200_000).find(webhook_id_of("shop", "a49999"))
    assert found is not None
    assert len(topic.looked_at) <= 2000 + 50_000
