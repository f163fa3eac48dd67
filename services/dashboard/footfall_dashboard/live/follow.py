"""Reads output topics as far back as panels need, and follows them: the one consumer of all pages."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka import Message as KafkaMessage
from confluent_kafka.admin import AdminClient, OffsetSpec, TopicDescription
from footfall_chassis.health import CheckResult
from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.offsets import PATIENCE, admin_of, ask_offsets, result
from footfall_schemas.access_errors import access_error
from footfall_schemas.registry import RegistryUnavailableError

from footfall_dashboard.live.days import minute_of
from footfall_dashboard.live.intake import Intake
from footfall_dashboard.live.live import Live, clock
from footfall_dashboard.live.rows import STREAMS, Stream
from footfall_dashboard.live.state import Phase, Reading

BATCH = 500
WAIT = 0.25
"""Seconds one look for messages takes at most."""
TELL_EVERY = 1.0
"""Seconds between two looks at what has changed."""
LOOK_EVERY = 5.0
"""Seconds between two looks at which topics there are."""
TIMEOUT = 3.0
"""Seconds one question to Kafka may take."""
REGISTRY_PAUSE = 1.0
GONE = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID}
REFUSED = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}

log = structlog.get_logger(__name__)


@dataclass
class Followed:
    """A topic that is read."""

    stream: Stream[Any]
    id: str
    """Kafka's own, which is another one when the topic was made anew."""
    partitions: set[int] = field(default_factory=set)
    behind: set[int] = field(default_factory=set)
    """Partitions whose end, as it was at the start, has not been reached."""


