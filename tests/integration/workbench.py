"""Topics of a test's own, records in and out, and service processes."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from footfall_schemas import codec
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Topic

PATIENCE = 120.0
"""Seconds anything here may take."""
COMING = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.COORDINATOR_NOT_AVAILABLE)
"""Answers of a broker that has just started."""


def until(what: str, check: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Return the first true result of `check`; an error of the network counts as not yet."""
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(httpx.TransportError):
            if result := check():
                return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience:.0f} s: {what}")
        time.sleep(0.05)


@dataclass
class Broker:
    """Kafka as tests use it; every name starts with this test's prefix."""

    kafka: str
    registry: str
    prefix: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:8]}-")

    @cached_property
    def admin(self) -> AdminClient:
        """One client for as long as the bench lives: a request dies with its client, and its future never ends."""
        return AdminClient({"bootstrap.servers": self.kafka})

    def groups(self) -> list[str]:
        """Return this test's consumer groups."""
        listed = self.admin.list_consumer_groups(request_timeout=PATIENCE).result(2 * PATIENCE).valid
        return [group.group_id for group in listed if group.group_id.startswith(self.prefix)]

    def create(self, name: str, partitions: int = 1) -> str:
        for future in self.admin.create_topics([NewTopic(self.prefix + name, partitions)]).values():
            future.result(2 * PATIENCE)
        return self.prefix + name

    def produce(
        self,
        topic: str,
        *values: bytes | None,
        key: bytes | None = None,
        partition: int = -1,
        options: Mapping[str, str] | None = None,
    ) -> None:
        producer = Producer({"bootstrap.servers": self.kafka, "partitioner": "murmur2_random"} | dict(options or {}))
        for value in values:
            producer.produce(topic, value, key, partition)
        producer.flush(PATIENCE)

    def produce_records(self, topic: Topic, records: Sequence[dict[str, Any]]) -> None:
        schema_id = SchemaRegistry(self.registry).register(topic)
        producer = Producer({"bootstrap.servers": self.kafka, "partitioner": "murmur2_random"})
        for record in records:
            value = codec.encode(schema_id, topic.schema, record)
            producer.produce(self.prefix + topic.name, value, codec.key_of(topic, record))
        producer.flush(PATIENCE)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Producer]:
        """Commit what the block produces, or abort it when the block raises."""
        producer = Producer(
            {
                "bootstrap.servers": self.kafka,
                "partitioner": "murmur2_random",
                "transactional.id": f"{self.prefix}{uuid.uuid4().hex}",
            }
        )
        producer.init_transactions(PATIENCE)
        producer.begin_transaction()
        try:
            yield producer
        except BaseException:
            producer.flush(PATIENCE)
            producer.abort_transaction(PATIENCE)
            raise
        producer.commit_transaction(PATIENCE)

    def read(self, topic: str) -> list[Message]:
        """Return every committed record of a topic."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.kafka,
                "group.id": "unused",
                "enable.auto.commit": "false",
                "enable.partition.eof": "true",
                "fetch.wait.max.ms": "10",
            }
        )
        found: list[Message] = []
        try:
            waiting = set(consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions)
            consumer.assign([TopicPartition(topic, partition, 0) for partition in waiting])
            while waiting:
                message = consumer.poll(PATIENCE)
                assert message is not None
                if message.error() is None:
                    found.append(message)
                else:
                    waiting.discard(message.partition())
        finally:
            consumer.close()
        return found

    def committed(self, group: str, topic: str, partition: int = 0) -> int:
        """Return a group's committed offset; negative when there is none."""
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": group})
        try:
            (found,) = until("the group is looked up", lambda: _committed(consumer, topic, partition))
        finally:
            consumer.close()
        offset: int = found.offset
        return offset

    def clean(self) -> None:
        """Delete this test's topics and groups; groups that still have members stay."""
        topics = [name for name in self.admin.list_topics(timeout=PATIENCE).topics if name.startswith(self.prefix)]
        groups = self.groups()
        futures = list(self.admin.delete_topics(topics).values()) if topics else []
        futures += list(self.admin.delete_consumer_groups(groups).values()) if groups else []
        for future in futures:
            with contextlib.suppress(Exception):
                future.result(2 * PATIENCE)


def _committed(consumer: Consumer, topic: str, partition: int) -> list[TopicPartition] | None:
    try:
        found: list[TopicPartition] = consumer.committed([TopicPartition(topic, partition)], timeout=PATIENCE)
    except KafkaException as error:
        if error.args[0].code() not in COMING:
            raise
        return None
    return found


@dataclass
class Service:
    """A service in a process of its own."""

    module: str
    port: int
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=5))

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=os.environ | self.env, stdout=out, stderr=out
            )

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"http://127.0.0.1:{self.port}{path}")

    def ready(self) -> None:
        def is_ready() -> bool:
            assert self.process is None or self.process.poll() is None, f"it ended: {self.process.returncode}"
            return self.get("/health/ready").status_code == 200

        until(f"{self.module} is ready", is_ready)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(10)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
