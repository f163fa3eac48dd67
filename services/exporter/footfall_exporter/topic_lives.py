"""Asks Kafka which life each topic has: its id, which is another one when it was made anew, and its partitions."""

from collections.abc import Iterable, Mapping

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from footfall_exporter.sink import Life
from footfall_exporter.streams import Stream

TIMEOUT = 10.0
"""Seconds that the broker has to answer."""


class TopicLives:
    """Knows topics by their ids.

    Args:
        client: librdkafka settings of the connection.
    """

    def __init__(self, client: Mapping[str, str]) -> None:
        self._admin = AdminClient(dict(client))

    def of(self, streams: Iterable[Stream]) -> dict[str, Life | KafkaException]:
        """Return by the names of the streams the lives of their topics, or why one is not known; one request for all."""
        by_topic = {stream.kafka_topic: stream.name for stream in streams}
        asked = self._admin.describe_topics(TopicCollection(list(by_topic)), request_timeout=TIMEOUT)
        found: dict[str, Life | KafkaException] = {}
        for topic, answer in asked.items():
            try:
                told = answer.result()
            except KafkaException as error:
                found[by_topic[topic]] = error
            else:
                found[by_topic[topic]] = Life(str(told.topic_id), len(told.partitions))
        return found
