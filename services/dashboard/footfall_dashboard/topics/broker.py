"""Asks Kafka which topics there are, where their partitions begin and end, and where consumer groups stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec
from footfall_health.ask.deadline import Deadline
from footfall_health.ask.groups import committed
from footfall_health.ask.offsets import Place, admin_of, ask_offsets, result
from footfall_schemas.access_errors import access_error, asking


@dataclass(frozen=True)
class Offsets:
    """Of one partition."""

    begin: int
    end: int
    stable: int
    """Where readers of committed messages end."""


@dataclass(frozen=True)
class Found:
    """What the broker says of some topics."""

    offsets: Mapping[Place, Offsets] = field(default_factory=dict)
    """By topic and partition."""
    committed: Mapping[str, Mapping[Place, int]] = field(default_factory=dict)
    """Where each consumer group stands."""

    def places(self, topic: str) -> dict[int, Offsets]:
        """Return a topic's partitions."""
        return {number: offsets for (name, number), offsets in sorted(self.offsets.items()) if name == topic}


class Broker:
    """One broker, asked over one connection.

    Args:
        client: librdkafka settings of the connection.
        groups: Consumer groups whose places are of interest.
    """

    def __init__(self, client: Mapping[str, str], groups: Sequence[str] = ()) -> None:
        self._client = dict(client)
        self._groups = groups

    def partitions(self, deadline: Deadline) -> dict[str, list[int]]:
        """Return the partitions of every topic.

        Raises:
            AccessRefusedError: The broker refuses the user.
            BrokerAwayError: It does not answer.
        """
        with asking(self._client, "list topics"):
            known = admin_of(self._client).list_topics(timeout=deadline.left()).topics
        return {name: sorted(topic.partitions) for name, topic in known.items()}

    def offsets(self, places: Iterable[Place], deadline: Deadline) -> dict[Place, Offsets]:
        """Return where partitions begin and end; those that are going or coming are left out.

        Raises:
            AccessRefusedError: The user may not.
            BrokerAwayError: The broker does not answer.
            NoAnswerError: It does not answer in time.
        """
        asked = [TopicPartition(topic, number) for topic, number in places]
        if not asked:
            return {}
        admin, latest = admin_of(self._client), OffsetSpec.latest()
        with asking(self._client, "list offsets"):
            begins = ask_offsets(admin, asked, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED)
            ends = ask_offsets(admin, asked, latest, IsolationLevel.READ_UNCOMMITTED)
            stables = ask_offsets(admin, asked, latest, IsolationLevel.READ_COMMITTED)
        found = {}
        for place in begins:
            try:
                numbers = [result(answers[place], deadline).offset for answers in (begins, ends, stables)]
            except KafkaException as error:
                meant = access_error(self._client, error.args[0], f"read topic {place[0]}")
                if isinstance(meant, KafkaException):
                    # It has no leader at this moment, or has just been deleted.
                    continue
                raise meant from None
            begin, end, stable = numbers
            # They are asked one after the other, and the topic grows meanwhile.
            found[place] = Offsets(begin, max(end, stable), stable)
        return found

    def committed(self, places: Iterable[Place], deadline: Deadline) -> dict[str, dict[Place, int]]:
        """Return where the consumer groups stand; those that say nothing, or may not be asked for, are left out."""
        asked = [TopicPartition(topic, number) for topic, number in places]
        found = committed(self._client, self._groups, asked, deadline)
        return {group: answer for group, answer in found.items() if not isinstance(answer, Exception)}
