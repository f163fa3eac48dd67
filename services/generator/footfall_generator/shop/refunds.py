"""Refunds: the money for some of what was bought goes back some minutes later, for all of its units or a part."""

import heapq
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from footfall_generator.events.arrays import Ints
from footfall_generator.events.clock import milliseconds
from footfall_generator.shop.shoppers import Lines
from footfall_generator.shop.vocabulary import (
    DISCOUNTS,
    PAYMENT_METHODS,
    REFUND_REASON_SHARES,
    REFUND_REASONS,
    SHIPPING,
)

MEAN_DELAY = timedelta(minutes=5)
"""Mean time from the purchase to its refund, which comes a quarter of it later at the earliest; short, so that a shop one
looks at for some minutes has some."""
MOST_PENDING = 100_000
"""Refunds to come that are remembered, of some 500 bytes each. A shop in which more would wait pays back sooner."""
LINES_PER_EVENT = 0.03
"""Purchased lines per event of all streams; measured, and a little more."""
LINE_KNOWN = 0.9
"""How often the shop knows which line of the order is refunded."""
BASIS_POINTS = 10_000
_TERMS_PER_DISCOUNT = len(SHIPPING) * len(PAYMENT_METHODS)
_PAID_SHARES = np.array([round((1 - float(each)) * BASIS_POINTS) for each in DISCOUNTS], dtype=np.int64)
_PAID_BACK = np.array([round(float(share) * BASIS_POINTS) for _, share in REFUND_REASONS], dtype=np.int64)


class Refund(NamedTuple):
    """One refund; who and what are known by their positions in the catalog."""

    time: int
    """Milliseconds since 1970; until it has happened, when it is due."""
    line: int
    """Number of the purchased line."""
    line_known: int
    """1 if the refund says which line it is about."""
    user: int
    visit: int
    """Number of the visit, which the order shares."""
    client: int
    product: int
    quantity: int
    amount: int
    """Cents."""
    currency: int
    reason: int
    """Position in REFUND_REASONS."""


class Refunds:
    """The refunds to come.

    Args:
        rng: Source of every draw.
        share: So many of the purchased lines are refunded, 0 to 1.
        rate: Events per second of event time.
        most: Refunds to remember at most; when one too many waits, the one that is due first happens at once.
    """

    def __init__(self, rng: np.random.Generator, *, share: float, rate: float, most: int = MOST_PENDING) -> None:
        self._rng = rng
        self._share = share
        self._most = most
        # Half of what is remembered: so no wait has to end early unless business is twice what it should be.
        longest = most / 2 / max(rate * LINES_PER_EVENT * share, 1e-9) * 1000
        self._delay = min(float(milliseconds(MEAN_DELAY)), longest)
        self._pending: list[Refund] = []

    def choose(self, lines: Lines) -> Ints:
        """Return the positions of the lines that will be refunded; only what was paid for can be."""
        if not self._share:
            return np.zeros(0, dtype=np.int64)
        sold = np.flatnonzero(lines.outcome == 0)
        return sold[self._rng.random(len(sold)) < self._share]

    def happen(self, lines: Lines, chosen: Ints, times: Ints, start: int, until: int) -> list[Refund]:
        """Return what is refunded from `start` to `until`, in order of time.

        Args:
            lines: What was bought meanwhile.
            chosen: The lines of it that will be refunded.
            times: When these were bought, in order; all times are milliseconds since 1970.
            start: Refunds that were due before, while the shop was asleep, happen now.
            until: The end, which is not included.
        """
        happened: list[Refund] = []
        for refund, bought in zip(self._planned(lines, chosen, times), times.tolist(), strict=True):
            happened.extend(self._due(start, bought))
            heapq.heappush(self._pending, refund)
            if len(self._pending) > self._most:
                happened.append(heapq.heappop(self._pending)._replace(time=bought))
        happened.extend(self._due(start, until - 1))
        return happened

    def _planned(self, lines: Lines, chosen: Ints, times: Ints) -> Iterator[Refund]:
        count, rng = len(chosen), self._rng
        due = times + (self._delay * rng.uniform(0.25, 1.75, count)).astype(np.int64)
        quantity = np.minimum(1 + (rng.random(count) * lines.quantity[chosen]).astype(np.int64), lines.quantity[chosen])
        shares = np.cumsum(REFUND_REASON_SHARES)
        reason = np.minimum(np.searchsorted(shares, rng.random(count), side="right"), len(shares) - 1)
        paid = lines.price[chosen] * quantity * _PAID_SHARES[lines.terms[chosen] // _TERMS_PER_DISCOUNT]
        columns = (
            due,
            lines.number[chosen],
            (rng.random(count) < LINE_KNOWN).astype(np.int64),
            lines.user[chosen],
            lines.visit[chosen],
            lines.client[chosen],
            lines.product[chosen],
            quantity,
            paid * _PAID_BACK[reason] // BASIS_POINTS**2,
            lines.currency[chosen],
            reason,
        )
        return (Refund(*row) for row in zip(*(column.tolist() for column in columns), strict=True))

    def _due(self, start: int, now: int) -> Iterator[Refund]:
        while self._pending and self._pending[0].time <= now:
            refund = heapq.heappop(self._pending)
            yield refund if refund.time >= start else refund._replace(time=start)
