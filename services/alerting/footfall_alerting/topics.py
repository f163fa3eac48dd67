"""Topics of the alerting service itself: one for each retry delay, and the dead letters."""

from collections.abc import Iterable
from datetime import timedelta

from footfall_schemas.topics import Topic

PARTITIONS = 4
"""As many as inventory-alerts has, so that as many workers can share the retries."""
RETRY_HOURS = 7 * 24
"""A webhook waits an hour at most; the rest is for outages of the service itself."""
DEAD_LETTER_HOURS = 30 * 24


def _topic(name: str, partitions: int, hours: int) -> Topic:
    # Values are JSON webhooks or the original bytes, so there is no schema.
    return Topic(
        name=name, kind="alerts", schema={}, key=(), partitions=partitions, cleanup="delete", retention_hours=hours
    )


DEAD_LETTER_TOPIC = _topic("alerting-dead-letters", 1, DEAD_LETTER_HOURS)


def retry_topic(delay: timedelta) -> str:
    """Return the name of one tier's topic, such as `alerting-retry-30s`."""
    return f"alerting-retry-{_text(delay)}"


def own_topics(delays: Iterable[timedelta]) -> list[Topic]:
    """Return the topics the service creates at start."""
    retries = [_topic(retry_topic(delay), PARTITIONS, RETRY_HOURS) for delay in delays]
    return [*retries, DEAD_LETTER_TOPIC]


def _text(delay: timedelta) -> str:
    millis = round(delay / timedelta(milliseconds=1))
    for size, unit in ((3_600_000, "h"), (60_000, "m"), (1000, "s")):
        if millis % size == 0:
            return f"{millis // size}{unit}"
    return f"{millis}ms"
