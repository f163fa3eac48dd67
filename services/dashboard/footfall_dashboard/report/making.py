"""Makes a report: reads, draws, writes."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from footfall_schemas.errors import PermanentError

from footfall_dashboard import page
from footfall_dashboard.live.view import Range
from footfall_dashboard.report.content import content_of
from footfall_dashboard.report.html import render
from footfall_dashboard.report.ranges import ReportRangeError, range_of, shown
from footfall_dashboard.report.reading import Past, read
from footfall_dashboard.settings import DashboardSettings

PAGE = Path(page.__file__).parent


class OutputError(PermanentError, ValueError):
    """The file cannot be written."""


def make(settings: DashboardSettings, begin: str, end: str | None, output: Path, now: datetime) -> str:
    """Write a report and return what to tell of it.

    Args:
        settings: Of the page.
        begin: Option `--from`.
        end: Option `--to`.
        output: File to write; one that is there is replaced.
        now: The clock.

    Raises:
        AccessRefusedError: The broker or the registry refuses the user.
        BrokerAwayError: The broker does not answer.
        OutputError: The file cannot be written.
        RegistryUnavailableError: A schema cannot be looked up.
        ReportRangeError: There is no such range, or nothing in it.
        TooMuchToReadError: Reading took too long.
    """
    asked = range_of(begin, end, settings.zone, now)
    if output.is_dir() or not output.absolute().parent.is_dir():
        raise OutputError(f"--output {output} is no file in a folder that is there")
    registry = settings.registry()
    try:
        past = read(settings.librdkafka(), registry.schema, settings.topic_prefix, settings.zone, asked)
    finally:
        registry.close()
    content = content_of(past, settings.zone, asked, now)
    rows = _require_rows(past, asked, settings)
    text = render(PAGE, content)
    write(output, text)
    drawn = sum(bool(panel["rows"]) for panel in content["data"].values())
    return (
        f"{output}: {drawn} of {len(content['data'])} panels from {rows:,} rows, {len(text.encode()) / 1000:,.0f} kB; "
        "open it in a browser"
    )


def write(output: Path, text: str) -> None:
    """Write a file, all of it or nothing.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        with tempfile.NamedTemporaryFile("w", dir=output.absolute().parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        # The file of a program that made it for itself can be read by nobody else.
        os.chmod(file.name, 0o644)  # noqa: PTH101
        Path(file.name).replace(output)
    except OSError as error:
        raise OutputError(f"--output {output} cannot be written: {error.strerror}") from error


def _require_rows(past: Past, asked: Range, settings: DashboardSettings) -> int:
    if rows := past.size(asked):
        return rows
    begin, end = (shown(time, settings.zone) for time in (asked.begin, asked.end) if time)
    newest = (
        f"the newest row is of {shown(past.newest, settings.zone)}" if past.newest else "no newer row is there either"
    )
    raise ReportRangeError(f"the topics hold nothing from {begin} to {end}, {newest}: write another --from and --to")
