"""Hands jobs to whichever worker owns their partition, to be sent again."""

from collections.abc import Iterable, Mapping

from confluent_kafka import KafkaError, Producer
from footfall_schemas.access_errors import access_error, silent

from footfall_alerting.job import Job

WRITTEN_WITHIN = 10.0
"""Seconds in which Kafka must have taken them."""


def append(client: Mapping[str, str], topic: str, jobs: Iterable[tuple[int, Job]]) -> None:
    """Append jobs, each to its partition; return when all are durable.

    Args:
        client: librdkafka settings of the connection.
        topic: Name of the topic of resends.
        jobs: Each with its partition.

    Raises:
        AccessRefusedError: The user may not.
        BrokerAwayError: The broker does not answer in time; some may have been appended.
    """
    failed: list[KafkaError] = []
    producer = Producer(
        {
            **client,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 5,
            "message.timeout.ms": int(WRITTEN_WITHIN * 1000),
        }
    )
    for partition, job in jobs:
        producer.produce(
            topic,
            key=job.webhook_id.encode(),
            value=job.encode(),
            partition=partition,
            on_delivery=lambda error, _: failed.append(error) if error else None,
        )
    left = producer.flush(WRITTEN_WITHIN + 1)
    if failed:
        raise access_error(client, failed[0], f"write topic {topic}")
    if left:
        raise silent(client, WRITTEN_WITHIN)
