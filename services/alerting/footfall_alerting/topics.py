"""Topics of the alerting service itself."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from footfall_schemas.topics import Topic

PARTITIONS = 4
"""As many as inventory-alerts has, unless that was created with others."""
OWN_EVENTS_HOURS = 7 * 24
DEAD_LETTER_HOURS = 30 * 24
JOBS, MESSAGES, ENDPOINTS = "alerting-jobs", "alerting-messages", "alerting-endpoints"
EVENTS, RESENDS, DEAD_LETTERS = "alerting-events", "alerting-resends", "alerting-dead-letters"


@dataclass(frozen=True)
class OwnTopic(Topic):
    """A topic that no schema describes: its values are JSON, or the original bytes."""

    extra: tuple[tuple[str, str], ...] = ()
    """Kafka's configuration besides."""

    def config(self) -> dict[str, str]:
        """Topic configuration for Kafka."""
        return super().config() | dict(self.extra)


def own_topics(
    history_days: float = 7, history_bytes: int = 1_000_000_000, partitions: int = PARTITIONS
) -> list[Topic]:
    """Return the topics that the service creates at start.

    Args:
        history_days: How long messages are kept.
        history_bytes: How much of them each partition keeps.
        partitions: Those of inventory-alerts: whoever owns one of them owns the jobs that its records become.
    """
    kept = round(timedelta(days=history_days) / timedelta(milliseconds=1))
    # Whoever gets a partition reads all of its jobs: what is finished should not lie there for long.
    brief = (("min.cleanable.dirty.ratio", "0.1"), ("segment.ms", "3600000"))
    history = (
        ("cleanup.policy", "compact,delete"),
        ("retention.ms", str(kept)),
        ("retention.bytes", str(history_bytes)),
    )
    return [
        _topic(JOBS, partitions, "compact", None, brief),
        _topic(MESSAGES, partitions, "compact", None, history),
        _topic(ENDPOINTS, 1, "compact", None),
        _topic(EVENTS, partitions, "delete", OWN_EVENTS_HOURS),
        _topic(RESENDS, partitions, "delete", OWN_EVENTS_HOURS),
        _topic(DEAD_LETTERS, 1, "delete", DEAD_LETTER_HOURS),
    ]


def _topic(
    name: str,
    partitions: int,
    cleanup: Literal["delete", "compact"],
    hours: int | None,
    extra: tuple[tuple[str, str], ...] = (),
) -> Topic:
    return OwnTopic(
        name=name,
        kind="alerts",
        schema={},
        key=(),
        partitions=partitions,
        cleanup=cleanup,
        retention_hours=hours,
        extra=extra,
    )
