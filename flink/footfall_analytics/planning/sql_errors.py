"""What Flink refuses in a statement, told by file and line, with the name that was probably meant. Pure."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_REFUSED = re.compile(r"org\.apache\.(?:flink\.table\.api\.\w*Exception|calcite\.\S*Exception): ")
"""The statement itself is wrong, whatever the cluster says."""
_CAUSE = re.compile(r"^(?:Caused by: |: )?[\w.$]+(?:Exception|Error): (.+)$", re.MULTILINE)
_PLACE = re.compile(r"\bline (\d+), column \d+")
_RANGE = re.compile(r"^From line \d+, column \d+(?: to line \d+, column \d+)?: ")
_UNKNOWN = re.compile(r"(?:Object|Column) '([^']+)' not found|function signature (\w+)\(|Unknown identifier '([^']+)'")
_LONGEST = 300
"""Characters of a reason; a signature may be thousands."""


def refusal(file: str, error: str, names: Iterable[str], *, before: int = 0) -> str | None:
    """Return why Flink does not take a statement, in one line.

    Args:
        file: Where the statement is.
        error: Java's stack trace.
        names: Tables, views, functions and columns that may have been meant.
        before: Lines of the file before those that Flink was shown.

    Returns:
        None if it is not the statement that is wrong.
    """
    if not _REFUSED.search(error):
        return None
    causes = _CAUSE.findall(error)
    place = next((int(found[1]) + before for cause in causes if (found := _PLACE.search(cause))), None)
    reason = _RANGE.sub("", causes[-1])[:_LONGEST]
    where = file if place is None else f"{file}, line {place}"
    return f"{where}: {reason}{_meant(reason, names)}"


def missing(view: str, wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    """Return a line for each column that a view's schema has and the view has not."""
    known = list(there)
    return [
        f"view {view} has no column {name}, which its schema has{hint(name, known)}"
        for name in wanted
        if name not in known
    ]


def _meant(reason: str, names: Iterable[str]) -> str:
    unknown = _UNKNOWN.search(reason)
    return hint(next(filter(None, unknown.groups())), names) if unknown else ""


def hint(name: str, names: Iterable[str]) -> str:
    """Return a question for the name that was probably meant; empty if none is like this one."""
    close = get_close_matches(name, sorted(set(names)), n=1)
    return f"; did you mean {close[0]}?" if close else ""
