"""What has been read is counted, a copy, late, dead or still open."""

from footfall_flink.accounts import Account, accounts_of, table_of
from rich.console import Console


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


def test_the_table_adds_up() -> None:
    console = Console(width=100, record=True, file=None, force_terminal=False)
    console.print(table_of([Account("clickstream", 12_345, 12_000, 300, 20, 10)]))

    assert console.export_text().splitlines()[-2].split() == [
        "clickstream",
        "12,345",
        "12,000",
        "300",
        "20",
        "10",
        "15",
    ]
