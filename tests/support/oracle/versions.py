"""Dimensions as they were at any time."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from support.oracle.rows import Row

_DELETED = "deleted"


def deletion(key: str, name: str, when: datetime) -> Row:
    """Return what a message without a value says: from then on there is no row of this name."""
    return {key: name, "updated_at": when, _DELETED: True}


class Versions:
    """Every version of the rows of one dimension.

    Args:
        rows: In the order in which they were published, deletions included; of two of one moment the later one counts.
        key: Field that names the row.
    """

    def __init__(self, rows: Iterable[Row], key: str) -> None:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            found[row[key]].append(row)
        self._versions = {name: sorted(rows, key=lambda row: row["updated_at"]) for name, rows in found.items()}
        self._times = {name: [row["updated_at"] for row in rows] for name, rows in self._versions.items()}

    def as_of(self, name: str | None, when: datetime) -> Row | None:
        """Return the version that was valid then; None if there was none."""
        if name is None or name not in self._versions:
            return None
        place = bisect_right(self._times[name], when)
        version = self._versions[name][place - 1] if place else None
        return None if version is None or _DELETED in version else version
