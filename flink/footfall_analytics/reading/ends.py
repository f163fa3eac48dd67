"""Where topics end."""

from collections.abc import Collection, Mapping

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec
from footfall_health.ask.deadline import Deadline
from footfall_health.ask.offsets import Place, admin_of, ask_offsets, result

ANSWER = 10.0
"""Seconds that the broker may take for an answer."""


def ends_of(client: Mapping[str, str], topics: Collection[str], *, committed: bool) -> dict[Place, int]:
    """Return where each partition ends, or how far it can be read by who reads committed rows only.

    Args:
        client: librdkafka settings of the connection.
        topics: Their whole names; one that does not exist has no partition.
        committed: Whether what is not committed is left out.

    Raises:
        KafkaException: The broker refuses.
        NoAnswerError: It does not answer in time.
    """
    admin = admin_of(client)
    known = admin.list_topics(timeout=ANSWER).topics
    places = [TopicPartition(name, each) for name in topics if name in known for each in known[name].partitions]
    if not places:
        return {}
    level = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
    deadline = Deadline(ANSWER)
    asked = ask_offsets(admin, places, OffsetSpec.latest(), level)
    return {place: result(future, deadline).offset for place, future in asked.items()}
