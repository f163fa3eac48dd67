"""Commands of analytics: `footfall tail`, `reset-state`; `footfall sql` is in adhoc/cli.py, `backfill` in backfill_cli.py."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from footfall_chassis.one_line import one_line_errors
from rich.console import Console

from footfall_analytics.reading.render import lines_of, table_of
from footfall_analytics.settings import AnalyticsSettings

console = Console()


def tail(
    topic: Annotated[str, typer.Argument(help="Name of the topic, such as revenue_per_minute.")],
    last: Annotated[
        int, typer.Option("--last", "-n", min=0, help="Start with the last N rows of each partition.")
    ] = 10,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", "-f/-F", help="Keep printing new rows.")] = True,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Read the results of the last replay instead of the live ones.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """Print committed rows of a topic as they come."""
    from footfall_analytics.reading.tail import recorded_topic  # noqa: PLC0415
    from footfall_analytics.reading.tail import tail as rows_of  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    registry = settings.registry()
    with one_line_errors():
        name = recorded_topic(topic, settings.topic_prefix) if recorded else topic
        rows = rows_of(settings.librdkafka(), registry, name, last=last, follow=follow)
        if as_json:
            for row in rows:
                if row is not None:
                    print(json.dumps(row, ensure_ascii=False), flush=True)
        else:
            _print_tables(topic, rows)


def reset_state(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete the job's checkpoints: it then starts from scratch and writes duplicates of everything it has committed."""
    from footfall_analytics.running.rest import FlinkRest, FlinkUnavailableError  # noqa: PLC0415
    from footfall_analytics.running.snapshots import forget  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    jobs = [settings.model_copy(update={"job": job}) for job in ("all", "stock")]
    try:
        with FlinkRest(settings.flink_rest_url) as rest:
            names = [each.name_in_flink for each in jobs]
            alive = [job.id for name in names for job in rest.jobs(name) if job.is_alive]
    except FlinkUnavailableError:
        alive = []
    if alive:
        print(f"footfall: job {alive[0]} is running; run `footfall stop` first", file=sys.stderr)
        raise typer.Exit(1)
    if not yes:
        typer.confirm(f"Delete all state of the job in {jobs[0].state_dir}?", abort=True)
    for each in jobs:
        forget(each.state_dir)


def _print_tables(topic: str, rows: Iterator[dict[str, object] | None]) -> None:
    """Print rows in tables, a new one whenever there was a pause; a table needs all its rows to align them."""
    pending: list[dict[str, object]] = []
    for row in rows:
        if row is not None:
            pending.append(row)
        elif pending:
            _print_rows(topic, pending)
            pending = []
    if pending:
        _print_rows(topic, pending)


def _print_rows(topic: str, rows: list[dict[str, object]]) -> None:
    table = table_of(topic, rows)
    if table.__rich_measure__(console, console.options).maximum <= console.width:
        console.print(table)
        return
    for line in lines_of(rows):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
