"""Carries streams into one sink: reads, holds, writes, and commits behind what the sink has confirmed."""

import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from confluent_kafka import OFFSET_STORED, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage
from footfall_schemas.errors import TransientError

from footfall_exporter.batch import Message, NotOursError
from footfall_exporter.held import Held, Limits
from footfall_exporter.lives import trouble
from footfall_exporter.metrics import HELD
from footfall_exporter.sink import Sink, SinkUnavailableError
from footfall_exporter.standing import Standing
from footfall_exporter.streams import Stream
from footfall_exporter.topic_lives import TopicLives
from footfall_exporter.writing import Writer

READ = 5000
"""Messages one look takes at most."""
WAIT = 0.2
"""Seconds that it takes at most."""
MEASURE_EVERY = 2.0
TIMEOUT = 5.0
"""Seconds that one question to Kafka may take."""

Place = tuple[str, int]

log = structlog.get_logger(__name__)


def consumer_of(client: Mapping[str, str], group: str) -> Consumer:
    """Return the consumer of one sink; it joins a group, so that several instances share the work."""
    return Consumer(
        dict[str, Any](client)
        | {
            "group.id": group,
            "partition.assignment.strategy": "cooperative-sticky",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "allow.auto.create.topics": False,
            "topic.metadata.refresh.interval.ms": 10_000,
            "fetch.wait.max.ms": 200,
            # What is read ahead is memory, too.
            "queued.max.messages.kbytes": 8192,
            "fetch.max.bytes": 8_388_608,
            "max.partition.fetch.bytes": 1_048_576,
        }
    )


