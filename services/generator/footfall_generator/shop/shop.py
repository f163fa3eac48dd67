"""The simulated shop over event time: shoppers act, stock moves, prices change."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from footfall_generator.events.arrays import Ints
from footfall_generator.events.clock import milliseconds
from footfall_generator.shop.catalog import Catalog
from footfall_generator.shop.inventory import Inventory, InventoryUpdates
from footfall_generator.shop.refunds import Refund, Refunds
from footfall_generator.shop.shoppers import Clicks, Lines, Shoppers

THINK_TIME = timedelta(seconds=20)
"""Mean time between two acts of one shopper; the number of shoppers present follows from it."""
MOST_PRESENT = 200_000
PRICE_CHANGE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Slice:
    """All that happened in a short stretch of event time; times are milliseconds since 1970, in order."""

    start: int
    until: int
    clicks: Clicks
    click_times: Ints
    lines: Lines
    line_times: Ints
    refunds: list[Refund]
    inventory_updates: InventoryUpdates
    price_changes: list[int]
    """Products whose price changed at the beginning of the slice."""

    def __len__(self) -> int:
        """Return the number of events of the event streams."""
        return len(self.click_times) + len(self.line_times) + len(self.refunds) + len(self.inventory_updates.time)


class Shop:
    """A shop that is open from `start`, in milliseconds since 1970; `rate` is events per second of event time."""

    def __init__(
        self,
        catalog: Catalog,
        rng: np.random.Generator,
        refunds: Refunds,
        *,
        start: int,
        rate: float,
        price_changes: bool = False,
    ) -> None:
        self.catalog = catalog
        self.inventory = Inventory(catalog, rng)
        self.shoppers = Shoppers(catalog, rng, int(np.clip(rate * THINK_TIME.total_seconds(), 20, MOST_PRESENT)))
        self._refunds = refunds
        self._rng = rng
        self._rate = rate
        self._now = float(start)
        self._next_price_change = start + milliseconds(PRICE_CHANGE_EVERY) if price_changes else None

    @property
    def now(self) -> int:
        """Event time up to which everything has happened, in milliseconds since 1970."""
        return int(self._now)

    def skip_to(self, now: int) -> None:
        """Let time pass without a shopper."""
        self._now = max(self._now, float(now))

    def advance(self, acts: int) -> Slice:
        """Let so many shoppers act, and time pass as long as the rate wants for what they cause."""
        price_changes = self._change_prices()
        clicks, lines = self.shoppers.act(min(acts, self.shoppers.present))
        sold = lines.outcome == 0
        refunded = self._refunds.choose(lines)
        events = len(clicks.act) + len(lines.act) + int(np.count_nonzero(sold)) + len(refunded)
        until = self._now + events / self._rate * 1000
        times = self._times(min(acts, self.shoppers.present), until)
        line_times = times[lines.act]
        start = self.now
        refunds = self._refunds.happen(lines, refunded, line_times[refunded], start, int(until))
        inventory_updates = self.inventory.trade(
            line_times[sold].tolist(), lines.product[sold].tolist(), lines.quantity[sold].tolist(), start, int(until)
        )
        self._now = until
        return Slice(
            start, int(until), clicks, times[clicks.act], lines, line_times, refunds, inventory_updates, price_changes
        )

    def _times(self, acts: int, until: float) -> Ints:
        """Return a time for each act: random, in order, within the slice."""
        gaps = np.cumsum(self._rng.standard_exponential(acts + 1))
        return np.asarray(self._now + gaps[:-1] / gaps[-1] * (until - self._now)).astype(np.int64)

    def _change_prices(self) -> list[int]:
        changed: list[int] = []
        while self._next_price_change is not None and self._next_price_change <= self._now:
            product = int(self._rng.integers(len(self.catalog.prices)))
            factor = self._rng.uniform(0.9, 1.1)
            self.catalog.prices[product] = max(1, round(self.catalog.prices[product] * factor))
            self._next_price_change += milliseconds(PRICE_CHANGE_EVERY)
            changed.append(product)
        return changed
