"""The jobs topic: what has to be attempted later, one record for each job, whose newest is its whole state."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from footfall_chassis.appending import Appender, Headers

from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.job import Job, decode_job, decode_message
from footfall_alerting.queue.index import Row
from footfall_alerting.queue.shard import REMEMBERED

PIECE = 1000
"""Records that are read at once."""
GAP = 500
"""Records between two wanted ones that are read over rather than skipped."""
WITHIN = 30.0
"""Seconds a read may take."""
PAUSE = 1.0
"""Seconds before a state is appended again that could not be."""

log = structlog.get_logger(__name__)


class KafkaJournal:
    """Writes and reads the jobs topic.

    Args:
        appender: Writes.
        connection: How to reach Kafka, in librdkafka's words.
        jobs: Name of the jobs topic.
        messages: Name of the messages topic.
        group: A name that the client wants and the broker lets us use; nothing is committed under it.
    """

    def __init__(self, appender: Appender, connection: Mapping[str, str], jobs: str, messages: str, group: str) -> None:
        self._appender = appender
        self._connection = dict(connection)
        self._jobs = jobs
        self._messages = messages
        self._group = group
        self._reader: Consumer | None = None
        self._reading = threading.Lock()

    def write(self, partition: int, job: Job) -> Awaitable[int]:
        """Append a job's state; the offset follows when it is durable."""
        return self._append(partition, job.webhook_id, job.encode(), headers_of(job))

    def erase(self, partition: int, webhook_id: str) -> Awaitable[int]:
        """Append that a job is finished."""
        return self._append(partition, webhook_id, None, ())

    async def load(self, rows: Sequence[Row]) -> Mapping[str, Job]:
        """Read jobs back; those that are not where the rows say are left out."""
        return await asyncio.to_thread(self._load, rows)

    async def replay(self, partition: int) -> AsyncIterator[Iterable[tuple[str, Row | None]]]:
        """Read a partition to its end, in pieces.

        Raises:
            KafkaException: Kafka does not answer.
        """
        with self._opened() as consumer:
            consumer.assign([TopicPartition(self._jobs, partition, 0)])
            ended = False
            while not ended:
                messages = await asyncio.to_thread(consumer.consume, PIECE, 1.0)
                ended = any(_is_end(message) for message in messages)
                yield [state for message in messages if (state := _state(message)) is not None]

    async def finished(self, partition: int) -> list[tuple[str, float]]:
        """Return the ids of the jobs that were finished last, and when (epoch seconds), oldest first.

        Raises:
            KafkaException: Kafka does not answer.
        """
        return await asyncio.to_thread(self._finished, partition)

    async def close(self) -> None:
        """Let the connection for reading go."""
        if self._reader is not None:
            await asyncio.to_thread(self._reader.close)

    def _append(self, partition: int, webhook_id: str, value: bytes | None, headers: Headers) -> Awaitable[int]:
        def append() -> asyncio.Future[int]:
            return self._appender.append(self._jobs, partition, webhook_id.encode(), value, headers)

        try:
            first: asyncio.Future[int] | None = append()
        except BufferError:
            first = None

        async def durable() -> int:
            future = first
            while True:
                try:
                    return await (append() if future is None else future)
                except (BufferError, KafkaException) as error:
                    log.warning("a job's state was not written", webhook_id=webhook_id, error=repr(error))
                future = None
                await asyncio.sleep(PAUSE)

        return durable()

    def _load(self, rows: Sequence[Row]) -> dict[str, Job]:
        found: dict[str, Job] = {}
        # The consumer is no one's for two threads at once.
        with self._reading:
            if self._reader is None:
                self._reader = Consumer(self._options())
            by_place = sorted(rows, key=lambda row: (row.partition, row.offset))
            for partition, group in groupby(by_place, key=lambda row: row.partition):
                for run in runs([row.offset for row in group]):
                    found |= self._read_run(self._reader, partition, run)
        wanted = {row.id for row in rows}
        return {webhook_id: job for webhook_id, job in found.items() if webhook_id in wanted}

    def _read_run(self, consumer: Consumer, partition: int, run: Sequence[int]) -> dict[str, Job]:
        found, wanted = dict[str, Job](), set(run)
        consumer.assign([TopicPartition(self._jobs, partition, run[0])])
        try:
            ended = False
            while not ended:
                messages = consumer.consume(min(PIECE, run[-1] - run[0] + 1), 1.0)
                for message in messages:
                    ended = ended or _is_end(message) or (not message.error() and (message.offset() or 0) >= run[-1])
                    if not message.error() and message.offset() in wanted and message.value() is not None:
                        with contextlib.suppress(UnreadableJobError):
                            job = decode_job(message.value())
                            found[job.webhook_id] = job
        finally:
            consumer.unassign()
        return found

    def _finished(self, partition: int) -> list[tuple[str, float]]:
        found: dict[str, float] = {}
        with self._opened() as consumer:
            place = TopicPartition(self._messages, partition)
            first, end = consumer.get_watermark_offsets(place, timeout=WITHIN)
            place.offset = max(first, end - REMEMBERED)
            consumer.assign([place])
            ended = place.offset >= end
            while not ended:
                for message in consumer.consume(PIECE, 1.0):
                    ended = ended or _is_end(message)
                    if message.error() or message.value() is None:
                        continue
                    with contextlib.suppress(UnreadableJobError):
                        each = decode_message(message.value())
                        found.pop(each.job.webhook_id, None)
                        if each.status != "waiting":
                            found[each.job.webhook_id] = each.updated
        return list(found.items())

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Consumer]:
        consumer = Consumer(self._options())
        try:
            yield consumer
        finally:
            consumer.close()

    def _options(self) -> dict[str, str | int | bool]:
        return {
            **self._connection,
            "group.id": self._group,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 10,
            "queued.max.messages.kbytes": 4096,
        }


def runs(offsets: Sequence[int]) -> Iterator[list[int]]:
    """Split growing offsets where so much lies between two that it is better skipped."""
    run: list[int] = []
    for offset in offsets:
        if run and offset - run[-1] > GAP:
            yield run
            run = []
        run.append(offset)
    if run:
        yield run


def headers_of(job: Job) -> Headers:
    """Return what says when and in what order a job is due, so that nobody needs to read it for that."""
    facts = {
        "endpoint": job.endpoint,
        "due": repr(job.not_before),
        "key": job.key,
        "time": repr(job.event_time),
        "sequence": str(job.sequence),
    }
    return [(name, text.encode(errors="backslashreplace")) for name, text in facts.items()]


def _state(message: Message) -> tuple[str, Row | None] | None:
    if error := message.error():
        if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001  the client's name for it
            log.warning("reading the jobs topic", error=str(error))
        return None
    webhook_id = (message.key() or b"").decode(errors="replace")
    if message.value() is None:
        return webhook_id, None
    facts = {name: (value or b"").decode(errors="replace") for name, value in message.headers() or []}
    try:
        return webhook_id, Row(
            webhook_id,
            message.partition() or 0,
            message.offset() or 0,
            facts["endpoint"],
            float(facts["due"]),
            facts["key"],
            float(facts["time"]),
            int(facts["sequence"]),
        )
    except (KeyError, ValueError):
        log.error("a record of the jobs topic is no job", partition=message.partition(), offset=message.offset())  # noqa: TRY400
        return None


def _is_end(message: Message) -> bool:
    error = message.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001
