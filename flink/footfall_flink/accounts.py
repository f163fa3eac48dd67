"""What became of every message of the input topics: a table for `footfall status`, and at the end of a replay."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from confluent_kafka import Consumer, KafkaException
from footfall_schemas.refusal import AccessRefusedError
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import RECORDED, Json
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


def table_of(accounts: Collection[Account], *, ended: bool = False) -> Table:
    """Return the accounts as a table whose lines add up.

    Args:
        accounts: A line each.
        ended: The run is over: nothing is open any more, unless something is wrong.
    """
    shows_open = not ended or any(account.open for account in accounts)
    heads = ["messages", "read", "= counted", "+ duplicate", "+ late", "+ dead", *(["+ open"] if shows_open else [])]
    table = Table(*heads, box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for account in accounts:
        numbers = [account.read, account.counted, account.duplicates, account.late, account.dead]
        numbers += [account.open] if shows_open else []
        table.add_row(account.topic, *(f"{number:,}" if number >= 0 else f"[red]{number:,}[/]" for number in numbers))
    return table


def of_run(settings: AnalyticsSettings, input_prefix: str, *, is_own: bool) -> list[Account]:
    """Return what became of the messages that a replay has read, without the topics that held none.

    Args:
        settings: Where the broker and the registry are.
        input_prefix: Before the names of its input topics.
        is_own: These are the run's alone and it has read them to their ends. Others have grown since: of them, it has read
            what it accounts for.

    Raises:
        AccessRefusedError: The broker or the registry refuses the user.
        KafkaException: The broker does not answer.
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


def complaints(accounts: Iterable[Account], *, in_order: bool) -> list[str]:
    """Return what is not as it should be once a replay has ended, a line each.

    Args:
        accounts: Of its input topics.
        in_order: The events came in order of their time.
    """
    late = [account for account in accounts if in_order and account.late]
    lost = [account for account in accounts if account.open]
    return [
        *(
            f"{account.late:,} of {account.read:,} messages of {account.topic} were late, though they came in order of time: "
            "footfall tail --recorded late-events lists them"
            for account in late
        ),
        *(
            f"{account.open:,} of {account.read:,} messages of {account.topic} are not accounted for: the results are not "
            "complete, or an earlier run that was killed holds them back for as long as ANALYTICS_TRANSACTION_TIMEOUT"
            for account in lost
        ),
    ]


def status() -> Table | str:
    """Return what `footfall status` shows of the job's input."""
    settings = AnalyticsSettings.load_or_exit()
    try:
        # Offsets last: whatever an account speaks of has been read by then.
        rows = _rows(settings, settings.topic_prefix + ACCOUNTS, settings.topic_prefix)
        return table_of(accounts_of(_read(settings, settings.topic_prefix), rows))
    except (AccessRefusedError, KafkaException, RegistryUnavailableError, UnknownTopicError) as error:
        return f"What became of the messages is not known: {error}"


def _read(settings: AnalyticsSettings, input_prefix: str) -> dict[str, int]:
    """Return how many offsets of each topic the job's consumer group has committed.

    Those of transaction markers and of aborted messages are among them, if a producer uses transactions.
    """
    found = {}
    for table, names in SOURCES.items():
        group = f"{settings.job_name}-{table}"
        consumer = Consumer(settings.librdkafka() | {"group.id": group, "enable.auto.commit": False})
        try:
            for name in names:
                topic = input_prefix + name
                places = partitions_of(consumer, topic, timeout=TIMEOUT)
                found[topic] = sum(max(place.offset, 0) for place in consumer.committed(places, timeout=TIMEOUT))
        finally:
            consumer.close()
    return found


def _held(settings: AnalyticsSettings, input_prefix: str) -> dict[str, int]:
    """Return how many messages each input topic has: a job that ends commits no offsets for its last stretch."""
    consumer = Consumer(settings.librdkafka() | {"group.id": "footfall-tail", "enable.auto.commit": False})
    found: dict[str, int] = {}
    try:
        for topic in (input_prefix + name for names in SOURCES.values() for name in names):
            ends = (
                consumer.get_watermark_offsets(place, timeout=TIMEOUT)
                for place in partitions_of(consumer, topic, timeout=TIMEOUT)
            )
            found[topic] = sum(end - begin for begin, end in ends)
    finally:
        consumer.close()
    return found


def _rows(settings: AnalyticsSettings, accounts: str, input_prefix: str) -> list[Json]:
    registry = settings.registry()
    topics = {input_prefix + name for names in SOURCES.values() for name in names}
    for last in (LATELY, 1 << 40):
        found = tail(settings.librdkafka(), registry, accounts, last=last, follow=False)
        rows = [row for row in found if row is not None]
        if topics <= {row.get("topic") for row in rows}:
            break
    return rows
