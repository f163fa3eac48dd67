"""Which partitions a topic has: as many as the broker says, for people add some."""

from confluent_kafka import Consumer, TopicPartition


def partitions_of(consumer: Consumer, topic: str, *, timeout: float) -> list[TopicPartition]:
    """Return the topic's partitions, none if there is no such topic.

    Args:
        consumer: Asks.
        topic: Its whole name.
        timeout: Seconds the broker may take.

    Raises:
        KafkaException: The broker did not answer.
    """
    known = consumer.list_topics(topic, timeout=timeout).topics[topic]
    return [TopicPartition(topic, partition) for partition in sorted(known.partitions)]
