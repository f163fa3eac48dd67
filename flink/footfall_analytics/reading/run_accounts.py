"""Reads what became of the messages of one run, such as a replay."""

from dataclasses import replace

from confluent_kafka import Consumer
from footfall_health.shop import ACCOUNTS
from footfall_schemas.access_errors import asking
from footfall_schemas.partitions import partitions_of
from footfall_schemas.topics import RECORDED, Json

from footfall_analytics.planning.inputs import inputs
from footfall_analytics.reading.event_accounting import Account, accounts_of
from footfall_analytics.reading.tail import tail
from footfall_analytics.settings import AnalyticsSettings

LATELY = 100
"""Rows at the end of a partition among which a topic's account usually is."""
TIMEOUT = 5.0


def of_run(settings: AnalyticsSettings, input_prefix: str, *, is_own: bool) -> list[Account]:
    """Return what became of the messages that a replay has read, without the topics that held none.

    Args:
        settings: Where the broker and the registry are.
        input_prefix: Before the names of its input topics.
        is_own: These are the run's alone and it has read them to their ends. Others have grown since: of them, it has read
            what it accounts for.

    Raises:
        AccessRefusedError: The broker or the registry refuses the user.
        BrokerAwayError: The broker does not answer.
        RegistryUnavailableError: The registry does not answer.
        UnknownTopicError: There are no recorded accounts.
    """
    rows = _rows(settings, f"{settings.topic_prefix}{RECORDED}{ACCOUNTS}", input_prefix)
    held = {topic: count for topic, count in _held(settings, input_prefix).items() if count}
    return [
        replace(
            account,
            topic=account.topic.removeprefix(input_prefix),
            read=account.read if is_own else account.read - account.open,
        )
        for account in accounts_of(held, rows)
    ]


def _held(settings: AnalyticsSettings, input_prefix: str) -> dict[str, int]:
    """Return how many messages each input topic has: a job that ends commits no offsets for its last stretch."""
    client = settings.librdkafka()
    consumer = Consumer(client | {"group.id": "footfall-tail", "enable.auto.commit": False})
    found: dict[str, int] = {}
    try:
        for topic in (input_prefix + name for names in inputs().values() for name in names):
            with asking(client, f"read topic {topic}"):
                ends = [
                    consumer.get_watermark_offsets(place, timeout=TIMEOUT)
                    for place in partitions_of(consumer, topic, timeout=TIMEOUT)
                ]
            found[topic] = sum(end - begin for begin, end in ends)
    finally:
        consumer.close()
    return found


def _rows(settings: AnalyticsSettings, accounts: str, input_prefix: str) -> list[Json]:
    registry = settings.registry()
    topics = {input_prefix + name for names in inputs().values() for name in names}
    for last in (LATELY, 1 << 40):
        found = tail(settings.librdkafka(), registry, accounts, last=last, follow=False)
        rows = [row for row in found if row is not None]
        if topics <= {row.get("topic") for row in rows}:
            break
    return rows
