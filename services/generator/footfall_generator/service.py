"""The long-running generator: some minutes of history at once, then a gentle live stream until it is stopped."""

import time
from threading import Event

import structlog

from footfall_generator.events.clock import milliseconds
from footfall_generator.events.streams import CLICKS, DIMENSION_TOPICS, TOPICS
from footfall_generator.faults.fault_injection import Faults
from footfall_generator.publish.connect import prepare, record_count
from footfall_generator.publish.pacing import Pacer
from footfall_generator.publish.publisher import Publisher
from footfall_generator.run import Run, ShopSpec
from footfall_generator.settings import GeneratorSettings

log = structlog.get_logger()

LAST_FLUSH = 1.5
"""Seconds to wait for acknowledgements at the end; who stops us waits two."""


def serve(settings: GeneratorSettings, stop: Event) -> int:
    """Run until stopped; return the process's exit status.

    Raises:
        UnavailableError: Broker or registry was away for too long at the start, or until stopped.
        IncompatibleSchemaError: The registry knows another, incompatible schema.
        PublishingError: The producer failed for good.
    """
    schema_ids = prepare(settings, TOPICS, prefix=settings.topic_prefix, timeout=settings.connect_timeout, stop=stop)
    empty = _held(settings, CLICKS, stop) == 0
    now = time.time_ns() // 1_000_000
    spec = ShopSpec(
        start=now - milliseconds(settings.history) if empty else now,
        rate=settings.rate,
        seed=settings.seed,
        users=settings.users,
        products=settings.products,
        price_changes=True,
        refund_share=settings.refund_share,
        currencies=settings.currencies,
    )
    publisher = Publisher(settings.librdkafka(), prefix=settings.topic_prefix, stopped=stop.is_set)
    run = Run(spec, schema_ids, publisher, Faults(), stop)
    run.publish_dimensions(_missing_dimensions(settings, run, stop))
    run.publish_opening_stock()
    if empty:
        for _ in run.at_full_speed(until=now, events=None):
            pass
        log.info("history published", events=run.events, minutes=settings.history.total_seconds() / 60)
    log.info("live", rate=settings.rate, prefix=settings.topic_prefix)
    _go_live(run, publisher, settings, stop)
    missing = publisher.flush(LAST_FLUSH)
    lost = missing + publisher.failed.total() + publisher.dropped.total()
    log.info("stopped", events=run.events, acknowledged=publisher.acknowledged, lost=lost)
    return 1 if lost else 0


def _go_live(run: Run, publisher: Publisher, settings: GeneratorSettings, stop: Event) -> None:
    interval = settings.report_interval.total_seconds()
    next_report = time.monotonic() + interval
    for events in run.paced(Pacer(stop), until=None, events=None):
        if time.monotonic() >= next_report:
            log.info("events sent", events=events, acknowledged=publisher.acknowledged, waiting=publisher.waiting)
            next_report += interval


def _held(settings: GeneratorSettings, topic: str, stop: Event) -> int:
    return record_count(settings, [settings.topic_prefix + topic], timeout=settings.connect_timeout, stop=stop)


def _missing_dimensions(settings: GeneratorSettings, run: Run, stop: Event) -> tuple[str, ...]:
    """Return the dimension topics that cannot hold this shop yet; the others keep what live updates have changed."""
    catalog = run.shop.catalog
    sizes = {
        "categories": len(catalog.category_ids),
        "products": len(catalog.product_ids),
        "users": len(catalog.user_ids),
    }
    return tuple(name for name in DIMENSION_TOPICS if _held(settings, name, stop) < sizes[name])
