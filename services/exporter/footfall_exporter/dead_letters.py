"""Where rows go that a sink refuses for good, in the manner of the other services' dead letters."""

from collections.abc import Mapping, Sequence

import structlog
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage
from footfall_chassis.letters import dead_letter_topic, letter_headers

from footfall_exporter.batch import Message, Refusal
from footfall_exporter.sink import SinkUnavailableError
from footfall_exporter.streams import Stream

TOPIC = dead_letter_topic("exporter")
WITHIN = 30.0
"""Seconds the broker has to take them."""

log = structlog.get_logger(__name__)


class DeadLetters:
    """Appends rows that no sink takes, durably.

    Args:
        client: librdkafka settings of the connection.
        prefix: Before the name of the topic.
    """

    def __init__(self, client: Mapping[str, str], prefix: str) -> None:
        self._topic = prefix + TOPIC.name
        self._producer = Producer({**client, "acks": "all", "enable.idempotence": True})

    def add(
        self, sink: str, stream: Stream, partition: int, messages: Mapping[int, Message], refused: Sequence[Refusal]
    ) -> None:
        """Keep the messages of these refusals, with the reasons; returns when they are safe.

        Raises:
            SinkUnavailableError: The broker does not take them now.
        """
        if not refused:
            return
        lost: list[KafkaError] = []

        def told(error: KafkaError | None, _: KafkaMessage) -> None:
            if error is not None:
                lost.append(error)

        for refusal in refused:
            headers = letter_headers(
                stream.kafka_topic, partition, refusal.offset, stage=f"sink {sink}", error=refusal.reason
            )
            place = f"{stream.kafka_topic}/{partition}@{refusal.offset}"
            log.warning("dead letter", sink=sink, position=place, error=refusal.reason)
            message = messages[refusal.offset]
            for cut in (False, True):
                # The headers may push it over the broker's limit; the original stays where they say.
                try:
                    self._producer.produce(
                        self._topic,
                        None if cut else message.value,
                        None if cut else message.key,
                        headers=list((headers | ({"truncated": b"true"} if cut else {})).items()),
                        on_delivery=told,
                    )
                except BufferError:
                    raise SinkUnavailableError("too many dead letters wait for Kafka") from None
                except KafkaException as error:
                    if not cut and error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                        continue
                    raise
                break
        left = self._producer.flush(WITHIN)
        if left or lost:
            raise SinkUnavailableError(f"Kafka does not take dead letters: {lost[0].str() if lost else 'no answer'}")
