"""What has been read is counted, a copy, late, dead or still open."""

from footfall_analytics.reading.event_accounting import Account, accounts_of, complaints, status, table_of
from footfall_health.observed import Accounts, Broker, Silence
from rich.console import Console
from rich.table import Table

from support.health import FINE, seen


def row(topic: str, counted: int, duplicates: int = 0, late: int = 0, dead: int = 0) -> dict[str, object]:
    return {"topic": topic, "counted": counted, "duplicates": duplicates, "late": late, "dead": dead}


def test_the_latest_row_of_a_topic_counts_and_the_rest_is_open() -> None:
    rows = [row("clickstream", 5), row("checkouts", 2, late=1), row("clickstream", 80, 3, 2, 1)]

    clicks, checkouts, moves = accounts_of({"clickstream": 100, "checkouts": 3, "inventory-updates": 4}, rows)

    assert clicks == Account("clickstream", 100, 80, 3, 2, 1)
    assert clicks.open == 14
    assert checkouts.open == 0
    assert moves == Account("inventory-updates", 4)
    assert moves.open == 4


def shown(*accounts: Account, ended: bool = False) -> list[list[str]]:
    console = Console(width=100, record=True, file=None, force_terminal=False)
    console.print(table_of(accounts, ended=ended))
    return [line.split() for line in console.export_text().splitlines()]


def test_the_table_adds_up() -> None:
    assert shown(Account("clickstream", 12_345, 12_000, 300, 20, 10))[-2] == [
        "clickstream",
        "12,345",
        "12,000",
        "300",
        "20",
        "10",
        "15",
    ]


def test_at_the_end_of_a_run_nothing_is_open_and_what_is_all_the_same_is_shown() -> None:
    whole, torn = Account("clickstream", 10, 6, 2, 1, 1), Account("checkouts", 10, 6)

    assert shown(whole, ended=True)[-2] == ["clickstream", "10", "6", "2", "1", "1"]
    assert shown(whole, torn, ended=True)[-2] == ["checkouts", "10", "6", "0", "0", "0", "4"]


def test_late_messages_of_a_run_in_order_and_unaccounted_ones_of_any_are_complained_of() -> None:
    late, torn, double = (
        Account("clickstream", 1_000, 998, late=2),
        Account("checkouts", 10, 6),
        Account("refunds", 1, 2),
    )

    assert complaints([late], in_order=False) == []
    assert [line.split(" were late")[0] for line in complaints([late], in_order=True)] == [
        "2 of 1,000 messages of clickstream"
    ]
    assert [line.split(" are not")[0] for line in complaints([torn, double], in_order=True)] == [
        "4 of 10 messages of checkouts",
        "-1 of 1 messages of refunds",
    ]


def test_a_shop_without_messages_is_told_from_one_of_which_nothing_is_known() -> None:
    assert isinstance(status(FINE), Table)
    assert status(seen(broker=Broker(), accounts=Accounts())) == "No message has been read yet."
    assert status(seen(broker=Silence("no answer within 1.5 s"))) == "Cannot account for the messages."
