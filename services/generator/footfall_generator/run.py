"""One run of the simulated shop: slice after slice goes through the encoder and the fault dials to the publisher."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Protocol

import numpy as np

from footfall_generator.encode.encoder import Encoder
from footfall_generator.events.clock import milliseconds
from footfall_generator.events.rows import Rows
from footfall_generator.events.streams import EVENT_TOPICS, run_id
from footfall_generator.faults.fault_injection import FaultInjector, Faults
from footfall_generator.publish.pacing import Pacer
from footfall_generator.shop.catalog import (
    LEAD_TIME,
    Catalog,
    build_catalog,
    category_records,
    product_records,
    user_records,
)
from footfall_generator.shop.flush_watermark import flush_records
from footfall_generator.shop.refunds import Refunds
from footfall_generator.shop.shop import Shop

LARGEST_SLICE = 50_000
"""Acts in one go at full speed; larger batches fall out of the processor's cache."""
PACED_SLICE = timedelta(milliseconds=200)
"""Event time in one go when paced by the clock: what it adds to the delay of an event."""
CATCH_UP = timedelta(minutes=1)
"""Who was asleep for longer than this goes on with now."""


class Sink(Protocol):
    """Takes encoded messages."""

    def send(self, rows: Rows) -> None:
        """Take the messages, in this order."""


@dataclass(frozen=True)
class ShopSpec:
    """What is simulated; equal specs make equal bytes."""

    start: int
    """Milliseconds since 1970."""
    rate: float
    """Events per second of event time."""
    seed: int = 1
    users: int = 10_000
    products: int = 1_000
    lead_time: timedelta = LEAD_TIME
    price_changes: bool = False
    refund_share: float = 0.05
    """So many of the purchased lines are refunded later, 0 to 1."""
    currencies: tuple[str, ...] = ("EUR",)

    @property
    def run(self) -> str:
        """The part of every id that tells runs apart."""
        what = (self.rate, self.users, self.products, self.lead_time, self.refund_share, self.currencies)
        return run_id(self.seed, self.start, *what)

    def catalog(self) -> Catalog:
        """Draw the shop; it does not depend on the start, so that a restarted service finds its shop again."""
        return build_catalog(
            self._generators()[0],
            users=self.users,
            products=self.products,
            rate=self.rate,
            lead_time=self.lead_time,
            currencies=self.currencies,
        )

    def shop(self) -> Shop:
        """Open the shop."""
        _, life, _, giving_back = self._generators()
        refunds = Refunds(giving_back, share=self.refund_share, rate=self.rate)
        return Shop(self.catalog(), life, refunds, start=self.start, rate=self.rate, price_changes=self.price_changes)

    def fault_injector(self, faults: Faults) -> FaultInjector:
        """Return the fault dials; they draw apart from the shop, so that they leave its events alone."""
        return FaultInjector(faults, self._generators()[2])

    def _generators(self) -> list[np.random.Generator]:
        """Return what draws the shop, its life, faults, and refunds: none of them changes what another draws."""
        return np.random.default_rng(self.seed).spawn(4)


class Run:
    """A simulated shop that is open.

    Args:
        spec: What is simulated.
        schema_ids: Registry ids by topic name.
        sink: Where messages go.
        faults: What is done to them on the way.
        stop: Ends the run between two slices.
    """

    def __init__(self, spec: ShopSpec, schema_ids: dict[str, int], sink: Sink, faults: Faults, stop: Event) -> None:
        self.shop = spec.shop()
        self.fault_injector = spec.fault_injector(faults)
        self.events = 0
        """Events that happened, without duplicates and poison."""
        self._spec = spec
        self._sink = sink
        self._stop = stop
        self._encoder = Encoder(self.shop.catalog, spec.run, schema_ids)

    def publish_dimensions(self, names: tuple[str, ...] = ("categories", "products", "users")) -> None:
        """Publish the rows of these dimension topics, valid since 1970."""
        catalog = self.shop.catalog
        makers = {"categories": category_records, "products": product_records, "users": user_records}
        for name in names:
            self._sink.send(self._encoder.records(name, makers[name](catalog)))

    def publish_opening_stock(self) -> None:
        """Publish what lies in every warehouse at the start; this does not count as events."""
        self._sink.send(self._encoder.inventory_updates(self.shop.inventory.opening(self.shop.now)))

    def at_full_speed(self, until: int | None, events: int | None) -> Iterator[int]:
        """Publish up to event time `until` or so many events; yields the number of events so far."""
        acts = int(np.clip(self.shop.shoppers.present / 4, 1, LARGEST_SLICE))
        yield from self._publish(acts, until, events, lambda _: None)

    def paced(self, pacer: Pacer, until: int | None, events: int | None) -> Iterator[int]:
        """Publish each event when the clock reaches its time; yields the number of events so far."""
        acts = max(1, round(self._spec.rate * PACED_SLICE.total_seconds()))
        limit = int(np.clip(self.shop.shoppers.present / 4, 1, LARGEST_SLICE))
        yield from self._publish(min(acts, limit), until, events, self._pace(pacer))

    def finish(self, close_after: timedelta | None, partitions: Callable[[str], int]) -> None:
        """Let out what is held back, and if wanted publish the events that close the windows."""
        for rows in self.fault_injector.drain():
            self._sink.send(rows)
        if close_after is not None:
            time = self.shop.now + milliseconds(close_after)
            for name, records in flush_records(self.shop, self._spec.run, time, partitions).items():
                self._sink.send(self._encoder.records(name, records))

    def _pace(self, pacer: Pacer) -> Callable[[int], None]:
        def pace(time: int) -> None:
            pacer.wait_for(time)
            if (behind := pacer.behind(time)) > CATCH_UP:
                self.shop.skip_to(time + milliseconds(behind))

        return pace

    def _publish(self, acts: int, until: int | None, events: int | None, pace: Callable[[int], None]) -> Iterator[int]:
        while not self._stop.is_set() and (until is None or self.shop.now < until):
            left = acts if until is None else int((until - self.shop.now) / 1000 * self._spec.rate)
            piece = self.shop.advance(max(1, min(acts, left)))
            pace(piece.until)
            rows = self._encoder.encode(piece)
            if until is not None and piece.until > until:
                rows = _before(rows, until)
            if events is not None and len(piece) > events - self.events:
                rows = _first(rows, events - self.events)
            self._emit(rows, piece.until)
            yield self.events
            if events is not None and self.events >= events:
                return

    def _emit(self, rows: list[Rows], now: int) -> None:
        for each in rows:
            if each.topic in EVENT_TOPICS:
                self.events += len(each)
                self._sink.send(self.fault_injector.pass_on(each, now))
            else:
                self._sink.send(each)


def _before(rows: list[Rows], until: int) -> list[Rows]:
    return [each.pick(np.flatnonzero(each.times < until)) for each in rows]


def _first(rows: list[Rows], events: int) -> list[Rows]:
    """Leave out all but the first so many events."""
    streams = [each for each in rows if each.topic in EVENT_TOPICS]
    others = [each for each in rows if each.topic not in EVENT_TOPICS]
    times = np.concatenate([each.times for each in streams])
    rank = np.empty(len(times), dtype=np.int64)
    rank[np.argsort(times, kind="stable")] = np.arange(len(times))
    parts = np.split(rank < events, np.cumsum([len(each) for each in streams])[:-1])
    return [*others, *(each.pick(np.flatnonzero(part)) for each, part in zip(streams, parts, strict=True))]
