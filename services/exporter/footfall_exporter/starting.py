"""Finds out from where on partitions are read, and whether the topics are those whose rows the sink holds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import structlog
from confluent_kafka import KafkaException

from footfall_exporter.lives import trouble
from footfall_exporter.offsets import Offsets
from footfall_exporter.sink import Life, Sink, SinkUnavailableError
from footfall_exporter.standing import Standing
from footfall_exporter.streams import Stream
from footfall_exporter.topic_lives import TopicLives

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Start:
    """How one partition begins."""

    partition: int
    first: int
    """Offset from which the sink has nothing."""
    read_from: int
    """Offset of the first row since then that Kafka still has."""


class Starter:
    """Begins partitions, and keeps looking whether their topics are the same.

    Args:
        sink: What says where to go on.
        offsets: Of the sink's group.
        lives: Knows which life each topic has.
        standing: Told what stops a stream and which rows are lost.
    """

    def __init__(self, sink: Sink, offsets: Offsets, lives: TopicLives, standing: Standing) -> None:
        self._sink = sink
        self._offsets = offsets
        self._lives = lives
        self._standing = standing
        self._life: dict[str, Life] = {}
        """Of the streams that have begun."""
        self._begun: dict[tuple[str, int], int] = {}
        """From where partitions were read when they began last."""

    def begin(self, stream: Stream, partitions: Sequence[int]) -> list[Start]:
        """Return from where these partitions are read; of a stream that must not be exported it stops it, and returns none.

        Raises:
            SinkUnavailableError: The sink does not say what it has, or Kafka what the topic has.
        """
        life = self._lives.of([stream])[stream.name]
        if isinstance(life, KafkaException):
            raise _nobody_says(stream, life)
        held = self._sink.life(stream)
        if why := trouble(stream, held, life, self._sink.place(stream)):
            self._standing.stop(stream, why)
            return []
        self._sink.prepare(stream)
        if held != life:
            self._sink.begin(stream, life)
        self._life[stream.name] = life
        starts = [self._start(stream, partition) for partition in partitions]
        return [] if self._standing.is_stopped(stream) else starts

    def check(self, streams: Iterable[Stream], due: Collection[str]) -> None:
        """Stop those of these streams whose topics are not what they were; what was read before is of the same life then.

        Args:
            streams: That are read.
            due: Names of those that are to be written now: where nobody says which life the topic has, they must wait.
        """
        begun = [stream for stream in streams if stream.name in self._life]
        found = self._lives.of(begun) if begun else {}
        for stream in begun:
            now = found[stream.name]
            if isinstance(now, KafkaException):
                if stream.name in due:
                    self._standing.failed(stream, _nobody_says(stream, now))
            elif why := trouble(stream, self._life[stream.name], now, self._sink.place(stream)):
                self._standing.stop(stream, why)

    def _start(self, stream: Stream, partition: int) -> Start:
        known = self._sink.progress(stream, partition)
        first = self._offsets.committed(stream, partition) if known is None else known
        low, high = self._offsets.ends(stream, partition)
        place = self._sink.place(stream)
        if first > high:
            self._standing.stop(
                stream,
                f"{place} holds rows up to offset {first} of {stream.kafka_topic}/{partition}, which ends at {high}: move "
                f"{place} away and restart the exporter",
            )
        begun = self._begun.get((stream.name, partition), 0)
        # Of a topic that is older than its export, the rows before are not missed.
        if (expected := max(first, begun)) < low and (first or (stream.name, partition) in self._begun):
            log.error(
                "rows were deleted before they were exported",
                stream=stream.name,
                partition=partition,
                rows=low - expected,
            )
            self._standing.lost(stream, low - expected)
        self._begun[stream.name, partition] = max(first, low)
        return Start(partition, first, max(first, low))


def _nobody_says(stream: Stream, error: KafkaException) -> SinkUnavailableError:
    return SinkUnavailableError(f"Kafka does not say which life topic {stream.kafka_topic} has: {error.args[0].str()}")
