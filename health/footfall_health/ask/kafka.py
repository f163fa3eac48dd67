"""Asks Kafka where its partitions end, how far the job has read, and which transactions are open for long."""

import time
from dataclasses import replace

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.groups import committed
from footfall_health.ask.offsets import Place, admin_of, ask_offsets, result
from footfall_health.observed import Broker, Partition
from footfall_health.topics import OPEN
from footfall_health.watched import Watched

DATED_WITHIN = 0.5
"""Seconds to find out since when transactions are open."""


def ask(watched: Watched, deadline: Deadline) -> Broker:
    """Return every partition of the topics that are there.

    Raises:
        NoAnswerError: The broker does not answer.
    """
    try:
        return _ask(admin_of(watched.kafka), watched, deadline)
    except KafkaException as error:
        raise NoAnswerError(error.args[0].str()) from error


def _ask(admin: AdminClient, watched: Watched, deadline: Deadline) -> Broker:
    known = admin.list_topics(timeout=deadline.left()).topics
    places = [
        TopicPartition(topic, number)
        for topic in watched.topics
        if topic in known
        for number in sorted(known[topic].partitions)
    ]
    if not places:
        return Broker()
    latest, long_ago = OffsetSpec.latest(), OffsetSpec.for_timestamp(int((time.time() - OPEN) * 1000))
    ends = ask_offsets(admin, places, latest, IsolationLevel.READ_UNCOMMITTED)
    stable = ask_offsets(admin, places, latest, IsolationLevel.READ_COMMITTED)
    # The first message that is younger than that; the clock of who asks may differ a little from the broker's.
    young = ask_offsets(admin, places, long_ago, IsolationLevel.READ_UNCOMMITTED)
    read: dict[Place, int] = {}
    for answer in committed(watched.kafka, watched.groups.values(), places, deadline).values():
        if isinstance(answer, Exception):
            raise answer
        read |= answer
    found = []
    for topic, number in ((place.topic, place.partition) for place in places):
        end, last = result(ends[topic, number], deadline).offset, result(stable[topic, number], deadline).offset
        first_young = result(young[topic, number], deadline).offset
        is_old = last < end and not 0 <= first_young <= last
        # When exactly is looked up for those few only.
        opened = time.time() - OPEN if is_old else None
        found.append(Partition(topic, number, end, last, opened, read.get((topic, number))))
    return Broker(_dated(found, watched, deadline))


def _dated(found: list[Partition], watched: Watched, deadline: Deadline) -> tuple[Partition, ...]:
    """Find out when the oldest message behind each last stable offset was appended."""
    held = {(each.topic, each.number): each.stable for each in found if each.open_since is not None}
    if not held:
        return tuple(found)
    consumer = Consumer(
        {**watched.kafka, "group.id": "footfall-health", "enable.auto.commit": False}
        | {"isolation.level": "read_uncommitted", "auto.offset.reset": "earliest", "fetch.message.max.bytes": 65_536}
    )
    since: dict[tuple[str, int], float] = {}
    try:
        consumer.assign([TopicPartition(topic, number, stable) for (topic, number), stable in held.items()])
        until = min(deadline.left() / 2, DATED_WITHIN) + time.monotonic()
        while len(since) < len(held) and (left := until - time.monotonic()) > 0:
            message = consumer.poll(left)
            if message is None or message.error():
                continue
            place = message.topic(), message.partition()
            if place not in since:
                since[place] = message.timestamp()[1] / 1000
                consumer.pause([TopicPartition(*place)])
    finally:
        consumer.close()
    return tuple(replace(each, open_since=since.get((each.topic, each.number), each.open_since)) for each in found)
