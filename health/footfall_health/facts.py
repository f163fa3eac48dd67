"""What is said of a running Footfall: facts, each with the cure of what is not as it should be. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Level: TypeAlias = Literal["ok", "warning", "wrong"]

LEVELS: tuple[Level, ...] = ("ok", "warning", "wrong")
"""From good to bad. A warning asks for a look; what is wrong keeps results from being right, complete or on time."""

FactName: TypeAlias = Literal[
    "process",
    "kafka",
    "registry",
    "service",
    "flink",
    "taskmanagers",
    "job",
    "restarts",
    "checkpoint",
    "watermark",
    "unread",
    "schema ids",
    "open transactions",
    "accounts",
    "late",
    "dead letters",
]
"""Everything that is looked at; docs/operations.md says of each what it means."""


@dataclass(frozen=True)
class Fact:
    """One thing that holds or does not."""

    name: FactName
    """What is looked at."""
    about: str
    """Which one of them: a job, a topic, a service; empty if there is one only."""
    level: Level
    detail: str
    cure: str = ""
    """What to do; empty for what is as it should be."""
    since: float | None = None
    """When it came to be other than ok, in epoch seconds; None: the fact itself does not tell."""
    value: float | None = None
    """What its level was judged by, in the unit that `metrics.py` says; None: it is no number, or unknown."""
    caution: bool = False
    """Whether people should know the detail though the fact is ok."""

    @property
    def subject(self) -> str:
        """Name and what it is about."""
        return f"{self.name} {self.about}".rstrip()

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "name": self.name,
            "about": self.about,
            "level": self.level,
            "detail": self.detail,
            "since": self.since,
            "cure": self.cure,
        }


def worst(facts: Iterable[Fact]) -> Level:
    """Return the worst level; ok if there is no fact."""
    return max((fact.level for fact in facts), key=LEVELS.index, default="ok")


def headline(facts: Iterable[Fact]) -> str:
    """Say in one line how things are: what is worst comes first."""
    bad = sorted((fact for fact in facts if fact.level != "ok"), key=lambda fact: -LEVELS.index(fact.level))
    if not bad:
        return "ready: everything is fine"
    first, others = bad[0], len(bad) - 1
    more = f" (and {others} more)" if others else ""
    state = "not ready" if first.level == "wrong" else "ready, with warnings"
    return f"{state}: {first.subject}: {first.detail}{more}"


def graded(value: float, *, warning: float, wrong: float) -> Level:
    """Return the level of a value that had better be small: it may reach neither limit."""
    if value >= wrong:
        return "wrong"
    return "warning" if value >= warning else "ok"


def spell(seconds: float) -> str:
    """Return a duration as people say it: 12 s, 5 min, 3 h."""
    whole = round(max(seconds, 0))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"
