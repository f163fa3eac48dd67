"""Names of Parquet files, and which of them is the newest. Pure."""

import re
from collections.abc import Iterable
from datetime import date

SUFFIX = ".parquet"
_NAME = re.compile(r"(?P<topic>.+)-(?P<partition>\d+)-(?P<first>\d+)\.parquet")


def path_of(day: date, topic: str, partition: int, first: int) -> str:
    """Return where a batch's file lies within its stream's folder; names sort as offsets do."""
    return f"day={day.isoformat()}/{topic}-{partition}-{first:020d}{SUFFIX}"


def newest(paths: Iterable[str], topic: str, partition: int) -> str | None:
    """Return the file of one partition with the greatest offsets; None if there is none."""
    found = []
    for path in paths:
        match = _NAME.fullmatch(path.rsplit("/", 1)[-1])
        if match and match["topic"] == topic and int(match["partition"]) == partition:
            found.append((int(match["first"]), path))
    return max(found)[1] if found else None
