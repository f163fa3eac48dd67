"""What became of every message: counted, a duplicate, late or dead."""

from collections.abc import Iterable

from support.oracle.facts import IDENTITIES, Facts
from support.oracle.rows import MINUTE, Row, minute_of


def event_accounting(facts: Facts) -> list[Row]:
    rows = [
        {
            "topic": name,
            "counted": _complete(facts, facts.counted[name]),
            "duplicates": len(facts.duplicates[name]),
            "late": facts.late[name],
            "dead": facts.dead[name],
        }
        for name in IDENTITIES
    ]
    return [row for row in rows if any(value for value in row.values() if value != row["topic"])]


def still_open(facts: Facts, name: str) -> int:
    """Return how many events of a topic count, but in minutes that are not complete."""
    return len(facts.counted[name]) - _complete(facts, facts.counted[name])


def _complete(facts: Facts, rows: Iterable[Row]) -> int:
    return sum(minute_of(row) + MINUTE <= facts.until for row in rows)
