"""What must be remembered from one look to the next: since when something is so that does not tell it itself."""

import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from footfall_health.facts import Fact
from footfall_health.observed import Broker
from footfall_health.sources import waiting_of
from footfall_health.watched import Watched

FORGET = 3600.0
"""Seconds after which an earlier look says nothing about now: things may have been well in between."""


@dataclass
class Memory:
    """Of one who looks again and again."""

    looked: float = 0.0
    """When, last."""
    since: dict[str, float] = field(default_factory=dict)
    """Since when a fact has not been ok, by its subject."""
    stands: dict[str, tuple[int, float]] = field(default_factory=dict)
    """How far a topic with unread messages has been read, and since when it has been no further."""

    @classmethod
    def load(cls, path: Path) -> "Memory":
        """Return what was saved; an empty memory if there is nothing, or nothing that can be read."""
        try:
            document = json.loads(path.read_text())
            since = {str(name): float(at) for name, at in document["since"].items()}
            stands = {str(topic): (int(read), float(at)) for topic, (read, at) in document["stands"].items()}
            return cls(float(document["looked"]), since, stands)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def save(self, path: Path) -> None:
        """Write it down; who may not write there remembers nothing."""
        document = {"looked": self.looked, "since": self.since, "stands": self.stands}
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_text(json.dumps(document))
            new.replace(path)

    def stood(self, broker: Broker, watched: Watched, at: float) -> dict[str, float]:
        """Return since when each input topic that has unread messages has been read no further."""
        self._forget(at)
        by_topic = defaultdict(list)
        for partition in broker.partitions:
            if partition.topic in watched.inputs and partition.read is not None:
                by_topic[partition.topic].append(partition)
        stands = {}
        for topic, partitions in by_topic.items():
            read = sum(partition.read or 0 for partition in partitions)
            before, since = self.stands.get(topic, (-1, at))
            if waiting_of(partitions):
                stands[topic] = (read, since if read == before else at)
        self.stands = stands
        return {topic: since for topic, (_, since) in stands.items()}

    def dated(self, facts: Iterable[Fact], at: float) -> list[Fact]:
        """Return the facts, each that is not ok with the moment since when."""
        self._forget(at)
        found = [
            replace(fact, since=self.since.get(fact.subject, at)) if fact.level != "ok" and fact.since is None else fact
            for fact in facts
        ]
        self.since = {fact.subject: fact.since for fact in found if fact.level != "ok" and fact.since is not None}
        self.looked = at
        return found

    def _forget(self, at: float) -> None:
        if not 0 <= at - self.looked <= FORGET:
            self.since, self.stands = {}, {}
