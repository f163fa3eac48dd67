"""A sink, dead letters, topics and a consumer in memory, to try what the exporter does at moments that are hard to meet."""
# ruff: noqa: ARG002  a stand-in takes what it is given

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from footfall_exporter.batch import Batch, Message, Refusal
from footfall_exporter.dead_letters import DeadLetters
from footfall_exporter.sink import Life, Outcome
from footfall_exporter.streams import Stream
from footfall_exporter.topic_lives import TopicLives

Place = tuple[str, int]


class Store:
    """A sink that does what it is told, and takes everything when it is told nothing."""

    name = "store"

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self.outcomes = list(outcomes)
        self.batches: list[Batch] = []
        self.lives: dict[str, Life] = {}
        self.ends: dict[Place, int] = {}

    def prepare(self, stream: Stream) -> None: ...

    def life(self, stream: Stream) -> Life | None:
        return self.lives.get(stream.name)

    def begin(self, stream: Stream, life: Life) -> None:
        self.lives[stream.name] = life

    def progress(self, stream: Stream, partition: int) -> int | None:
        return self.ends.get((stream.name, partition), 0)

    def write(self, batch: Batch) -> Outcome:
        batch.confirm_ours()
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome()
        if isinstance(outcome, Exception):
            raise outcome
        self.batches.append(batch)
        if not outcome.again:
            self.ends[batch.stream.name, batch.partition] = batch.last + 1
        return outcome

    def place(self, stream: Stream) -> str:
        return f"here/{stream.name}"

    def close(self) -> None: ...

    def offsets(self, stream: Stream) -> list[int]:
        """Return the offsets of the rows that it has been given, in the order of their coming."""
        return [offset for batch in self.batches if batch.stream.name == stream.name for offset in batch.offsets]


class Letters(DeadLetters):
    """Dead letters in a list."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, str, bytes | None]] = []

    def add(
        self, sink: str, stream: Stream, partition: int, messages: Mapping[int, Message], refused: Sequence[Refusal]
    ) -> None:
        self.kept += [(each.offset, each.reason, messages[each.offset].value) for each in refused]


@dataclass
class Topic:
    """A topic of one partition."""

    topic_id: str = "a"
    partitions: int = 1
    low: int = 0
    rows: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    """Of all offsets, those that are deleted included."""


class Lives(TopicLives):
    """Knows the topics' ids as a broker does."""

    def __init__(self, topics: dict[str, Topic]) -> None:
        self.topics = topics

    def of(self, streams: Iterable[Stream]) -> dict[str, Life | KafkaException]:
        return {
            stream.name: Life(found.topic_id, found.partitions)
            if (found := self.topics.get(stream.kafka_topic)) is not None
            else KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
            for stream in streams
        }


@dataclass(frozen=True)
class Given:
    """What a consumer gives: a message or an error."""

    at: TopicPartition
    row: tuple[bytes, bytes | None] = (b"", None)
    wrong: KafkaError | None = None

    def topic(self) -> str:
        return str(self.at.topic)

    def partition(self) -> int:
        return int(self.at.partition)

    def offset(self) -> int:
        return int(self.at.offset)

    def timestamp(self) -> tuple[int, int]:
        return 2, 0

    def key(self) -> bytes:
        return self.row[0]

    def value(self) -> bytes | None:
        return self.row[1]

    def error(self) -> KafkaError | None:
        return self.wrong


class Consumer:
    """Reads topics in memory; where rows are gone it says so, as one with `auto.offset.reset=error` does."""

    def __init__(self, topics: dict[str, Topic]) -> None:
        self.topics = topics
        self.positions: dict[Place, int] = {}
        self.paused: set[Place] = set()
        self.commits: dict[Place, int] = {}
        self.errors: list[KafkaError] = []
        """That are given next, of no topic."""
        self._joining: Callable[[], None] | None = None

    def subscribe(self, topics: list[str], on_assign: Callable[..., None], **_: Any) -> None:
        self._joining = lambda: on_assign(self, [TopicPartition(topic, 0) for topic in topics])

    def incremental_assign(self, places: list[TopicPartition]) -> None:
        self.positions |= {(each.topic, each.partition): each.offset for each in places}

    def incremental_unassign(self, places: list[TopicPartition]) -> None:
        for each in places:
            self.positions.pop((each.topic, each.partition), None)

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition(*place) for place in self.positions]

    def pause(self, places: list[TopicPartition]) -> None:
        self.paused |= {(each.topic, each.partition) for each in places}

    def resume(self, places: list[TopicPartition]) -> None:
        self.paused -= {(each.topic, each.partition) for each in places}

    def committed(self, places: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        return [
            TopicPartition(each.topic, each.partition, self.commits.get((each.topic, each.partition), -1001))
            for each in places
        ]

    def commit(self, offsets: list[TopicPartition], *, asynchronous: bool) -> None:
        self.commits |= {(each.topic, each.partition): each.offset for each in offsets}

    def get_watermark_offsets(
        self, place: TopicPartition, timeout: float = 0, *, cached: bool = False
    ) -> tuple[int, int]:
        found = self.topics[place.topic]
        return found.low, len(found.rows)

    def consume(self, number: int, timeout: float) -> list[Given]:
        if self._joining is not None:
            self._joining()
            self._joining = None
        given = [Given(TopicPartition(""), wrong=error) for error in self.errors]
        self.errors = []
        for (topic, partition), position in self.positions.items():
            if (topic, partition) not in self.paused and topic in self.topics:
                given += self._read(topic, partition, position)
        return given

    def close(self) -> None: ...

    def _read(self, topic: str, partition: int, position: int) -> list[Given]:
        found = self.topics[topic]
        if not found.low <= position <= len(found.rows):
            return [Given(TopicPartition(topic, partition), wrong=KafkaError(KafkaError._AUTO_OFFSET_RESET))]
        self.positions[topic, partition] = len(found.rows)
        return [
            Given(TopicPartition(topic, partition, position + number), row)
            for number, row in enumerate(found.rows[position:])
        ]
