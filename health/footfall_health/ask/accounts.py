"""Asks the topic of what became of the messages: how it stands now, and how it stood some minutes ago."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of
from footfall_schemas.topics import Json

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.http import Server
from footfall_health.ask.offsets import admin_of, ask_offsets, result
from footfall_health.observed import OUTCOMES, Accounts, Totals
from footfall_health.watched import Watched

BEFORE = (200, 20_000)
"""So many offsets before the moment that is asked for every topic's totals usually are; else so many."""


def ask(watched: Watched, deadline: Deadline) -> Accounts:
    """Return the input topics' totals, those that are there.

    Raises:
        NoAnswerError: The broker or the registry does not answer.
    """
    lately = time.time() - watched.limits.lately.total_seconds()
    # Asks where things are: a consumer's own questions would be given up when time is up.
    admin = admin_of(watched.kafka)
    consumer = Consumer(
        {**watched.kafka, "group.id": "footfall-health", "enable.auto.commit": False}
        | {"enable.partition.eof": True, "auto.offset.reset": "earliest", "isolation.level": "read_committed"}
        # The broker answers one question after the other: one that waits for messages keeps the next waiting.
        | {"fetch.wait.max.ms": 10}
    )
    schema = _schemas(watched, deadline)
    try:
        places = _places(admin, watched.accounts, lately, deadline)
        for before in BEFORE:
            messages = _messages(consumer, places, before, deadline)
            is_all = all(at.all_within(before) for at in places)
            found = accounts_of(_totals(messages, schema), lately, is_all=is_all)
            if is_all or set(watched.inputs) <= {totals.topic for totals in found.before if totals.at <= lately}:
                break
    except KafkaException as error:
        raise NoAnswerError(error.args[0].str()) from error
    else:
        return found
    finally:
        consumer.close()


def accounts_of(rows: Iterable[Totals], lately: float, *, is_all: bool) -> Accounts:
    """Return each topic's newest totals, and the newest of those that are older than a moment.

    Args:
        rows: Totals as they were written, each topic's in order.
        lately: That moment.
        is_all: Whether there are no other rows: a topic that has no older ones had no message then. Otherwise the oldest
            that is known counts.
    """
    now: dict[str, Totals] = {}
    before: dict[str, Totals] = {}
    for row in rows:
        now[row.topic] = row
        if row.at <= lately:
            before[row.topic] = row
        elif row.topic not in before:
            before[row.topic] = Totals(row.topic, lately) if is_all else row
    return Accounts(tuple(now.values()), tuple(before.values()))


@dataclass(frozen=True)
class _Place:
    """A partition, where it begins and ends, and where a moment is in it."""

    topic: str
    number: int
    low: int
    high: int
    moment: int

    def start(self, before: int) -> int:
        """Return the offset so many before the moment."""
        return max(self.low, self.moment - before)

    def all_within(self, before: int) -> bool:
        """Tell whether nothing lies before that offset."""
        return self.start(before) == self.low


def _places(admin: AdminClient, topic: str, moment: float, deadline: Deadline) -> list[_Place]:
    known = admin.list_topics(topic, timeout=deadline.left()).topics[topic]
    if known.error or not known.partitions:
        return []
    asked = [TopicPartition(topic, number) for number in known.partitions]
    then, readable = OffsetSpec.for_timestamp(int(moment * 1000)), IsolationLevel.READ_COMMITTED
    lows = ask_offsets(admin, asked, OffsetSpec.earliest(), readable)
    highs = ask_offsets(admin, asked, OffsetSpec.latest(), readable)
    moments = ask_offsets(admin, asked, then, readable)
    places = []
    for number in known.partitions:
        low, high, found = (result(answers[topic, number], deadline).offset for answers in (lows, highs, moments))
        # When nothing is as young the offset is a negative number that means the end.
        places.append(_Place(topic, number, low, high, found if 0 <= found < high else high))
    return places


def _messages(consumer: Consumer, places: list[_Place], before: int, deadline: Deadline) -> Iterator[Message]:
    starts = [TopicPartition(at.topic, at.number, at.start(before)) for at in places if at.start(before) < at.high]
    consumer.assign(starts)
    ended: set[int] = set()
    while len(ended) < len(starts):
        message = consumer.poll(deadline.left())
        if message is None:
            raise NoAnswerError(deadline.reason)
        if message.error() is None:
            yield message
        elif message.error().code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            ended.add(message.partition())
    consumer.unassign()


def _totals(messages: Iterable[Message], schema: Callable[[int], Json]) -> Iterator[Totals]:
    for message in messages:
        try:
            row = decode(message.value(), schema(schema_id_of(message.value())))
        except PoisonMessageError:
            continue
        outcomes = (row.get(outcome, 0) for outcome in OUTCOMES)
        yield Totals(row["topic"], message.timestamp()[1] / 1000, *outcomes)


def _schemas(watched: Watched, deadline: Deadline) -> Callable[[int], Json]:
    known: dict[int, Json] = {}

    def schema(number: int) -> Json:
        if number not in known:
            with Server(watched.registry, deadline, login=watched.registry_login, ca=watched.registry_ca) as registry:
                known[number] = json.loads(registry.document(f"/schemas/ids/{number}")["schema"])
        return known[number]

    return schema
