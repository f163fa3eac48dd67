"""Questions about offsets, asked so that nobody waits longer than the deadline and librdkafka is not interrupted."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeAlias

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from footfall_health.ask.deadline import Deadline, NoAnswerError

Place: TypeAlias = tuple[str, int]
"""Topic and partition."""
PATIENCE = 30.0
"""Seconds that librdkafka has for a question, far longer than anybody waits for the answer: a request whose time is up
while its broker connects may fail an assertion there (`rd_kafka_enq_once_del_source_return`) or read what was freed, either
of which ends the process."""


@cache
def _kept(client: tuple[tuple[str, str], ...]) -> AdminClient:
    return AdminClient(dict(client))


def admin_of(client: Mapping[str, str]) -> AdminClient:
    """Return the process's one client of a broker: one that goes while it is still being answered may end the process.

    Args:
        client: librdkafka settings of the connection.
    """
    return _kept(tuple(sorted(client.items())))


def ask_offsets(
    admin: AdminClient, places: Iterable[TopicPartition], spec: OffsetSpec, level: IsolationLevel
) -> dict[Place, "Future[Any]"]:
    """Ask for an offset of each partition; `result` has the answers.

    Args:
        admin: Must live until the answers are there: the questions die with it.
        places: At least one.
        spec: The first, the last, or the first that is as young as a time.
        level: For the last: the last that is there, or the last that can be read.
    """
    asked = admin.list_offsets(dict.fromkeys(places, spec), isolation_level=level, request_timeout=PATIENCE)
    return {(place.topic, place.partition): future for place, future in asked.items()}


def result(future: "Future[Any]", deadline: Deadline) -> Any:
    """Return an answer.

    Raises:
        KafkaException: The broker has refused.
        NoAnswerError: It did not come in time.
    """
    try:
        return future.result(timeout=deadline.left())
    except TimeoutError:
        raise NoAnswerError(deadline.reason) from None
