"""How fast things are counted up, from what was counted at two moments. Pure."""

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Literal, TypeAlias

from footfall_health.observed import Broker, Observation, Service
from footfall_health.watched import Watched

from footfall_dashboard.pipeline.services import READ

WINDOW = 15.0
"""Seconds over which a rate is taken: long enough to be calm, short enough to be now."""

Counted: TypeAlias = Literal["written", "read", "service"]
Counter: TypeAlias = tuple[Counted, str]
"""What is counted: messages written to a topic, messages of it that were read, records that a service has read."""


def counts_of(seen: Observation, watched: Watched) -> dict[Counter, int]:
    """Return what is counted at this moment; nothing of whoever is silent.

    Args:
        seen: What was observed.
        watched: What was to be there.
    """
    counts: defaultdict[Counter, int] = defaultdict(int)
    for partition in seen.broker.partitions if isinstance(seen.broker, Broker) else ():
        counts["written", partition.topic] += partition.end
        if partition.read is not None:
            counts["read", partition.topic] += partition.read
    for name in watched.services:
        service = seen.services.get(name)
        if isinstance(service, Service) and READ.get(name) in service.numbers:
            counts["service", name] = int(service.numbers[READ[name]])
    return dict(counts)


class Rates:
    """Remembers what was counted during the last seconds."""

    def __init__(self) -> None:
        self._counts: dict[Counter, deque[tuple[float, int]]] = {}

    def note(self, at: float, counts: Mapping[Counter, int]) -> dict[Counter, float]:
        """Take in what is counted at a moment and return what is counted per second, where that can be told.

        A count that has become smaller is one of something else: a topic or a process that began anew.
        """
        for counter, count in counts.items():
            known = self._counts.setdefault(counter, deque())
            while known and (at - known[0][0] > WINDOW or count < known[-1][1] or at <= known[-1][0]):
                known.popleft()
            known.append((at, count))
        return {
            counter: (known[-1][1] - known[0][1]) / (at - known[0][0])
            for counter, known in self._counts.items()
            if len(known) > 1 and known[-1][0] == at
        }
