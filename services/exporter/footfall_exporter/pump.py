"""Carries streams into one sink: reads, holds, writes, and commits behind what the sink has confirmed."""

import threading
import time
from collections.abc import Collection, Sequence
from functools import partial

import structlog
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka import Message as KafkaMessage
from footfall_schemas.errors import TransientError

from footfall_exporter.batch import Message, NotOursError
from footfall_exporter.held import Held, Limits
from footfall_exporter.metrics import HELD
from footfall_exporter.offsets import Offsets
from footfall_exporter.sink import Sink
from footfall_exporter.standing import Standing
from footfall_exporter.starting import Starter
from footfall_exporter.streams import Stream
from footfall_exporter.topic_lives import TopicLives
from footfall_exporter.writing import Writer

READ = 5000
"""Messages one look takes at most."""
WAIT = 0.2
"""Seconds that it takes at most."""
MEASURE_EVERY = 2.0
CHECK_EVERY = 10.0
"""Seconds between two looks at the topics' lives when nothing is written; nothing is written without one."""

_ABOUT_A_TOPIC = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_TOPIC_ID,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
}

Place = tuple[str, int]

log = structlog.get_logger(__name__)


class Pump:
    """Carries streams into one sink; everything happens in the thread that calls `run`.

    Args:
        sink: Where to.
        streams: What.
        consumer: As `consumer.py` makes it.
        lives: Knows which life each topic has.
        writer: Decodes and writes.
        limits: When rows are written.
        standing: Told how it goes.
    """

    def __init__(
        self,
        *,
        sink: Sink,
        streams: Sequence[Stream],
        consumer: Consumer,
        lives: TopicLives,
        writer: Writer,
        limits: Limits,
        standing: Standing,
    ) -> None:
        self._sink = sink
        self._streams = {stream.kafka_topic: stream for stream in streams}
        self._consumer = consumer
        self._offsets = Offsets(consumer)
        self._starter = Starter(sink, self._offsets, lives, standing)
        self._writer = writer
        self._limits = limits
        self._standing = standing
        self._starting: set[Place] = set()
        """Partitions that are ours, of which it is not known yet from where on they are read."""
        self._held: dict[Place, Held] = {}
        self._paused: set[Place] = set()
        self._measured_at = self._checked_at = float("-inf")
        self._joined = False
        """Whether the group has given us partitions at least once."""

    def run(self, stopping: threading.Event) -> None:
        """Carry until told to stop; what is held then is read again by whoever comes next."""
        self._consumer.subscribe(
            list(self._streams), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )
        try:
            while not stopping.is_set():
                self._start()
                self._take(self._consumer.consume(READ, timeout=WAIT))
                self._write()
                self._measure()
        finally:
            self._consumer.close()
            self._sink.close()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign([TopicPartition(each.topic, each.partition, 0) for each in partitions])
        # Nothing is read before the sink has said from where on.
        consumer.pause(partitions)
        self._starting |= {(each.topic, each.partition) for each in partitions}
        self._joined = True

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            self._forget((each.topic, each.partition))
        consumer.incremental_unassign(partitions)

    def _forget(self, place: Place) -> None:
        self._starting.discard(place)
        self._paused.discard(place)
        self._held.pop(place, None)

    def _start(self) -> None:
        for topic in sorted({topic for topic, _ in self._starting}):
            stream = self._streams[topic]
            backoff = self._standing.backoff(stream)
            if not backoff.is_over or self._standing.is_stopped(stream):
                continue
            partitions = sorted(partition for name, partition in self._starting if name == topic)
            try:
                self._begin(stream, partitions)
            except TransientError as error:
                self._standing.failed(stream, error)
            else:
                self._standing.succeeded(stream)

    def _begin(self, stream: Stream, partitions: list[int]) -> None:
        starts = self._starter.begin(stream, partitions)
        if self._standing.is_stopped(stream):
            self._leave(stream)
            return
        places = [TopicPartition(stream.kafka_topic, each.partition, each.read_from) for each in starts]
        # An assignment anew sets the offset at once; to seek fails while a partition is on its way.
        self._consumer.incremental_unassign(places)
        self._consumer.incremental_assign(places)
        self._consumer.resume(places)
        for each in starts:
            place = stream.kafka_topic, each.partition
            self._starting.discard(place)
            self._paused.discard(place)
            self._held[place] = Held(stream, each.partition, each.first)

    def _again(self, place: Place) -> None:
        """Let go of a partition and ask anew what the sink has of it, if it is still ours."""
        self._forget(place)
        if place in {(each.topic, each.partition) for each in self._consumer.assignment()}:
            self._consumer.pause([TopicPartition(*place)])
            self._starting.add(place)

    def _leave(self, stream: Stream) -> None:
        """Read no more of a stream."""
        for place in [place for place, mine in self._held.items() if mine.stream.name == stream.name]:
            self._again(place)

    def _take(self, messages: Sequence[KafkaMessage]) -> None:
        now, held = time.monotonic(), self._held
        for message in messages:
            place = message.topic(), message.partition()
            mine = held.get(place)
            error = message.error()
            if error is not None:
                self._hear(error, message, mine)
            elif mine is not None and not mine.add(
                Message(message.offset(), message.timestamp()[1], message.key(), message.value()), now
            ):
                # Offsets only grow within one life of a topic.
                log.warning("offsets have gone back", topic=place[0], partition=place[1], offset=message.offset())
                self._again(place)

    def _hear(self, error: KafkaError, message: KafkaMessage, mine: Held | None) -> None:
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            if mine is not None:
                mine.end = message.offset() or 0
            return
        log.debug("kafka says", reason=error.str())
        if error.code() == KafkaError._AUTO_OFFSET_RESET and mine is not None:  # noqa: SLF001
            mine.is_cut_off = True
        if error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
            for stream in self._streams.values():
                self._standing.complain(stream, error.str())
        if error.code() in _ABOUT_A_TOPIC:
            self._checked_at = float("-inf")
            if (known := self._streams.get(str(message.topic()))) is not None:
                self._standing.complain(known, error.str())

    def _write(self) -> None:
        now = time.monotonic()
        full = self._size() > self._limits.total
        due = [
            place
            for place, mine in self._held.items()
            if (mine.is_due(self._limits, now) or (full and mine.messages)) and self._may_try(mine)
        ]
        # Whatever has been read by now is of the topics that are found now.
        if due or now - self._checked_at >= CHECK_EVERY:
            self._checked_at = now
            self._check({self._held[place].stream.name for place in due})
        # The largest first, until there is room again.
        for place in sorted(due, key=lambda place: -self._held[place].size if place in self._held else 0):
            if place in self._held:
                self._write_one(place, self._held[place])
        for place in [place for place, mine in self._held.items() if mine.is_cut_off and not mine.messages]:
            self._again(place)
        self._balance()

    def _may_try(self, mine: Held) -> bool:
        return self._standing.backoff(mine.stream).is_over

    def _check(self, due: Collection[str]) -> None:
        streams = {mine.stream.name: mine.stream for mine in self._held.values()}
        self._starter.check(streams.values(), due)
        for stream in streams.values():
            if self._standing.is_stopped(stream):
                self._leave(stream)

    def _size(self) -> int:
        return sum(mine.size for mine in self._held.values())

    def _write_one(self, place: Place, mine: Held) -> None:
        # The rest of a day or of many rows follows at once.
        while (
            mine.messages
            and self._may_try(mine)
            and (mine.pending or mine.is_due(self._limits, time.monotonic()) or self._size() > self._limits.total)
        ):
            try:
                self._writer.write(mine, self._limits, partial(self._offsets.commit, mine))
                self._offsets.commit(mine)
            except NotOursError as error:
                # A rebalance that leaves it to us looks the same: what the sink has is asked anew.
                self._again(place)
                self._standing.failed(mine.stream, error)
                return
            except TransientError as error:
                self._standing.failed(mine.stream, error)
                return
            self._standing.succeeded(mine.stream)

    def _balance(self) -> None:
        """Read no more of what cannot be written, and of nothing while there is no room."""
        full = self._size() > self._limits.total
        wanted = {place for place, mine in self._held.items() if full or self._standing.backoff(mine.stream).reason}
        for places, act in (
            (wanted - self._paused, self._consumer.pause),
            (self._paused - wanted, self._consumer.resume),
        ):
            if places:
                act([TopicPartition(topic, partition) for topic, partition in places])
        self._paused = wanted

    def _measure(self) -> None:
        now = time.monotonic()
        if not self._joined or now - self._measured_at < MEASURE_EVERY:
            return
        self._measured_at = now
        HELD.labels(self._sink.name).set(self._size())
        for topic, stream in self._streams.items():
            mine = [held for (name, _), held in self._held.items() if name == topic]
            lag = sum(held.lag(self._offsets.known_end(held)) for held in mine)
            oldest = min((held.oldest for held in mine if held.oldest is not None), default=None)
            waiting = any(name == topic for name, _ in self._starting)
            self._standing.measured(stream, lag, oldest, waiting=waiting)
            if oldest is None and not waiting:
                self._standing.nothing_waits(stream)
