"""The consumer of one sink."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer


def consumer_of(client: Mapping[str, str], group: str, session_timeout: float) -> Consumer:
    """Return the consumer of one sink; it joins a group, so that several instances share the work.

    Args:
        client: librdkafka settings of the connection.
        group: Of all instances.
        session_timeout: Seconds after which the others get the partitions of an instance that says nothing.
    """
    return Consumer(
        dict[str, Any](client)
        | {
            "group.id": group,
            "session.timeout.ms": round(session_timeout * 1000),
            "heartbeat.interval.ms": min(3000, round(session_timeout * 1000 / 3)),
            "partition.assignment.strategy": "cooperative-sticky",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            # Where rows are gone we are told, and count them; to go on with the first that is left would skip them silently.
            "auto.offset.reset": "error",
            "allow.auto.create.topics": False,
            "topic.metadata.refresh.interval.ms": 10_000,
            "fetch.wait.max.ms": 200,
            # What is read ahead is memory, too.
            "queued.max.messages.kbytes": 8192,
            "fetch.max.bytes": 8_388_608,
            "max.partition.fetch.bytes": 1_048_576,
        }
    )
