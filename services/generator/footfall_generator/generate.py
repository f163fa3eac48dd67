"""Carries out one `footfall generate`: from the wish to the summary."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import TextIO

from footfall_generator.events.clock import milliseconds
from footfall_generator.events.rows import Rows
from footfall_generator.events.streams import TOPICS
from footfall_generator.faults.fault_injection import Faults
from footfall_generator.publish.connect import prepare
from footfall_generator.publish.ledger import Ledger
from footfall_generator.publish.pacing import Pacer
from footfall_generator.publish.progress import progress
from footfall_generator.publish.publisher import Publisher
from footfall_generator.run import Run, ShopSpec
from footfall_generator.settings import GeneratorSettings
from footfall_generator.summary import Stopwatch, fault_line, summary_lines

LAST_FLUSH = 60.0
"""Seconds to wait for acknowledgements at the end."""
LAST_FLUSH_STOPPED = 5.0
"""The same after a signal."""


@dataclass(frozen=True)
class Workload:
    """What to generate."""

    rate: float
    """Events per second of event time."""
    paced: bool
    """Whether event time waits for the clock."""
    start: int | None
    """Milliseconds since 1970; None: so that live events happen now, and unpaced ones end now."""
    duration: timedelta | None
    events: int | None
    seed: int
    users: int
    products: int
    lead_time: timedelta
    refund_share: float
    currencies: tuple[str, ...]
    topic_prefix: str
    dimensions: bool
    price_changes: bool
    faults: Faults
    close_after: timedelta | None
    """How much later than the last event the closing events happen; None: there are none."""

    def spec(self, now: int) -> ShopSpec:
        """Return the spec; `now` is in milliseconds since 1970."""
        start = self.start
        if start is None:
            start = now if self.paced else now - self.length
        return ShopSpec(
            start,
            self.rate,
            self.seed,
            self.users,
            self.products,
            self.lead_time,
            price_changes=self.price_changes,
            refund_share=self.refund_share,
            currencies=self.currencies,
        )

    @property
    def length(self) -> int:
        """Event time to fill, in milliseconds."""
        by_duration = milliseconds(self.duration) if self.duration else None
        by_events = round(self.events / self.rate * 1000) if self.events else None
        return min(each for each in (by_duration, by_events) if each is not None)

    def closes_after(self, now: int) -> bool:
        """Tell whether the closing events would lie ahead of the clock; `now` is in milliseconds since 1970."""
        if self.close_after is None:
            return False
        return self.spec(now).start + self.length + milliseconds(self.close_after) > now

    @property
    def total(self) -> int:
        """How many events to expect."""
        expected = round(self.length / 1000 * self.rate)
        return min(expected, self.events) if self.events else expected


class _Noting:
    """Sends messages and notes them in the ledger."""

    def __init__(self, publisher: Publisher, ledger: Ledger) -> None:
        self._publisher = publisher
        self._ledger = ledger

    def send(self, rows: Rows) -> None:
        self._publisher.send(rows)
        self._ledger.write(rows)


def generate_events(workload: Workload, settings: GeneratorSettings, ledger: TextIO | None, stop: Event) -> bool:
    """Publish, print the summary, and say whether every message was acknowledged.

    Raises:
        UnavailableError: Broker or registry was away for too long at the start.
        IncompatibleSchemaError: The registry knows another, incompatible schema.
        PublishingError: The producer failed for good.
    """
    schema_ids = prepare(settings, TOPICS, prefix=workload.topic_prefix, timeout=settings.connect_timeout, stop=stop)
    publisher = Publisher(settings.librdkafka(), prefix=workload.topic_prefix, stopped=stop.is_set)
    sink = _Noting(publisher, Ledger(ledger, _partitions(publisher))) if ledger else publisher
    spec = workload.spec(time.time_ns() // 1_000_000)
    run = Run(spec, schema_ids, sink, workload.faults, stop)
    watch = Stopwatch()
    if workload.dimensions:
        run.publish_dimensions()
    run.publish_opening_stock()
    until = spec.start + milliseconds(workload.duration) if workload.duration else None
    with progress("events", workload.total) as report:
        for events in _carry_out(run, workload, spec, until, stop):
            report(events)
    run.finish(None if stop.is_set() else workload.close_after, publisher.partitions)
    missing = publisher.flush(LAST_FLUSH_STOPPED if stop.is_set() else LAST_FLUSH)
    for line in (*summary_lines(publisher, watch, missing), fault_line(run.fault_injector)):
        print(line)
    return not missing + publisher.failed.total() + publisher.dropped.total()


def _carry_out(run: Run, workload: Workload, spec: ShopSpec, until: int | None, stop: Event) -> Iterator[int]:
    if not workload.paced:
        return run.at_full_speed(until, workload.events)
    pacer = Pacer(stop)
    if workload.start is not None:
        pacer.start(spec.start)
    return run.paced(pacer, until, workload.events)


def _partitions(publisher: Publisher) -> dict[str, int]:
    return {each.name: publisher.partitions(each.name) for each in TOPICS}
