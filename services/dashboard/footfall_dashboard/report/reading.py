"""Reads what a report is of from the output topics, once, as readers of committed messages see them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from confluent_kafka import OFFSET_END, Consumer, KafkaError, Message, TopicPartition
from footfall_schemas.access_errors import access_error, asking, check_credentials, silent
from footfall_schemas.errors import TransientError
from footfall_schemas.topics import Json

from footfall_dashboard.live.days import minute_of
from footfall_dashboard.live.intake import Intake
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.rows import PROGRESS, STREAMS, Stream
from footfall_dashboard.live.state import Phase
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range

BEFORE = timedelta(hours=25)
"""So much earlier than the range is read, for what it is compared with: the day before, whatever the clock was changed by."""
LATELY = timedelta(minutes=10)
"""So far back the newest progress of every job is found."""
MOST_ROWS = 1_000_000
"""Rows of one stream that are kept."""
WITHIN = 180.0
"""Seconds that reading may take."""
SILENCE = 30.0
"""Seconds without a word of the broker's after which it is taken to be away."""
TIMEOUT = 10.0
"""Seconds one question to the broker may take."""


class TooMuchToReadError(TransientError):
    """The topics were not read in time."""


@dataclass
class Past:
    """What the topics hold of a range."""

    live: Live
    phases: dict[str, Phase] = field(default_factory=dict)
    """Which topics are there."""
    newest: datetime | None = None
    """Event time of the newest row that was read, of the range or not."""

    @property
    def store(self) -> Store:
        """The rows."""
        return self.live.store

    def size(self, asked: Range) -> int:
        """Return how many rows lie in the range."""
        begin, end = _bounds(asked)
        return sum(sum(1 for _ in rows) for rows in self._rows(begin, end))

    def _rows(self, begin: datetime, end: datetime) -> Iterable[Iterable[Any]]:
        for stream in STREAMS:
            if stream.time is not None:
                rows = self.store.of(stream)
                yield rows.counts(begin, end) if stream.counted else rows.between(begin, end)


def streams_of(asked: Range, hear: Callable[[datetime], None]) -> list[Stream[Any]]:
    """Return the streams that a report is drawn from, each keeping the rows of the range and of the day before.

    Args:
        asked: The range.
        hear: Told the time of every row.
    """
    begin, end = _bounds(asked)

    def within(stream: Stream[Any]) -> Stream[Any]:
        name, keeps = stream.time, stream.keeps

        def is_kept(row: Any) -> bool:
            at = getattr(row, str(name))
            hear(at)
            return begin - BEFORE <= at < end and keeps(row)

        return stream if name is None else replace(stream, keeps=is_kept)

    return [within(stream) for stream in STREAMS]


def read(client: Mapping[str, str], schema: Callable[[int], Json], prefix: str, zone: ZoneInfo, asked: Range) -> Past:
    """Read the topics.

    Args:
        client: librdkafka settings of the connection.
        schema: Returns a writer's schema by its id.
        prefix: What the names of all topics begin with.
        zone: The shop's time zone.
        asked: The range.

    Raises:
        AccessRefusedError: The broker refuses the user.
        BrokerAwayError: It does not answer.
        RegistryUnavailableError: A schema cannot be looked up.
        TooMuchToReadError: It took too long.
    """
    begin, end = _bounds(asked)

    def hear(at: datetime) -> None:
        past.newest = at if past.newest is None else max(past.newest, at)

    streams = streams_of(asked, hear)
    past = Past(Live(Store(MOST_ROWS, streams), zone, lambda: end))
    known = check_credentials(client)
    # Of what has no time there is only what is true now: that is not asked of the past, but how far the jobs are.
    wanted = {prefix + each.topic: each for each in streams if each.time is not None or each.topic == PROGRESS.topic}
    past.phases = {each.topic: Phase.FOLLOWING if prefix + each.topic in known else Phase.MISSING for each in streams}
    consumer = Consumer(
        dict(client)
        | {"group.id": "unused", "enable.auto.commit": False, "enable.partition.eof": True}
        | {"isolation.level": "read_committed", "auto.offset.reset": "earliest", "fetch.wait.max.ms": 10}
    )
    try:
        starts: list[TopicPartition] = []
        # Topics of which older messages may have been there, and their partitions of which one has been read.
        cut, begun = set[str](), set[tuple[str, int]]()
        for name, stream in wanted.items():
            if name in known:
                since = begin - BEFORE if stream.time is not None else minute_of(datetime.now(UTC)) - LATELY
                found, is_whole = _starts(consumer, client, name, since)
                starts += found
                if not is_whole:
                    cut.add(name)
        intake = Intake(past.live, schema)
        for message in _messages(consumer, client, starts):
            stream = wanted[message.topic()]
            if (place := (message.topic(), message.partition())) not in begun and message.topic() in cut:
                begun.add(place)
                past.store.of(stream).begin(minute_of(datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)))
            intake.take(stream, message, None)
    finally:
        consumer.close()
    return past


def _starts(
    consumer: Consumer, client: Mapping[str, str], name: str, since: datetime
) -> tuple[list[TopicPartition], bool]:
    """Return from where each partition is read, and whether all that was written since then is still there.

    No row is older than the event time that it speaks of.
    """
    starts, is_whole = [], True
    with asking(client, f"read topic {name}"):
        partitions = consumer.list_topics(name, timeout=TIMEOUT).topics[name].partitions
        places = [TopicPartition(name, number, int(since.timestamp() * 1000)) for number in partitions]
        for place in consumer.offsets_for_times(places, timeout=TIMEOUT):
            low, high = consumer.get_watermark_offsets(place, timeout=TIMEOUT)
            start = high if place.offset == OFFSET_END else place.offset
            is_whole = is_whole and not 0 < start == low
            if start < high:
                starts.append(TopicPartition(name, place.partition, start))
    return starts, is_whole


def _messages(consumer: Consumer, client: Mapping[str, str], starts: list[TopicPartition]) -> Iterator[Message]:
    consumer.assign(starts)
    waiting = {(start.topic, start.partition) for start in starts}
    began = heard = time.monotonic()
    while waiting:
        message = consumer.poll(1.0)
        now = time.monotonic()
        if now - began > WITHIN:
            raise TooMuchToReadError(f"the topics were not read within {WITHIN:.0f} s: write a later --from")
        if message is None:
            if now - heard > SILENCE:
                raise silent(client, SILENCE)
            continue
        heard = now
        error = message.error()
        if error is None:
            yield message
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            waiting.discard((message.topic(), message.partition()))
        elif error.code() in {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART}:
            raise access_error(client, error, f"read topic {message.topic()}")


def _bounds(asked: Range) -> tuple[datetime, datetime]:
    if asked.begin is None or asked.end is None:
        raise ValueError("a report has a begin and an end")
    return asked.begin, asked.end
