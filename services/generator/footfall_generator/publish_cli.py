"""`footfall publish`: a recorded file's events, at the speed that is asked for; `footfall replay` is built on it."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from footfall_chassis.settings import ConnectionSettings
from footfall_schemas.registry import IncompatibleSchemaError
from rich.console import Console
from rich.table import Table

from footfall_generator.connect import UnavailableError
from footfall_generator.progress import progress
from footfall_generator.publisher import PublishingError
from footfall_generator.replay import ReplayError, ReplayResult, replay_file
from footfall_generator.stopping import stop_on_signals

FORMATS = ("userbehavior",)


def publish(
    file: Annotated[Path, typer.Argument(help="Recorded events.")],
    file_format: Annotated[str, typer.Option("--format", help="What the file holds: userbehavior.")] = FORMATS[0],
    speed: Annotated[str, typer.Option(help="'max', or how many times as fast as it happened.")] = "max",
    order: Annotated[str, typer.Option(help="'time', or 'file': as it stands, however disordered.")] = "time",
    categories: Annotated[Path | None, typer.Option(help="CSV of category_id and parent name, loaded first.")] = None,
    topic_prefix: Annotated[str, typer.Option(help="Put before clickstream and checkouts.")] = "",
) -> None:
    """Publish a recorded file's events."""
    try:
        settings = ConnectionSettings.load_or_exit()
        stop = stop_on_signals()
        with progress(f"publishing {file.name}", None) as report:
            result = replay_file(
                file,
                connection=settings,
                topic_prefix=topic_prefix,
                order=_order(order, file_format),
                speed=_speed(speed),
                categories=categories,
                report=report,
                stop=stop,
            )
    except ReplayError as error:
        print(f"footfall: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    except (UnavailableError, PublishingError, IncompatibleSchemaError) as error:
        print(f"footfall: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    _show(file, result)


def _order(order: str, file_format: str) -> Literal["time", "file"]:
    if file_format not in FORMATS:
        raise ReplayError(f"--format {file_format}: there is {', '.join(FORMATS)}")
    if order == "time":
        return "time"
    if order == "file":
        return "file"
    raise ReplayError(f"--order {order}: write time or file")


def _speed(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        return float(speed)
    except ValueError:
        raise ReplayError(f"--speed {speed}: write max or a number") from None


def _show(file: Path, result: ReplayResult) -> None:
    table = Table(title=f"{file.name}: published and acknowledged", title_justify="left")
    for name in ("events", "clicks", "checkouts", "malformed lines", "first", "last"):
        table.add_column(name, justify="right")
    first, last = (f"{when:%Y-%m-%d %H:%M:%S}" if when else "" for when in (result.first_time, result.last_time))
    counts = (result.events, result.clicks, result.checkouts, result.malformed)
    table.add_row(*(f"{count:,}" for count in counts), first, last)
    console = Console()
    console.print(table)
    for line in result.malformed_lines:
        console.print(f"line {line.number}: {line.reason}", markup=False)
    if result.malformed > len(result.malformed_lines):
        console.print(f"and {result.malformed - len(result.malformed_lines):,} more malformed lines")
