"""What became of every message of the input topics: a table for `footfall status`, and at the end of a replay. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from footfall_health.observed import OUTCOMES, Accounts, Broker, Observation
from footfall_health.report import messages
from footfall_schemas.topics import Json
from rich import box
from rich.table import Table


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
        Account(topic, count, *(latest.get(topic, {}).get(outcome, 0) for outcome in OUTCOMES))
        for topic, count in read.items()
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
            f"{account.late:,} of {account.read:,} messages of {account.topic} were late, although sent in order of time: "
            "list them with `footfall tail --recorded late-events`"
            for account in late
        ),
        *(
            f"{account.open:,} of {account.read:,} messages of {account.topic} are not accounted for: the results are not "
            "complete, or an earlier run that was killed holds them back for as long as ANALYTICS_TRANSACTION_TIMEOUT"
            for account in lost
        ),
    ]


def status(seen: Observation) -> Table | str:
    """Return what `footfall status` shows of the job's input."""
    if found := messages(seen):
        return table_of([Account(**each) for each in found])
    is_known = isinstance(seen.accounts, Accounts) and isinstance(seen.broker, Broker)
    return "No message has been read yet." if is_known else "Cannot account for the messages."
