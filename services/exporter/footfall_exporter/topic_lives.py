"""Asks Kafka which life a topic has: its id, which is another one when it was made anew, and its partitions."""

from collections.abc import Mapping

from confluent_kafka import TopicCollection
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

    def of(self, stream: Stream) -> Life:
        """Return the life of a stream's topic.

        Raises:
            KafkaException: The topic is not there, or nobody answers.
        """
        (asked,) = self._admin.describe_topics(TopicCollection([stream.kafka_topic]), request_timeout=TIMEOUT).values()
        found = asked.result()
        return Life(str(found.topic_id), len(found.partitions))
