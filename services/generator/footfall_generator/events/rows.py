"""Encoded messages of one topic on their way to Kafka."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from footfall_generator.events.arrays import Ints, Objects


class Fault(IntEnum):
    """What was done to a message on purpose."""

    NORMAL = 0
    OUT_OF_ORDER = 1
    LATE = 2
    DUPLICATE = 3
    POISON = 4


@dataclass(frozen=True)
class Rows:
    """Messages of one topic in the order of their emission."""

    topic: str
    times: Ints
    """Event times, milliseconds since 1970."""
    keys: Objects
    values: Objects
    faults: Ints

    @classmethod
    def normal(cls, topic: str, times: Ints, keys: Objects, values: Objects) -> "Rows":
        """Return messages nothing was done to."""
        return cls(topic, times, keys, values, np.zeros(len(times), dtype=np.int64))

    @classmethod
    def concat(cls, parts: Iterable["Rows"]) -> "Rows":
        """Return the messages of the parts, which are of one topic, one after the other."""
        rows = list(parts)
        return cls(
            rows[0].topic,
            np.concatenate([part.times for part in rows]),
            np.concatenate([part.keys for part in rows]),
            np.concatenate([part.values for part in rows]),
            np.concatenate([part.faults for part in rows]),
        )

    def __len__(self) -> int:
        """Return the number of messages."""
        return len(self.times)

    def pick(self, which: Ints | slice) -> "Rows":
        """Return the messages at the positions, in that order."""
        return Rows(self.topic, self.times[which], self.keys[which], self.values[which], self.faults[which])
