"""One topic as Kafka has it at one moment: where its partitions begin and end, where a time lies, what is in it."""

from collections.abc import Iterator, Mapping

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec
from footfall_health.ask.deadline import Deadline
from footfall_health.ask.messages import RawMessage, Windows, reading
from footfall_health.ask.offsets import admin_of, ask_offsets, result
from footfall_schemas.access_errors import asking


class StoredTopic:
    """Everything it is asked raises AccessRefusedError, BrokerAwayError, or NoAnswerError if time is up.

    Args:
        client: librdkafka settings of the connection.
        name: Name on the broker.
        deadline: When everything must have been answered.
    """

    def __init__(self, client: Mapping[str, str], name: str, deadline: Deadline) -> None:
        self._client = dict(client)
        self._name = name
        self._deadline = deadline
        with asking(client, f"read topic {name}"):
            known = admin_of(client).list_topics(name, timeout=deadline.left()).topics[name].partitions
        self._places = [TopicPartition(name, number) for number in sorted(known)]
        lows, self.ends = self._listed(OffsetSpec.earliest()), self._listed(OffsetSpec.latest())
        self.kept: Windows = {number: (low, self.ends[number]) for number, low in lows.items()}
        """Begin and end of each partition."""

    def offsets(self, moment: float) -> dict[int, int]:
        """Return each partition's first offset that was appended at a time, epoch seconds, or later."""
        found = self._listed(OffsetSpec.for_timestamp(max(0, int(moment * 1000))))
        # Where nothing is as young the answer is a negative number.
        return {number: offset if offset >= 0 else self.ends[number] for number, offset in found.items()}

    def since(self, moment: float) -> Iterator[RawMessage]:
        """Yield what was appended at a time, epoch seconds, or later, up to the end as it was found."""
        begins = self.offsets(moment)
        with reading(self._client, self._name, self._deadline) as read:
            yield from read({number: (min(begins[number], end), end) for number, end in self.ends.items()})

    def _listed(self, spec: OffsetSpec) -> dict[int, int]:
        if not self._places:
            return {}
        with asking(self._client, f"read topic {self._name}"):
            asked = ask_offsets(admin_of(self._client), self._places, spec, IsolationLevel.READ_COMMITTED)
            return {number: result(answer, self._deadline).offset for (_, number), answer in asked.items()}
