"""`footfall publish`: a recorded file's events, at the speed that is asked for; `footfall replay` is built on it."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from footfall_chassis.one_line import one_line_errors
from footfall_chassis.settings import ConnectionSettings, check_topic_prefix

from footfall_generator.publish.progress import progress
from footfall_generator.replay.formats.known import DEFAULT, LONDON, NAMES, format_named
from footfall_generator.replay.formats.recorded import FormatError
from footfall_generator.replay.replay import ReplayError, replay_file
from footfall_generator.replay.result import ReplayResult
from footfall_generator.shutdown import stop_on_signals


def publish(
    file: Annotated[Path, typer.Argument(help="File of recorded events; may be gzipped.")],
    file_format: Annotated[str, typer.Option("--format", help=f"Format of the file: {', '.join(NAMES)}.")] = DEFAULT,
    currency: Annotated[
        str | None, typer.Option(help="Currency of the amounts; default CNY or GBP, by format.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help=f"Time zone of the local times in online-retail; default {LONDON}.")
    ] = None,
    speed: Annotated[str, typer.Option(help="'max', or a multiple of the recorded pace.")] = "max",
    order: Annotated[
        str, typer.Option(help="'time', or 'file' for the file's own order, however disordered.")
    ] = "time",
    limit: Annotated[int | None, typer.Option(help="Stop after N rows that become events.")] = None,
    resume_from: Annotated[int, typer.Option(help="First line to read, with --order file.")] = 1,
    categories: Annotated[Path | None, typer.Option(help="CSV of category_id and parent name, loaded first.")] = None,
    topic_prefix: Annotated[str, typer.Option(help="Prefix of every topic.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Publish nothing; check that the file can be read.")] = False,
) -> None:
    """Publish a recorded file's events."""
    with one_line_errors(called_wrongly=(ReplayError, FormatError), ctrl_c=None):
        settings = None if check else ConnectionSettings.load_or_exit()
        stop = stop_on_signals()
        with progress(f"publishing {file.name}", None) as report:
            result = replay_file(
                file,
                connection=settings,
                file_format=format_named(file_format, currency=currency, zone=zone),
                topic_prefix=_prefix(topic_prefix),
                order=_order(order),
                speed=_speed(speed),
                categories=categories,
                resume_from=resume_from,
                limit=limit,
                report=report,
                stop=stop,
            )
    if not check:
        _show(file, order, result)


def _order(order: str) -> Literal["time", "file"]:
    if order == "time":
        return "time"
    if order == "file":
        return "file"
    raise ReplayError(f"--order {order}: write time or file")


def _prefix(prefix: str) -> str:
    try:
        return check_topic_prefix(prefix)
    except ValueError as error:
        raise ReplayError(f"--topic-prefix {error}") from None


def _speed(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        return float(speed)
    except ValueError:
        raise ReplayError(f"--speed {speed}: write max or a number") from None


def _show(file: Path, order: str, result: ReplayResult) -> None:
    """Print what became of the file; a part of it is not what was asked for.

    Raises:
        typer.Exit: It was stopped before its end.
    """
    print(f"{file.name}: published and acknowledged")
    for line in result.lines():
        print(line)
    if result.interrupted:
        rest = f"; go on with --order file --resume-from {result.next_line}" if order == "file" else ""
        print(f"footfall: {file}: stopped before its end{rest}", file=sys.stderr)
        raise typer.Exit(1)
