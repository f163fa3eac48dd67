"""Whether everything that was in the topic at the start has been read."""

from dataclasses import dataclass, field

from confluent_kafka import OFFSET_INVALID, Consumer, TopicPartition
from footfall_chassis.health import CheckResult

TIMEOUT = 10.0
"""Seconds one question to the broker may take."""
STEP = 64
"""Records looked back for the last readable one; doubled until it is found."""


@dataclass
class Progress:
    """Offsets of the last records to wait for, and of the last ones read."""

    targets: dict[int, int] | None = None
    """By partition; None until the broker has told them."""
    reached: dict[int, int] = field(default_factory=dict)

    def knows(self, partition: int, offset: int) -> bool:
        """Tell whether this record was read before."""
        return offset <= self.reached.get(partition, -1)

    def note(self, partition: int, offset: int) -> None:
        """Remember that this record is in memory."""
        self.reached[partition] = offset

    def status(self) -> CheckResult:
        """Tell whether the catalog is complete."""
        if self.targets is None:
            return CheckResult(ok=False, detail="waiting for Kafka")
        behind = [partition for partition, target in self.targets.items() if self.reached.get(partition, -1) < target]
        if behind:
            return CheckResult(ok=False, detail=f"loading: partitions {behind} are not read to their end yet")
        return CheckResult(ok=True, detail=f"{len(self.targets)} partitions were read to their end")


def last_offsets(client: dict[str, str], topic: str) -> dict[int, int]:
    """Return the offset of each partition's last readable record; partitions without one are left out.

    The end offset alone does not tell: markers of transactions and compaction leave no record there.

    Raises:
        KafkaException: The broker did not answer.
    """
    consumer = Consumer(
        client
        | {
            "group.id": "unused",
            "enable.auto.commit": "false",
            "enable.partition.eof": "true",
            "isolation.level": "read_committed",
            # Otherwise the broker holds back the answer that there is no more.
            "fetch.wait.max.ms": "10",
        }
    )
    try:
        partitions = consumer.list_topics(topic, timeout=TIMEOUT).topics[topic].partitions
        found = {partition: _last(consumer, topic, partition) for partition in partitions}
    finally:
        consumer.close()
    return {partition: offset for partition, offset in found.items() if offset is not None}


def _last(consumer: Consumer, topic: str, partition: int) -> int | None:
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=TIMEOUT)
    step = STEP
    while high > low:
        start = max(low, high - step)
        if (offset := _last_from(consumer, TopicPartition(topic, partition, start))) is not None:
            return offset
        if start == low:
            return None
        step *= 2
    return None


def _last_from(consumer: Consumer, start: TopicPartition) -> int | None:
    consumer.assign([start])
    last = None
    while (message := consumer.poll(TIMEOUT)) is not None:
        if message.error() is None:
            last = message.offset()
        elif message.offset() != OFFSET_INVALID:
            return last
    raise TimeoutError(f"{start.topic}/{start.partition} was not read to its end within {TIMEOUT:.0f} s")
