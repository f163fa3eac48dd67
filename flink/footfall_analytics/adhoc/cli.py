"""Commands `footfall sql` and `footfall sql plan`."""

from datetime import timedelta
from typing import Annotated, TextIO

import typer
from footfall_chassis.durations import parse_duration
from footfall_chassis.one_line import one_line_errors
from rich.console import Console

from footfall_analytics.settings import AnalyticsSettings

INTERRUPTED = 130
"""Exit code that shells give Ctrl-C."""

sql = typer.Typer(help="Query the streams in SQL (-e, -f, or Flink's SQL client); `plan` prints the job's own script.")


@sql.callback(invoke_without_command=True)
def ask(
    context: typer.Context,
    execute: Annotated[
        str | None, typer.Option("--execute", "-e", help="Run these statements, separated by ;.")
    ] = None,
    file: Annotated[
        typer.FileText | None,
        typer.Option("--file", "-f", encoding="utf-8", help="Run the statements in this file; - reads standard input."),
    ] = None,
    batch: Annotated[bool, typer.Option("--batch", "-b", help="Read what is there now, then stop.")] = False,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Read the results of the last replay instead of the live ones.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Stop each result after N rows.")] = 0,
    timeout: Annotated[str | None, typer.Option(help="Stop after this long, such as 30s.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """Query the streams in SQL. Each topic is a table of the same name, with _ for -; SHOW TABLES lists them.

    Without -e or -f, Flink's SQL client opens. Queries run in a separate Flink, beside the running job.
    """
    if context.invoked_subcommand is not None:
        return
    if execute is not None and file is not None:
        raise typer.BadParameter("choose either -e or -f", param_hint="-f")
    text = execute if file is None else _text(file)
    seconds = _seconds(timeout)
    settings = AnalyticsSettings.load_or_exit()
    if text is None:
        raise typer.Exit(_open_client(settings, bounded=batch, recorded=recorded))
    _answer(settings, text, bounded=batch, recorded=recorded, limit=limit, timeout=seconds, as_json=as_json)


@sql.command("plan")
def plan_command(
    view: Annotated[list[str] | None, typer.Option(help="Plan only this view; repeatable.")] = None,
) -> None:
    """Print the complete script of the job, as Flink's SQL client takes it."""
    from footfall_analytics.planning.script import build_script  # noqa: PLC0415

    with one_line_errors():
        print(build_script(AnalyticsSettings.load_or_exit(), views=view).text())


def _open_client(settings: AnalyticsSettings, *, bounded: bool, recorded: bool) -> int:
    from footfall_analytics.adhoc.checks import check_servers  # noqa: PLC0415
    from footfall_analytics.adhoc.client import open_client  # noqa: PLC0415

    with one_line_errors():
        check_servers(settings)
        return open_client(settings, bounded=bounded, recorded=recorded)
    raise AssertionError


def _answer(
    settings: AnalyticsSettings,
    text: str,
    *,
    bounded: bool,
    recorded: bool,
    limit: int,
    timeout: float | None,
    as_json: bool,
) -> None:
    from footfall_analytics.adhoc.checks import check_streams  # noqa: PLC0415
    from footfall_analytics.adhoc.present import show_json, show_tables  # noqa: PLC0415
    from footfall_analytics.adhoc.runner import QueryError, answers  # noqa: PLC0415
    from footfall_analytics.adhoc.script import statements  # noqa: PLC0415

    with one_line_errors():
        asked = statements(text)
        if not asked:
            raise QueryError("no statement to run")
        check_streams(settings, asked, recorded=recorded)
        found = answers(settings, asked, bounded=bounded, recorded=recorded, limit=limit, timeout=timeout)
        try:
            if as_json:
                show_json(found, changes=not bounded)
            else:
                show_tables(Console(), found, bounded=bounded)
        except KeyboardInterrupt:
            # The usual end of following a stream; of a bounded question, half an answer.
            raise typer.Exit(INTERRUPTED if bounded else 0) from None


def _text(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file.name} is not UTF-8 ({error.reason})", param_hint="-f") from None


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        duration: timedelta = parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--timeout") from None
    return duration.total_seconds()
