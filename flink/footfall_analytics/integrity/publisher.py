"""Publishes findings, all of one look in one transaction; a second checker takes over from the first."""

from collections.abc import Collection, Mapping

import structlog
from confluent_kafka import KafkaError, KafkaException, Producer
from footfall_schemas.codec import encode, key_of
from footfall_schemas.errors import PermanentError
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic

from footfall_analytics.integrity.findings import Finding

INTEGRITY = "integrity"
ANSWER = 30.0
"""Seconds that the broker may take."""

log = structlog.get_logger()


class ReplacedError(PermanentError):
    """Another checker of the same job has taken over."""


class Publisher:
    """Writes topic integrity.

    Args:
        client: librdkafka settings of the connection.
        registry: Where the schema is.
        prefix: Before the names of topics.
        job: Name of the job in Flink: there is one checker of each.

    Raises:
        KafkaException: The broker does not answer.
    """

    def __init__(self, client: Mapping[str, str], registry: SchemaRegistry, prefix: str, job: str) -> None:
        self._described = topic(INTEGRITY)
        self._name = prefix + INTEGRITY
        self._schema_id = registry.register(self._described)
        self._producer = Producer(
            dict(client) | {"transactional.id": f"{self._name}-{job}", "transaction.timeout.ms": int(ANSWER * 1000)}
        )
        self._producer.init_transactions(ANSWER)

    def publish(self, findings: Collection[Finding]) -> None:
        """Publish them, all or none; returns when they can be read.

        Raises:
            KafkaException: The broker does not answer; what became of them is not known.
            ReplacedError: Another checker has taken over.
        """
        if not findings:
            return
        try:
            self._producer.begin_transaction()
            for finding in findings:
                row = finding.row()
                value = encode(self._schema_id, self._described.schema, row)
                self._producer.produce(self._name, value, key_of(self._described, row))
            self._producer.commit_transaction(ANSWER)
        except KafkaException as error:
            if error.args[0].code() in {KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH}:  # noqa: SLF001
                raise ReplacedError("another checker of this job has taken over; run one only") from error
            raise
