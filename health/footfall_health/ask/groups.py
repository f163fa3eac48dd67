"""Questions about where consumer groups stand."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.offsets import Place

UNKNOWN_YET = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}
"""What a broker that has just come up says of a group."""


@cache
def _kept(client: tuple[tuple[str, str], ...], group: str) -> Consumer:
    # It never joins the group: it subscribes to nothing. Without a broker it would say so twenty times a second.
    return Consumer({**dict(client), "group.id": group, "enable.auto.commit": False, "log_level": 0})


def committed(
    client: Mapping[str, str], groups: Iterable[str], places: Iterable[TopicPartition], deadline: Deadline
) -> dict[str, dict[Place, int] | Exception]:
    """Return where groups stand, or why one cannot be told: partitions of which nothing is known are left out.

    Consumers are asked, each for as long as the process lives. An AdminClient must not be: when a broker that has just come
    up answers it with an error, librdkafka looks for the consumer group of a client that has none and ends the process
    (`rd_kafka_handle_OffsetFetch`, 2.16).

    Args:
        client: librdkafka settings of the connection.
        groups: The consumer groups; they are asked at the same time.
        places: The partitions to ask for.
        deadline: Until when; a group that has not answered by then has a NoAnswerError.
    """
    settings, asked, names = tuple(sorted(client.items())), list(places), sorted(set(groups))
    if not asked or not names:
        return {}
    # All connect meanwhile.
    consumers = {name: _kept(settings, name) for name in names}
    with ThreadPoolExecutor(len(names)) as askers:
        found = askers.map(lambda consumer: _ask(consumer, asked, deadline), consumers.values())
        return dict(zip(consumers, found, strict=True))


def _ask(consumer: Consumer, asked: list[TopicPartition], deadline: Deadline) -> dict[Place, int] | Exception:
    try:
        found = consumer.committed(asked, timeout=deadline.left())
    except KafkaException as error:
        code = error.args[0].code()
        if code in UNKNOWN_YET:
            return {}
        return NoAnswerError(deadline.reason) if code == KafkaError._TIMED_OUT else error  # noqa: SLF001
    return {(place.topic, place.partition): place.offset for place in found if not place.error and place.offset >= 0}
