"""What is held of each partition until it is written. Pure."""

from dataclasses import dataclass, field

from footfall_exporter.batch import Batch, Message
from footfall_exporter.streams import Stream

OVERHEAD = 300
"""Bytes that a message takes besides its key and value."""
DAY = 86_400_000


@dataclass(frozen=True)
class Limits:
    """When rows are written."""

    rows: int
    size: int
    """Bytes of one partition."""
    seconds: float
    total: int
    """Bytes of all partitions together."""


@dataclass
class Held:
    """One partition that is read.

    Args:
        stream: Its stream.
        partition: Its number.
        position: Offset from which the sink has nothing.
    """

    stream: Stream
    partition: int
    position: int
    messages: list[Message] = field(default_factory=list)
    size: int = 0
    since: float = 0.0
    """When the first of the messages came, on a monotonic clock."""
    end: int = 0
    """Offset at which the partition ended when it was seen to end."""
    is_cut_off: bool = False
    """Whether Kafka no longer has what follows the messages: they are written, and then the partition begins anew."""
    pending: Batch | None = None
    """A batch of which not all rows are stored."""
    count: int = 0
    """Messages that the pending batch has settled in the buffer."""

    def add(self, message: Message, now: float) -> bool:
        """Hold one more message; tell whether it lies behind all others, as offsets do within one life of a topic."""
        if message.offset < self.position or (self.messages and message.offset <= self.messages[-1].offset):
            return False
        if not self.messages:
            self.since = now
        self.messages.append(message)
        self.size += OVERHEAD + len(message.value or b"") + len(message.key or b"")
        return True

    def is_due(self, limits: Limits, now: float) -> bool:
        """Tell whether it is time to write."""
        if not self.messages:
            return False
        full = len(self.messages) >= limits.rows or self.size >= limits.size
        waited = now - self.since >= limits.seconds
        return self.pending is not None or self.is_cut_off or full or waited or self.crosses_midnight

    @property
    def crosses_midnight(self) -> bool:
        """Whether messages of more than one day are held."""
        return self.messages[0].time // DAY != self.messages[-1].time // DAY

    def next_messages(self, limits: Limits) -> list[Message]:
        """Return the messages of the next batch: of one day, and no more than a batch has."""
        day = self.messages[0].time // DAY
        for index, message in enumerate(self.messages):
            if index >= limits.rows or message.time // DAY != day:
                return self.messages[:index]
        return list(self.messages)

    def settle(self, count: int, last: int, now: float) -> None:
        """Let go of so many messages: the sink has them."""
        gone, self.messages = self.messages[:count], self.messages[count:]
        # What is summed is the shorter of the two: mostly all is gone.
        self.size = _size_of(self.messages) if len(self.messages) < count else self.size - _size_of(gone)
        self.position, self.since, self.pending, self.count = last + 1, now, None, 0

    @property
    def oldest(self) -> int | None:
        """When the oldest message that is held was appended, in epoch milliseconds; None: none is held."""
        return self.messages[0].time if self.messages else None

    def lag(self, high: int) -> int:
        """Return how many offsets the sink is behind.

        Args:
            high: Where the partition ends, as the broker said last.
        """
        done = self.position if self.messages else max(self.position, self.end)
        return max(0, high - done)


def _size_of(messages: list[Message]) -> int:
    return sum(OVERHEAD + len(each.value or b"") + len(each.key or b"") for each in messages)
