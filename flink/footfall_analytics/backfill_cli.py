"""Command `footfall backfill`: one run over events of the past, or one stage of it."""

import re
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer
from footfall_chassis.one_line import one_line_errors
from footfall_health.shop import ACCOUNTS
from rich.console import Console

from footfall_analytics.settings import AnalyticsSettings

if TYPE_CHECKING:
    from footfall_analytics.running.backfill import Backfill

STAGES = ("create", "run", "start", "drain", "delete")
console = Console()
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*-")


def backfill(
    prefix: Annotated[
        str,
        typer.Argument(help="Prefix of the input topics, such as replay-1a2b-; leave it out to read the live topics."),
    ] = "",
    stage: Annotated[
        str,
        typer.Option(
            help="One step: create the topics, run to their end, start without an end, drain, or delete what is left."
        ),
    ] = "run",
    own_categories: Annotated[
        bool,
        typer.Option(
            "--own-categories",
            help="With --stage create: create a topic of categories, too, to use instead of the shop's.",
        ),
    ] = False,
    keep_recorded: Annotated[
        bool, typer.Option("--keep-recorded", help="Keep the results of earlier runs and add to them.")
    ] = False,
    in_order: Annotated[
        bool, typer.Option("--in-order", help="Expect events in order of time: warn if any is late.")
    ] = False,
) -> None:
    """Run the job once over past events, beside the live job; `footfall replay` does every step.

    Results go to topics of their own, recorded-…, in place of those of the run before.
    """
    from footfall_analytics.running.backfill import Backfill  # noqa: PLC0415
    from footfall_analytics.running.rest import FlinkRest  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    if stage not in STAGES:
        raise typer.BadParameter(f"unknown stage {stage!r} (choose {', '.join(STAGES)})", param_hint="--stage")
    if prefix and (prefix == settings.topic_prefix or not _PREFIX.fullmatch(prefix)):
        raise typer.BadParameter(
            f"{prefix!r} must be letters, digits and - with a - at the end, and not the live topics' own prefix",
            param_hint="PREFIX",
        )
    with one_line_errors(), FlinkRest(settings.flink_rest_url) as rest:
        run = Backfill(settings, prefix, rest)
        match stage:
            case "create":
                run.require_place()
                run.create_topics(categories=own_categories)
            case "delete":
                run.discard(keep_recorded=keep_recorded)
            case "start":
                run.start(bounded=False, keep_recorded=keep_recorded)
            case _:
                started = time.monotonic()
                with console.status("planning, submitting and computing"):
                    job_id = run.drain() if stage == "drain" else run.start(bounded=True, keep_recorded=keep_recorded)
                    run.wait(job_id)
                seconds = time.monotonic() - started
                console.print(f"job {job_id} finished in {seconds:.1f} s; every window is closed and committed")
                _account(run, in_order=in_order)
                run.clean_up()
    if stage in {"drain", "run"} and settings.postgres_recorded:
        from footfall_analytics.postgres.cli import recorded  # noqa: PLC0415

        recorded()


def _account(run: "Backfill", *, in_order: bool) -> None:
    """Print what became of the run's messages."""
    from confluent_kafka import KafkaException  # noqa: PLC0415
    from footfall_schemas.errors import FootfallError  # noqa: PLC0415

    from footfall_analytics.reading.event_accounting import complaints, table_of  # noqa: PLC0415
    from footfall_analytics.reading.run_accounts import of_run  # noqa: PLC0415

    chosen = run.settings.chosen_views
    if chosen is not None and ACCOUNTS not in chosen:
        print(f"Cannot account for the messages: ANALYTICS_VIEWS leaves out {ACCOUNTS}")
        return
    try:
        found = of_run(run.settings, run.input_prefix, is_own=bool(run.prefix))
    except (FootfallError, KafkaException) as error:
        print(f"Cannot account for the messages: {error}")
        return
    console.print(table_of(found, ended=True))
    for complaint in complaints(found, in_order=in_order):
        print(f"footfall: {complaint}", file=sys.stderr)
