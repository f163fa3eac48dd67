"""Stock per product and warehouse: falls with every sale, is ordered when low, arrives some time later."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from footfall_generator.events.clock import milliseconds
from footfall_generator.shop.catalog import Catalog
from footfall_generator.shop.vocabulary import WAREHOUSES

REASONS = ("sale", "receipt", "return", "adjustment")
SALE, RECEIPT, RETURN, ADJUSTMENT = range(4)
RETURN_SHARE = 0.04
"""Share of sales that come back, after about three lead times."""
REFILL = 3
"""A receipt fills up to so many times the threshold."""


@dataclass
class InventoryUpdates:
    """Stock inventory_updates in the order of their times."""

    time: list[int] = field(default_factory=list)
    product: list[int] = field(default_factory=list)
    warehouse: list[int] = field(default_factory=list)
    change: list[int] = field(default_factory=list)
    on_hand: list[int] = field(default_factory=list)
    reason: list[int] = field(default_factory=list)

    def add(self, time: int, product: int, warehouse: int, change: int, *, on_hand: int, reason: int) -> None:
        """Append one update."""
        self.time.append(time)
        self.product.append(product)
        self.warehouse.append(warehouse)
        self.change.append(change)
        self.on_hand.append(on_hand)
        self.reason.append(reason)


class Inventory:
    """What lies in the warehouses and what is on its way; times are milliseconds since 1970."""

    def __init__(self, catalog: Catalog, rng: np.random.Generator) -> None:
        self._rng = rng
        self._thresholds: list[int] = catalog.thresholds.tolist()
        self._lead_time = milliseconds(catalog.lead_time)
        opening = np.ceil(catalog.thresholds[:, None] * rng.uniform(1.0, REFILL - 1, (len(self._thresholds), 3)))
        self._on_hand: list[list[int]] = (opening.astype(np.int64) + 1).tolist()
        self._coming: list[tuple[int, int, int, int, int]] = []
        self._ordered: set[tuple[int, int]] = set()

    def on_hand(self, product: int, warehouse: int) -> int:
        """Return the units in stock."""
        return self._on_hand[product][warehouse]

    def opening(self, time: int) -> InventoryUpdates:
        """Return the stock count a new shop starts with."""
        moved = InventoryUpdates()
        for product, units in enumerate(self._on_hand):
            for warehouse, count in enumerate(units):
                moved.add(time, product, warehouse, count, on_hand=count, reason=ADJUSTMENT)
        return moved

    def trade(
        self, times: Sequence[int], products: Sequence[int], quantities: Sequence[int], start: int, until: int
    ) -> InventoryUpdates:
        """Sell the lines, in order of time, and take in what arrives before `until`.

        What arrived before `start`, while the shop was asleep, is taken in now.
        A line is served by one warehouse; if none has enough, the fullest one gives what it has, and nothing moves when
        all are empty.
        """
        moved = InventoryUpdates()
        draws = self._rng.random((len(times), 3))
        for time, product, quantity, draw in zip(times, products, quantities, draws.tolist(), strict=True):
            self._take_in(moved, start, time)
            self._sell(moved, time, product, quantity, draw)
        self._take_in(moved, start, until - 1)
        return moved

    def _sell(self, moved: InventoryUpdates, time: int, product: int, quantity: int, draw: Sequence[float]) -> None:
        units = self._on_hand[product]
        warehouse = int(draw[0] * len(WAREHOUSES))
        if units[warehouse] < quantity:
            warehouse = max(range(len(WAREHOUSES)), key=units.__getitem__)
        sold = min(quantity, units[warehouse])
        if not sold:
            return
        units[warehouse] -= sold
        moved.add(time, product, warehouse, -sold, on_hand=units[warehouse], reason=SALE)
        lead = self._lead_time
        if units[warehouse] < self._thresholds[product] and (product, warehouse) not in self._ordered:
            self._ordered.add((product, warehouse))
            delay = int(lead * (0.25 + 1.5 * draw[1]))
            heapq.heappush(self._coming, (time + delay, product, warehouse, 0, RECEIPT))
        if draw[2] < RETURN_SHARE:
            delay = int(lead * (1 + 100 * draw[2]))
            heapq.heappush(self._coming, (time + delay, product, warehouse, sold, RETURN))

    def _take_in(self, moved: InventoryUpdates, start: int, now: int) -> None:
        for time, product, warehouse, returned, reason in self._due(now):
            units = self._on_hand[product]
            change = returned
            if reason == RECEIPT:
                self._ordered.discard((product, warehouse))
                change = max(1, self._thresholds[product] * REFILL - units[warehouse])
            units[warehouse] += change
            moved.add(max(time, start), product, warehouse, change, on_hand=units[warehouse], reason=reason)

    def _due(self, now: int) -> Iterator[tuple[int, int, int, int, int]]:
        while self._coming and self._coming[0][0] <= now:
            yield heapq.heappop(self._coming)
