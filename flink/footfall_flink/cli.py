"""Commands of the core: `footfall tail`, `backfill`, `forget-state`; `footfall sql` is in adhoc/cli.py."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from footfall_flink.settings import AnalyticsSettings
from footfall_flink.show import lines_of, table_of

console = Console()


def tail(
    topic: Annotated[str, typer.Argument(help="Name of the topic, such as revenue_per_minute.")],
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="Begin with so many rows of each partition.")] = 10,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", "-f/-F", help="Go on with new rows.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print committed rows of a topic as they come."""
    from confluent_kafka import KafkaException  # noqa: PLC0415
    from footfall_schemas.refusal import AccessRefusedError  # noqa: PLC0415
    from footfall_schemas.registry import RegistryUnavailableError  # noqa: PLC0415

    from footfall_flink.tail import UnknownTopicError  # noqa: PLC0415
    from footfall_flink.tail import tail as rows_of  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    registry = settings.registry()
    with one_line_for(AccessRefusedError, KafkaException, RegistryUnavailableError, UnknownTopicError):
        rows = rows_of(settings.librdkafka(), registry, topic, last=last, follow=follow)
        if as_json:
            for row in rows:
                if row is not None:
                    print(json.dumps(row, ensure_ascii=False), flush=True)
        else:
            _print_tables(topic, rows)


def backfill(
    prefix: Annotated[str, typer.Argument(help="Prefix of the run's input topics, such as replay-1a2b-.")],
    stage: Annotated[
        str, typer.Option(help="create topics, run to the end, start without end, drain, or delete what is left.")
    ] = "run",
) -> None:
    """Run the core once over topics of their own, beside the live job; `footfall replay` does all of it."""
    from confluent_kafka import KafkaException  # noqa: PLC0415
    from footfall_schemas.refusal import AccessRefusedError  # noqa: PLC0415

    from footfall_flink.backfill import Backfill, BackfillError  # noqa: PLC0415
    from footfall_flink.launch import SubmitError  # noqa: PLC0415
    from footfall_flink.rest import FlinkRest, FlinkUnavailableError  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    expected = (AccessRefusedError, BackfillError, FlinkUnavailableError, KafkaException, SubmitError)
    with one_line_for(*expected), FlinkRest(settings.flink_rest_url) as rest:
        run = Backfill(settings, prefix, rest)
        match stage:
            case "create":
                run.create_topics()
            case "delete":
                run.discard()
            case "start":
                run.start(bounded=False)
            case "drain" | "run":
                started = time.monotonic()
                with console.status("planning, submitting and computing"):
                    job_id = run.start(bounded=True) if stage == "run" else run.drain()
                    run.wait(job_id)
                run.delete_topics()
                seconds = time.monotonic() - started
                console.print(f"job {job_id} finished in {seconds:.1f} s; every window is closed and committed")
            case _:
                raise typer.BadParameter(f"{stage!r} is no stage", param_hint="--stage")


def forget_state(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete the job's checkpoints, so that it starts from nothing and writes everything again."""
    from footfall_flink.rest import FlinkRest, FlinkUnavailableError  # noqa: PLC0415
    from footfall_flink.snapshots import forget  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    jobs = [settings.model_copy(update={"job": job}) for job in ("all", "stock")]
    try:
        with FlinkRest(settings.flink_rest_url) as rest:
            names = [each.name_in_flink for each in jobs]
            alive = [job.id for name in names for job in rest.jobs(name) if job.is_alive]
    except FlinkUnavailableError:
        alive = []
    if alive:
        print(f"footfall: job {alive[0]} runs; `footfall stop` first", file=sys.stderr)
        raise typer.Exit(1)
    if not yes:
        typer.confirm(f"Delete all state of the job in {jobs[0].state_dir}?", abort=True)
    for each in jobs:
        forget(each.state_dir)


@contextmanager
def one_line_for(*expected: type[Exception]) -> Iterator[None]:
    """Turn these errors into one line on standard error and exit code 1; Ctrl-C is no error."""
    try:
        yield
    except expected as error:
        print(f"footfall: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


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