class Follower:
    """Keeps the store true to the topics; everything happens in the thread that calls `run`.

    Args:
        client: librdkafka settings of the connection.
        prefix: Before the names of topics.
        live: What takes the rows.
        intake: Decodes messages.
        silent_for: Returns for how many seconds Kafka has been away; None: it answers.
        tell: Called about once a second, when rows or what is known of them may have changed.
        checkpoint_interval: Time between the job's checkpoints.
    """

    def __init__(
        self,
        client: Mapping[str, str],
        prefix: str,
        live: Live,
        intake: Intake,
        *,
        silent_for: Callable[[], float | None],
        tell: Callable[[], None],
        checkpoint_interval: timedelta,
    ) -> None:
        self._client = dict(client)
        self._prefix = prefix
        self._live = live
        self._intake = intake
        self._silent_for = silent_for
        self._tell = tell
        self._checkpoint_interval = checkpoint_interval
        self._streams = {prefix + stream.topic: stream for stream in STREAMS}
        self._followed: dict[str, Followed] = {}
        self._missing: set[str] = set()
        self._asked: dict[str, Future[TopicDescription]] = {}
        """What Kafka has not said yet of topics."""
        self._heard: dict[str, datetime] = {}
        self._refused: dict[str, str] = {}
        """By topic, what Kafka says of our rights."""
        self._trouble: tuple[str, datetime] | None = None
        self._away: datetime | None = None
        self._status = CheckResult(ok=False, detail="waiting for Kafka")
        self._told_at = self._looked_at = float("-inf")

    def run(self, stopping: threading.Event) -> None:
        """Follow until told to stop."""
        admin = admin_of(self._client)
        consumer = Consumer(
            self._client
            | {
                # No group is joined and nothing is committed; the client wants a name.
                "group.id": f"{self._prefix}dashboard",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                # A topic that is gone is found by looking, and said in a sentence.
                "allow.auto.create.topics": False,
                # So long the broker holds back the answer that there is no more.
                "fetch.wait.max.ms": 200,
                # What is read ahead at the start would otherwise be most of the memory.
                "queued.max.messages.kbytes": 4096,
            }
        )
        try:
            while not stopping.is_set():
                self._look(admin, consumer)
                for message in consumer.consume(BATCH, timeout=WAIT):
                    self._settle(message, stopping)
                self._tell_if_due()
        finally:
            consumer.close()

    def status(self) -> CheckResult:
        """Tell whether everything that was there at the start has been read and told."""
        return self._status

    def _tell_if_due(self) -> None:
        now = time.monotonic()
        if now - self._told_at < TELL_EVERY:
            return
        self._told_at = now
        silent = self._silent_for()
        if silent is None:
            self._away = None
        elif self._away is None:
            self._away = clock() - timedelta(seconds=silent)
        phases = {stream.topic: self._phase(name) for name, stream in self._streams.items()}
        trouble, since = self._trouble or (None, None)
        with self._live.lock:
            self._live.reading = Reading(
                phases=phases,
                heard=dict(self._heard),
                refused={self._streams[name].topic: why for name, why in self._refused.items()},
                away=self._away,
                trouble=trouble,
                trouble_since=since,
                checkpoint_interval=self._checkpoint_interval,
            )
        self._tell()
        # Whoever is told that we are ready finds what has been read.
        self._status = self._found_status()

    def _found_status(self) -> CheckResult:
        if self._trouble:
            return CheckResult(ok=False, detail=self._trouble[0])
        if self._refused:
            return CheckResult(ok=False, detail=next(iter(self._refused.values())))
        if not self._followed and not self._missing:
            return CheckResult(ok=False, detail="waiting for Kafka")
        if loading := sorted(name for name in self._streams if self._phase(name) is Phase.LOADING):
            return CheckResult(ok=False, detail=f"loading: {', '.join(loading)}")
        missing = f", {len(self._missing)} do not exist" if self._missing else ""
        return CheckResult(ok=True, detail=f"{len(self._followed)} topics are followed{missing}")

    def _phase(self, name: str) -> Phase:
        if name in self._missing:
            return Phase.MISSING
        followed = self._followed.get(name)
        return Phase.LOADING if followed is None or followed.behind else Phase.FOLLOWING

    def _settle(self, message: KafkaMessage, stopping: threading.Event) -> None:
        name, partition = str(message.topic()), message.partition() or 0
        followed = self._followed.get(name)
        if error := message.error():
            if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
                if followed:
                    followed.behind.discard(partition)
            elif error.code() in REFUSED:
                self._refuse(name, error)
            else:
                # Whatever it is of a topic, looking tells what became of it.
                self._looked_at = float("-inf") if error.code() in GONE else self._looked_at
            return
        if followed is None or partition not in followed.partitions:
            return
        now = clock()
        self._heard[followed.stream.topic] = now
        while not stopping.is_set():
            try:
                self._intake.take(followed.stream, message, None if followed.behind else now)
            except RegistryUnavailableError as error:
                log.warning("the schema registry does not answer", reason=str(error))
                self._complain(
                    "The schema registry does not answer, so messages cannot be read; they wait until it does."
                )
                self._tell_if_due()
                stopping.wait(REGISTRY_PAUSE)
            else:
                self._trouble = None
                return

    def _refuse(self, name: str, error: KafkaError) -> None:
        why = str(access_error(self._client, error, f"read topic {name}"))
        if self._refused.get(name) != why:
            log.error("refused", topic=name, reason=why)
        self._refused[name] = why

    def _complain(self, why: str) -> None:
        if self._trouble is None or self._trouble[0] != why:
            self._trouble = why, clock()

    def _look(self, admin: AdminClient, consumer: Consumer) -> None:
        """See which topics there are, and read those that are new or have more partitions."""
        now = time.monotonic()
        if not self._asked:
            if now - self._looked_at < LOOK_EVERY or self._silent_for() is not None:
                return
            self._looked_at = now
            # Nobody waits so long; why it must be long, `footfall_health.ask.offsets` says.
            topics = TopicCollection(list(self._streams))
            self._asked = admin.describe_topics(topics, request_timeout=PATIENCE)
        for name, answer in list(self._asked.items()):
            if answer.done():
                del self._asked[name]
                self._hear(admin, consumer, name, answer)

    def _hear(self, admin: AdminClient, consumer: Consumer, name: str, answer: "Future[TopicDescription]") -> None:
        try:
            self._found(admin, consumer, name, answer.result())
        except NoAnswerError as error:
            log.debug("no answer about a topic", topic=name, reason=str(error))
        except KafkaException as error:
            reason = error.args[0]
            if reason.code() in GONE:
                self._lost(consumer, name)
            elif reason.code() in REFUSED:
                self._refuse(name, reason)
            else:
                # The watch says it when nobody answers, and the next look asks again.
                log.debug("no answer about a topic", topic=name, reason=str(reason))

    def _found(self, admin: AdminClient, consumer: Consumer, name: str, topic: TopicDescription) -> None:
        known = self._followed.get(name)
        if known and known.id != str(topic.topic_id):
            log.warning("topic was made anew", topic=name)
            self._lost(consumer, name)
            known = None
        known = known or Followed(self._streams[name], str(topic.topic_id))
        new = {partition.id for partition in topic.partitions} - known.partitions
        self._missing.discard(name)
        self._refused.pop(name, None)
        if new:
            consumer.incremental_assign(self._starts(admin, known.stream, name, new))
            known.partitions |= new
            known.behind |= new
        self._followed[name] = known

    def _lost(self, consumer: Consumer, name: str) -> None:
        self._missing.add(name)
        if followed := self._followed.pop(name, None):
            log.warning("topic is gone", topic=name)
            consumer.incremental_unassign([TopicPartition(name, partition) for partition in followed.partitions])
            with self._live.lock:
                self._live.store.of(followed.stream).clear()

    def _starts(self, admin: AdminClient, stream: Stream[Any], name: str, partitions: set[int]) -> list[TopicPartition]:
        """Return from where on each partition is read.

        Raises:
            KafkaException: The broker cannot say now.
            NoAnswerError: It does not answer in time.
        """
        if stream.kept is None:
            return [TopicPartition(name, partition, OFFSET_BEGINNING) for partition in partitions]
        since, deadline = minute_of(clock() - stream.kept), Deadline(TIMEOUT)
        places = [TopicPartition(name, partition) for partition in partitions]
        moment = OffsetSpec.for_timestamp(int(since.timestamp() * 1000))
        committed = IsolationLevel.READ_COMMITTED
        lows, highs, moments = (
            ask_offsets(admin, places, spec, committed) for spec in (OffsetSpec.earliest(), OffsetSpec.latest(), moment)
        )
        starts = []
        for place in lows:
            low, high, found = (result(answers[place], deadline).offset for answers in (lows, highs, moments))
            # When nothing is as young the offset is a negative number that means the end.
            start = found if 0 <= found < high else high
            starts.append(TopicPartition(*place, start))
            if start > low:
                with self._live.lock:
                    self._live.store.of(stream).begin(since)
        return starts
