"""SQL as text: placeholders, literals, durations and options, and the files it comes from."""

import re
from datetime import timedelta
from pathlib import Path

from footfall_schemas.errors import PermanentError

SQL_ROOT = Path(__file__).resolve().parents[2] / "sql"
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


class PlanError(PermanentError, ValueError):
    """The SQL files do not make a job; the message names the file."""


def read_folder(folder: Path) -> dict[str, str]:
    """Return the statements of a folder, and of folders in it, by the name of their file.

    Raises:
        PlanError: Two files have one name.
    """
    return {name: path.read_text().strip().removesuffix(";") for name, path in files_of(folder).items()}


def files_of(folder: Path) -> dict[str, Path]:
    """Return the SQL files of a folder, and of folders in it, by their name.

    Raises:
        PlanError: Two files have one name.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.sql")):
        if path.stem in found:
            raise PlanError(f"{found[path.stem]} and {path} have the same name; rename one of them and its view")
        found[path.stem] = path
    return found


def fill(name: str, sql: str, values: dict[str, str]) -> str:
    """Return SQL with its placeholders filled.

    Raises:
        PlanError: There is no such placeholder; the message names the file.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise PlanError(f"{name}.sql: unknown placeholder {match[0]}; choose from {', '.join(sorted(values))}")
        return values[match[1]]

    return _PLACEHOLDER.sub(value, sql)


def options_text(options: dict[str, str]) -> str:
    """Return options as CREATE TABLE lists them."""
    return ",\n  ".join(f"'{name}' = '{literal(value)}'" for name, value in options.items())


def literal(text: str) -> str:
    """Return text as it stands between the quotes of an SQL literal."""
    return text.replace("'", "''")


def milliseconds(duration: timedelta) -> str:
    """Return a duration as Flink options write it."""
    return f"{int(duration.total_seconds() * 1000)} ms"


def interval(duration: timedelta) -> str:
    """Return a duration as an SQL interval."""
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    milliseconds = duration.microseconds // 1000
    return f"INTERVAL '{duration.days} {hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}' DAY TO SECOND(3)"


def bigint_millis(duration: timedelta) -> str:
    """Return a duration as functions take it: a literal of fewer digits would be an INT, which they refuse."""
    return f"CAST({duration // timedelta(milliseconds=1)} AS BIGINT)"
