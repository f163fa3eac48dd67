"""Command `footfall report`: the panels of a past range as one HTML file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from footfall_chassis.one_line import one_line_errors


def report(
    begin: Annotated[
        str,
        typer.Option("--from", help="Begin, such as 2026-03-01 or '2026-03-01 18:30', in the shop's time zone."),
    ],
    end: Annotated[
        str | None,
        typer.Option("--to", help="End, likewise, not part of it; now if left out. At most seven days later."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path("report.html"),
) -> None:
    """Write the live page's panels of a past range into one HTML file that needs nothing but a browser."""
    from footfall_dashboard.report.making import make  # noqa: PLC0415
    from footfall_dashboard.settings import DashboardSettings  # noqa: PLC0415

    settings = DashboardSettings.load_or_exit()
    with one_line_errors():
        typer.echo(make(settings, begin, end, output, datetime.now(UTC)))
