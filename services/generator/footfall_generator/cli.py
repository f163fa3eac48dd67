"""`footfall generate`: a simulated shop's events, as many, as fast and as faulty as wanted."""

import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from footfall_chassis.one_line import one_line_errors
from typer.models import OptionInfo

from footfall_generator import options
from footfall_generator.faults.fault_injection import Faults
from footfall_generator.generate import Workload, generate_events
from footfall_generator.settings import GeneratorSettings
from footfall_generator.shutdown import stop_on_signals

DURATION = "1m"
"""How long the shop is open unless told."""
MAX_RATE_DENSITY = 1000.0
"""Events per second of event time at `--rate max` unless told."""


def _percent(help_text: str) -> OptionInfo:
    option: OptionInfo = typer.Option(min=0, max=100, help=help_text, rich_help_panel="Faults")
    return option


def _setting(help_text: str, *, lowest: float | None = None, highest: float | None = None) -> OptionInfo:
    option: OptionInfo = typer.Option(help=help_text, show_default=False, min=lowest, max=highest)
    return option


def generate(
    *,
    rate: Annotated[str, _setting("Events per second of all streams, or 'max'; default GENERATOR_RATE.")] = "",
    duration: Annotated[str, _setting(f"Event time to fill, such as 30s, 10m, 2h; default {DURATION}.")] = "",
    events: Annotated[int | None, _setting("Stop after N events.", lowest=1)] = None,
    seed: Annotated[int | None, _setting("Same seed and start, same bytes; default GENERATOR_SEED.", lowest=0)] = None,
    start: Annotated[str, _setting("Event time of the first event, ISO 8601; default now.")] = "",
    shop_rate: Annotated[
        float | None,
        _setting(
            f"Events per second of event time at --rate max; default {MAX_RATE_DENSITY:g}.",
            lowest=0.001,
            highest=options.MAX_SHOP_RATE,
        ),
    ] = None,
    users: Annotated[int | None, _setting("Default GENERATOR_USERS.", lowest=1, highest=50_000_000)] = None,
    products: Annotated[int | None, _setting("Default GENERATOR_PRODUCTS.", lowest=1, highest=5_000_000)] = None,
    lead_time: Annotated[str, typer.Option(help="Mean time from ordering stock to its arrival.")] = "3m",
    refund_share: Annotated[
        float | None, _setting("Share of purchased lines to refund, 0 to 1; default GENERATOR_REFUND_SHARE.")
    ] = None,
    currencies: Annotated[
        str | None, _setting("Currencies that shoppers pay in, such as EUR,SEK; default GENERATOR_CURRENCIES.")
    ] = None,
    topic_prefix: Annotated[str | None, _setting("Prefix of every topic; default GENERATOR_TOPIC_PREFIX.")] = None,
    dimensions: Annotated[bool, typer.Option(help="Publish products, users and categories first.")] = True,
    price_changes: Annotated[bool, typer.Option(help="Change a product's price every minute of event time.")] = False,
    out_of_order: Annotated[float, _percent("Percent of events held back by up to --max-disorder.")] = 0.0,
    max_disorder: Annotated[
        str,
        typer.Option(
            help="Longest hold-back of an event out of order; keep it below the watermark delay.",
            rich_help_panel="Faults",
        ),
    ] = "4s",
    late: Annotated[float, _percent("Percent of events held back by up to --max-delay, beyond any watermark.")] = 0.0,
    max_delay: Annotated[str, typer.Option(help="Longest hold-back of a late event.", rich_help_panel="Faults")] = "1m",
    duplicates: Annotated[float, _percent("Percent of events sent twice, byte for byte.")] = 0.0,
    poison: Annotated[float, _percent("Percent of unreadable messages to add.")] = 0.0,
    close_windows: Annotated[
        bool, typer.Option(help="End past events with a far later one in every partition, to close their windows.")
    ] = False,
    close_after: Annotated[str, typer.Option(help="How much later the events of --close-windows are.")] = "1h",
    ledger: Annotated[
        Path | None, typer.Option(help="Also write every message to this file, as JSON lines; slower.", dir_okay=False)
    ] = None,
) -> None:
    """Publish the events of a simulated shop to Kafka.

    Event time passes at the rate; `--rate max` merely does not wait for the clock. Ctrl-C ends it in good order.
    """
    settings = GeneratorSettings.load_or_exit()
    wall_rate = options.rate(rate) if rate else settings.rate
    unpaced = wall_rate == float("inf")
    if shop_rate is not None and not unpaced:
        raise typer.BadParameter("--shop-rate needs --rate max; otherwise event time passes at --rate")
    try:
        faults = Faults(
            out_of_order, late, duplicates, poison, options.duration(max_disorder), options.duration(max_delay)
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    workload = Workload(
        rate=(shop_rate or MAX_RATE_DENSITY) if unpaced else wall_rate,
        paced=not unpaced,
        start=options.start(start) if start else None,
        duration=_duration(duration, events),
        events=events,
        seed=settings.seed if seed is None else seed,
        users=users or settings.users,
        products=products or settings.products,
        lead_time=options.duration(lead_time),
        refund_share=settings.refund_share if refund_share is None else options.share(refund_share),
        currencies=settings.currencies if currencies is None else options.currencies(currencies),
        topic_prefix=settings.topic_prefix if topic_prefix is None else options.topic_prefix(topic_prefix),
        dimensions=dimensions,
        price_changes=price_changes,
        faults=faults,
        close_after=options.duration(close_after) if close_windows else None,
    )
    if workload.closes_after(time.time_ns() // 1_000_000):
        raise typer.BadParameter(
            "the closing events would lie in the future; a shop of today closes its windows by itself when it is quiet "
            "(ANALYTICS_QUIET_MARGIN). Leave --close-windows out, or open the shop earlier with --start",
            param_hint="--close-windows",
        )
    with ExitStack() as files:
        try:
            out = files.enter_context(ledger.open("w", encoding="utf-8")) if ledger else None
        except OSError as error:
            raise typer.BadParameter(f"{ledger}: {error.strerror}", param_hint="--ledger") from error
        with one_line_errors(ctrl_c=None):
            complete = generate_events(workload, settings, out, stop_on_signals())
    if not complete:
        raise typer.Exit(1)


def _duration(text: str, events: int | None) -> timedelta | None:
    if text:
        return options.duration(text)
    return None if events is not None else options.duration(DURATION)