class Pump:
    """Carries streams into one sink; everything happens in the thread that calls `run`.

    Args:
        sink: Where to.
        streams: What.
        consumer: As `consumer_of` makes it.
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
        self._lives = lives
        self._writer = writer
        self._limits = limits
        self._standing = standing
        self._starting: set[Place] = set()
        """Partitions that are ours, of which it is not known yet from where on they are read."""
        self._held: dict[Place, Held] = {}
        self._paused: set[Place] = set()
        self._measured_at = float("-inf")
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
        consumer.incremental_assign([TopicPartition(each.topic, each.partition, OFFSET_STORED) for each in partitions])
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
            except (TransientError, KafkaException) as error:
                self._standing.failed(stream, error)
            else:
                self._standing.succeeded(stream)

    def _begin(self, stream: Stream, partitions: list[int]) -> None:
        life = self._lives.of(stream)
        held = self._sink.life(stream)
        if why := trouble(stream, held, life, self._sink.place(stream)):
            self._standing.stop(stream, why)
            return
        self._sink.prepare(stream)
        if held != life:
            self._sink.begin(stream, life)
        places = []
        for partition in partitions:
            known = self._sink.progress(stream, partition)
            start = self._committed(stream, partition) if known is None else known
            low, high = self._consumer.get_watermark_offsets(TopicPartition(stream.kafka_topic, partition), TIMEOUT)
            if start > high:
                self._standing.stop(
                    stream,
                    f"{self._sink.place(stream)} holds rows up to offset {start} of {stream.kafka_topic}/{partition}, which "
                    f"ends at {high}: move {self._sink.place(stream)} away and restart the exporter",
                )
                return
            if 0 < start < low:
                log.error(
                    "rows were deleted before they were exported",
                    stream=stream.name,
                    partition=partition,
                    rows=low - start,
                )
                self._standing.lost(stream, low - start)
            places.append(TopicPartition(stream.kafka_topic, partition, max(start, low)))
        self._read(places, stream)

    def _read(self, places: list[TopicPartition], stream: Stream) -> None:
        # An assignment anew sets the offset at once; to seek fails while a partition is on its way.
        self._consumer.incremental_unassign(places)
        self._consumer.incremental_assign(places)
        self._consumer.resume(places)
        for each in places:
            place = each.topic, each.partition
            self._starting.discard(place)
            self._paused.discard(place)
            self._held[place] = Held(stream, each.partition, each.offset)

    def _committed(self, stream: Stream, partition: int) -> int:
        (found,) = self._consumer.committed([TopicPartition(stream.kafka_topic, partition)], TIMEOUT)
        return int(found.offset) if found.offset >= 0 else 0

    def _take(self, messages: Sequence[KafkaMessage]) -> None:
        now, held = time.monotonic(), self._held
        for message in messages:
            place = message.topic(), message.partition()
            mine = held.get(place)
            error = message.error()
            if error is not None:
                self._hear(error, message, mine)
            elif mine is not None:
                mine.add(Message(message.offset(), message.timestamp()[1], message.key(), message.value()), now)

    def _hear(self, error: KafkaError, message: KafkaMessage, mine: Held | None) -> None:
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            if mine is not None:
                mine.end = message.offset() or 0
            return
        log.debug("kafka says", reason=error.str())
        stream = self._streams.get(str(message.topic()))
        if stream is not None and error.code() in {
            KafkaError.UNKNOWN_TOPIC_OR_PART,
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
        }:
            self._standing.complain(stream, error.str())

    def _write(self) -> None:
        now = time.monotonic()
        for place, mine in list(self._held.items()):
            if mine.is_due(self._limits, now):
                self._write_one(place, mine)
        # The largest first, until there is room again.
        for place, mine in sorted(self._held.items(), key=lambda item: -item[1].size):
            if self._size() <= self._limits.total:
                break
            if mine.messages:
                self._write_one(place, mine)
        self._balance()

    def _size(self) -> int:
        return sum(mine.size for mine in self._held.values())

    def _write_one(self, place: Place, mine: Held) -> None:
        backoff = self._standing.backoff(mine.stream)
        # The rest of a day or of many rows follows at once.
        while (
            mine.messages
            and backoff.is_over
            and (mine.pending or mine.is_due(self._limits, time.monotonic()) or self._size() > self._limits.total)
        ):
            try:
                self._writer.write(mine, self._limits, partial(self._commit, mine))
                self._commit(mine)
            except NotOursError as error:
                # A rebalance that leaves it to us looks the same: what the sink has is asked anew.
                self._forget(place)
                if place in {(each.topic, each.partition) for each in self._consumer.assignment()}:
                    self._consumer.pause([TopicPartition(*place)])
                    self._starting.add(place)
                self._standing.failed(mine.stream, error)
                return
            except TransientError as error:
                self._standing.failed(mine.stream, error)
                return
            self._standing.succeeded(mine.stream)

    def _commit(self, mine: Held) -> None:
        """Commit what the sink has; before a write it tells, too, whether the partition is still ours.

        Raises:
            NotOursError: It is not: the broker takes a commit of its owner only.
            SinkUnavailableError: Nobody can say.
        """
        try:
            self._consumer.commit(
                offsets=[TopicPartition(mine.stream.kafka_topic, mine.partition, mine.position)], asynchronous=False
            )
        except KafkaException as error:
            reason = error.args[0]
            if reason.code() in {
                KafkaError.ILLEGAL_GENERATION,
                KafkaError.UNKNOWN_MEMBER_ID,
                KafkaError.FENCED_INSTANCE_ID,
                KafkaError.REBALANCE_IN_PROGRESS,
                KafkaError._STATE,  # noqa: SLF001
            }:
                raise NotOursError(f"the group is being shared out anew: {reason.str()}") from None
            raise SinkUnavailableError(f"Kafka does not take a commit: {reason.str()}") from None

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
            lag = sum(held.lag(self._high(held)) for held in mine)
            oldest = min((held.oldest for held in mine if held.oldest is not None), default=None)
            self._standing.measured(stream, lag, oldest, waiting=any(name == topic for name, _ in self._starting))

    def _high(self, held: Held) -> int:
        _, high = self._consumer.get_watermark_offsets(
            TopicPartition(held.stream.kafka_topic, held.partition), cached=True
        )
        return int(high)
