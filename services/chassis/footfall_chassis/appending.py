"""Appending records without Faust: thousands a second, in order, each with its offset once it is durable."""

import asyncio
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

POLL = 0.2
"""Seconds the thread waits for an answer before it looks whether it shall end."""

Headers: TypeAlias = Sequence[tuple[str, bytes]]

log = structlog.get_logger(__name__)


class Appender:
    """Appends records; the client tries for as long as the broker is away.

    Args:
        connection: How to reach Kafka, in librdkafka's words.
    """

    def __init__(self, connection: Mapping[str, str]) -> None:
        options = {"acks": "all", "enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 0}
        self._producer = Producer({**connection, **options})
        self._loop = asyncio.get_running_loop()
        self._answers: deque[tuple[asyncio.Future[int], KafkaError | None, int]] = deque()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="appender", daemon=True)
        self._thread.start()

    def append(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> asyncio.Future[int]:
        """Append a record behind those appended before; its offset follows.

        Raises:
            KafkaException: In the future: no attempt can ever succeed, for example since it is too large.
            BufferError: At once: too much is on its way already.
        """
        future: asyncio.Future[int] = self._loop.create_future()

        def answered(error: KafkaError | None, message: Message) -> None:
            first = not self._answers
            self._answers.append((future, error, message.offset() or 0))
            if first:
                # One call wakes the loop for all answers that have come until it looks.
                self._loop.call_soon_threadsafe(self._resolve)

        self._producer.produce(topic, value, key, partition, on_delivery=answered, headers=list(headers))
        return future

    async def close(self, within: float) -> None:
        """Wait so many seconds at most until everything is appended, and end."""
        left = await asyncio.to_thread(self._producer.flush, within)
        if left:
            log.warning("records were not appended", number=left)
        self._ends.set()
        await asyncio.to_thread(self._thread.join, 2 * POLL)

    def _poll(self) -> None:
        while not self._ends.is_set():
            self._producer.poll(POLL)

    def _resolve(self) -> None:
        while self._answers:
            future, error, offset = self._answers.popleft()
            if future.done():
                continue
            if error is None:
                future.set_result(offset)
            else:
                future.set_exception(KafkaException(error))
