"""Sends a shop's own events: encodes, keys and produces them, and tells which were not delivered (docs/your-events.md)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaError, Message, Producer

from footfall_schemas.access_errors import check_credentials
from footfall_schemas.checked import EventError, encode_checked
from footfall_schemas.codec import key_of
from footfall_schemas.connection import connection_of
from footfall_schemas.errors import PermanentError, TransientError
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json, Topic, topic

FLUSH_TIMEOUT = 130.0
"""Seconds to the end; librdkafka itself gives a message up after 120 s."""
__all__ = ["DeliveryError", "EventError", "EventProducer", "Failure", "UnknownTopicError"]

LISTED = 5
"""Failures that a message names."""
FIRST_WAIT = 1.0
"""Seconds that a full buffer is given to send something."""


class UnknownTopicError(PermanentError, ValueError):
    """Nothing reads events of this name, or the broker has no such topic yet."""


@dataclass(frozen=True)
class Failure:
    """An event that the broker did not take."""

    topic: str
    identity: str
    """Value of its first field, which is its id."""
    reason: str


class DeliveryError(TransientError):
    """Events did not arrive.

    Args:
        failures: Each of them.
    """

    def __init__(self, failures: list[Failure]) -> None:
        told = "; ".join(f"{each.topic} {each.identity}: {each.reason}" for each in failures[:LISTED])
        super().__init__(f"{len(failures)} events were not delivered: {told}{' …' if len(failures) > LISTED else ''}")
        self.failures = failures


class EventProducer:
    """Sends events; a context manager that waits at its end for what was sent.

    Every event is checked as Footfall will read it before it is sent, so that a mistake is an error here and not a dead
    letter there. Delivery is idempotent and acknowledged by every replica.

    Args:
        kafka: librdkafka settings; those of the connection at least.
        registry: Where schemas are registered.
        prefix: Put before every topic's name.
        check: Whether to check each event; without, mistakes within a field's type become dead letters.

    Raises:
        AccessRefusedError: The broker refuses the user.
        BrokerAwayError: The broker does not answer.
    """

    def __init__(
        self, kafka: Mapping[str, Any], registry: SchemaRegistry, *, prefix: str = "", check: bool = True
    ) -> None:
        self._there = check_credentials(kafka)
        self._where = str(kafka["bootstrap.servers"])
        self._registry = registry
        self._prefix = prefix
        self._check = check
        self._schema_ids: dict[str, int] = {}
        self._failures: list[Failure] = []
        # The partitioner is that of Kafka's Java clients, so that whoever keys by user finds the user's partition.
        self._producer = Producer(
            {"enable.idempotence": True, "linger.ms": 20, "partitioner": "murmur2_random"} | dict(kafka)
        )

    @classmethod
    def from_environment(cls, *, prefix: str = "", check: bool = True) -> Self:
        """Connect by the variables that every part of Footfall reads (docs/security.md); none at all is localhost.

        Raises:
            ConnectionSettingError: A variable is wrong.
            AccessRefusedError: The broker refuses the user.
            BrokerAwayError: The broker does not answer.
        """
        connection = connection_of(os.environ)
        return cls(connection.librdkafka(), connection.registry(), prefix=prefix, check=check)

    def send(self, name: str, event: Json, headers: Mapping[str, str] | None = None) -> None:
        """Hand an event over for delivery, in order behind those of the same key.

        Args:
            name: Name of the topic, such as `checkouts`.
            event: Values by field; one that is left out is its default. Amounts are `Decimal`, times have a zone.
            headers: Of the record, by name; webhooks go on with the `traceparent` of inventory updates.

        Raises:
            EventError: It lacks a field, has one too many, or a value that Footfall would not read.
            UnknownTopicError: There is no such topic of events.
            AccessRefusedError: The registry refuses the user.
            RegistryUnavailableError: The registry does not answer.
            DeliveryError: The broker did not take earlier ones.
        """
        described = _events(name)
        value = encode_checked(described, self._schema_id(described), event, limits=self._check)
        key, topic = key_of(described, event), self._prefix + name
        identity = str(event[described.field_names[0]])

        def note(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                self._failures.append(Failure(name, identity, error.str()))

        while True:
            try:
                self._producer.produce(topic, value, key, on_delivery=note, headers=dict(headers or {}))
            except BufferError:
                self._producer.poll(FIRST_WAIT)
            else:
                break
        self._producer.poll(0)
        self._tell_failures()

    def flush(self) -> None:
        """Wait until everything that was sent has arrived.

        Raises:
            DeliveryError: Something has not.
        """
        left = self._producer.flush(FLUSH_TIMEOUT)
        if left:
            self._failures.append(Failure("all topics", f"{left} more", "no answer"))
        self._tell_failures()

    def close(self) -> None:
        """Wait until everything has arrived, and close the connections.

        Raises:
            DeliveryError: Something has not arrived.
        """
        try:
            self.flush()
        finally:
            self._registry.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except DeliveryError as failed:
            if error is None:
                raise
            # What ended the block comes first; it is told of these, too.
            error.add_note(str(failed))

    def _schema_id(self, described: Topic) -> int:
        if described.name not in self._schema_ids:
            if self._prefix + described.name not in self._there:
                raise UnknownTopicError(
                    f"no topic {self._prefix + described.name!r} on {self._where}; Footfall's job creates it when it starts"
                )
            self._schema_ids[described.name] = self._registry.register(described)
        return self._schema_ids[described.name]

    def _tell_failures(self) -> None:
        if self._failures:
            failures, self._failures = self._failures, []
            raise DeliveryError(failures)


def _events(name: str) -> Topic:
    try:
        found = topic(name)
    except KeyError as error:
        raise UnknownTopicError(str(error.args[0])) from None
    if found.is_output:
        raise UnknownTopicError(f"{name} is what Footfall computes; events go to the topics of schemas/events")
    return found
