"""What a sink's group has committed, and where partitions begin and end."""

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from footfall_exporter.batch import NotOursError
from footfall_exporter.held import Held
from footfall_exporter.sink import SinkUnavailableError
from footfall_exporter.streams import Stream

TIMEOUT = 5.0
"""Seconds that one question to Kafka may take."""
_NOT_OURS = {
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.FENCED_INSTANCE_ID,
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError._STATE,  # noqa: SLF001
}


class Offsets:
    """Asks and tells Kafka.

    Args:
        consumer: Of the sink.
    """

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def committed(self, stream: Stream, partition: int) -> int:
        """Return from where on the group has not confirmed rows; 0 if it never has.

        Raises:
            SinkUnavailableError: Nobody answers.
        """
        try:
            (found,) = self._consumer.committed([TopicPartition(stream.kafka_topic, partition)], TIMEOUT)
        except KafkaException as error:
            raise SinkUnavailableError(f"Kafka does not say what is committed: {error.args[0].str()}") from None
        return int(found.offset) if found.offset >= 0 else 0

    def ends(self, stream: Stream, partition: int) -> tuple[int, int]:
        """Return the offsets of the first row that is left, and behind the last one.

        Raises:
            SinkUnavailableError: Nobody answers.
        """
        place = TopicPartition(stream.kafka_topic, partition)
        try:
            found = self._consumer.get_watermark_offsets(place, TIMEOUT)
        except KafkaException as error:
            raise SinkUnavailableError(f"Kafka does not say where {place.topic} ends: {error.args[0].str()}") from None
        if found is None:
            raise SinkUnavailableError(f"Kafka does not say within {TIMEOUT:.0f} s where {place.topic} ends")
        low, high = found
        return int(low), int(high)

    def known_end(self, mine: Held) -> int:
        """Return the offset behind the last row, as the broker said last."""
        place = TopicPartition(mine.stream.kafka_topic, mine.partition)
        _, high = self._consumer.get_watermark_offsets(place, cached=True)
        return int(high)

    def commit(self, mine: Held) -> None:
        """Commit what the sink has; before a write it tells, too, whether the partition is still ours.

        Raises:
            NotOursError: It is not: the broker takes a commit of its owner only.
            SinkUnavailableError: Nobody can say.
        """
        place = TopicPartition(mine.stream.kafka_topic, mine.partition, mine.position)
        try:
            self._consumer.commit(offsets=[place], asynchronous=False)
        except KafkaException as error:
            reason = error.args[0]
            if reason.code() in _NOT_OURS:
                raise NotOursError(f"the group is being shared out anew: {reason.str()}") from None
            raise SinkUnavailableError(f"Kafka does not take a commit: {reason.str()}") from None
