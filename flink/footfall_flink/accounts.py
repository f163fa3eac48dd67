"""What became of every message of the input topics: a table for `footfall status`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException
from footfall_schemas.refusal import AccessRefusedError
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import Json
from rich import box
from rich.table import Table

from footfall_flink.partitions import partitions_of
from footfall_flink.settings import AnalyticsSettings
from footfall_flink.tail import UnknownTopicError, tail

ACCOUNTS = "event_accounting"
SOURCES = {"shop_events": ("clickstream", "checkouts", "refunds"), "inventory_movements": ("inventory-updates",)}
"""Topics by the table that reads them; the job's consumer groups are named after the tables."""
FATES = ("counted", "duplicates", "late", "dead")
LATELY = 100
"""Rows at the end of a partition among which a topic's account usually is."""
TIMEOUT = 5.0


@dataclass(frozen=True)
class Account:
    """A topic's messages that the job has read, and what became of them."""

    topic: str
    read: int
    counted: int = 0
    duplicates: int = 0
    late: int = 0
    dead: int = 0

    @property
    def open(self) -> int:
        """Messages of windows that are not complete; below zero, some would have been counted twice."""
        return self.read - self.counted - self.duplicates - self.late - self.dead


def accounts_of(read: Mapping[str, int], rows: Iterable[Json]) -> list[Account]:
    """Return each topic's account.

    Args:
        read: How many messages of each topic have been read.
        rows: Rows of event_accounting, the latest of a topic last.
    """
    latest = {row["topic"]: row for row in rows if "topic" in row}
    return [
        Account(topic, count, *(latest.get(topic, {}).get(fate, 0) for fate in FATES)) for topic, count in read.items()
    ]


def table_of(accounts: Iterable[Account]) -> Table:
    """Return the accounts as a table whose lines add up."""
    table = Table("messages", "read", "= counted", "+ duplicate", "+ late", "+ dead", "+ open", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for account in accounts:
        numbers = (account.read, account.counted, account.duplicates, account.late, account.dead, account.open)
        table.add_row(account.topic, *(f"{number:,}" if number >= 0 else f"[red]{number:,}[/]" for number in numbers))
    return table


def status() -> Table | str:
    """Return what `footfall status` shows of the job's input."""
    settings = AnalyticsSettings.load_or_exit()
    try:
        # Offsets last: whatever an account speaks of has been read by then.
        rows = _rows(settings)
        return table_of(accounts_of(_read(settings), rows))
    except (AccessRefusedError, KafkaException, RegistryUnavailableError, UnknownTopicError) as error:
        return f"What became of the messages is not known: {error}"


def _read(settings: AnalyticsSettings) -> dict[str, int]:
    """Return how many offsets of each topic the job's consumer group has committed.

    Those of transaction markers and of aborted messages are among them, if a producer uses transactions.
    """
    found = {}
    for table, names in SOURCES.items():
        group = f"{settings.job_name}-{table}"
        consumer = Consumer(settings.librdkafka() | {"group.id": group, "enable.auto.commit": False})
        try:
            for name in names:
                topic = settings.topic_prefix + name
                places = partitions_of(consumer, topic, timeout=TIMEOUT)
                found[topic] = sum(max(place.offset, 0) for place in consumer.committed(places, timeout=TIMEOUT))
        finally:
            consumer.close()
    return found


def _rows(settings: AnalyticsSettings) -> list[Json]:
    registry = settings.registry()
    topics = {settings.topic_prefix + name for names in SOURCES.values() for name in names}
    for last in (LATELY, 1 << 40):
        found = tail(settings.librdkafka(), registry, settings.topic_prefix + ACCOUNTS, last=last, follow=False)
        rows = [row for row in found if row is not None]
        if topics <= {row.get("topic") for row in rows}:
            break
    return rows
