"""What the checked streams say of the windows of the last hour and a bit. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from footfall_schemas.topics import Json, topic

from footfall_analytics.integrity.identities import Identity, Number, Part, Side

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
KEPT = HOUR + timedelta(minutes=15)
"""How far back windows are kept: the longest is of an hour."""
KEPT_OF_MANY = timedelta(minutes=10)
"""The same of a stream that has a row for every checkout: reading it again at the start must not take long."""
WINDOW_FIELDS = ("window_start", "window_end")

Window: TypeAlias = tuple[datetime, datetime]
Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Stream:
    """A checked stream."""

    topic: str
    kept: timedelta = KEPT
    fields: tuple[str, ...] = ()
    """Which of a row's are read; none: all."""
    fold: Callable[[Json], Json] | None = None
    """Turns a row into one of its minute; rows of the same minute and currency are added up. None: rows are kept by key."""

    @property
    def row_key(self) -> tuple[str, ...]:
        """The fields that tell rows apart."""
        return topic(self.topic).row_key


def _fold_checkout(row: Json) -> Json:
    start = row["checkout_time"].replace(second=0, microsecond=0)
    return {
        "window_start": start,
        "window_end": start + MINUTE,
        "currency": row["currency"],
        "revenue": row["revenue"] or Decimal(0),
        "checkouts": 1,
    }


STREAMS: Mapping[str, Stream] = {
    stream.topic: stream
    for stream in (
        *map(
            Stream,
            (
                "revenue_per_minute",
                "revenue_by_category",
                "event_counts",
                "ecommerce_metrics",
                "unique_visitors",
                "active_visitors",
                "cumulative_visitors",
                "trading_volume",
                "top_products",
                "most_viewed_products",
                "conversion_rates",
                "channel_revenue",
                "payment_failures",
                "buyers_by_gender",
            ),
        ),
        Stream("attributed_checkouts", KEPT_OF_MANY, ("checkout_time", "currency", "revenue"), _fold_checkout),
    )
}
OF_MINUTES = {
    "revenue_per_minute",
    "revenue_by_category",
    "event_counts",
    "ecommerce_metrics",
    "unique_visitors",
    "channel_revenue",
    "payment_failures",
    "buyers_by_gender",
    "attributed_checkouts",
}
"""Streams whose windows are minutes: those of a longer window are added up."""


@dataclass
class Ledger:
    """The rows by stream and window, and which windows are to be checked.

    Args:
        identities: Those that are checked.
        zone: The shop's.
    """

    identities: Collection[Identity]
    zone: ZoneInfo
    _rows: dict[str, dict[Window, dict[Key, Json]]] = field(default_factory=lambda: defaultdict(dict))
    _begun: dict[str, datetime] = field(default_factory=dict)
    _changed: set[tuple[Identity, Window]] = field(default_factory=set)
    _of_topic: dict[str, list[Identity]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for identity in self.identities:
            for name in {identity.left.topic, identity.right.topic}:
                self._of_topic[name].append(identity)

    def begin(self, name: str, since: datetime) -> None:
        """Note that a stream's windows that begin later than this are all there is of them."""
        self._begun[name] = since

    def put(self, name: str, row: Json) -> None:
        """Take a row; one of the same key replaces the one before."""
        stream = STREAMS[name]
        if stream.fold:
            row = stream.fold(row)
        window = (row["window_start"], row["window_end"])
        if window[0] <= self._begun.get(name, window[0]):
            return
        rows = self._rows[name].setdefault(window, {})
        if stream.fold:
            key: Key = (row["currency"],)
            before = rows.get(key)
            rows[key] = row if before is None else _added(before, row)
        else:
            rows[tuple(row[part] for part in stream.row_key)] = row
        self._note(name, window)

    def due(self, until: datetime) -> list[tuple[Identity, Window]]:
        """Return what is to be checked, now that all windows that end no later are final, and forget it."""
        found = {
            (identity, window)
            for identity, window in self._changed
            if window[1] <= until and self.is_whole(identity, window)
        }
        self._changed -= found
        return sorted(found, key=lambda each: (each[1], each[0].name))

    def numbers(self, identity: Identity, window: Window) -> dict[Part, tuple[Number, Number]]:
        """Return both numbers of each part of a window; what has no row is 0."""
        left, right = (self._sums(side, window) for side in (identity.left, identity.right))
        return {part: (left.get(part, 0), right.get(part, 0)) for part in sorted({*left, *right})}

    def prune(self, now: datetime) -> None:
        """Forget what is older than is kept."""
        for name, windows in self._rows.items():
            oldest = now - STREAMS[name].kept
            for window in [window for window in windows if window[0] <= oldest]:
                del windows[window]
            if name in self._begun:
                self._begun[name] = max(self._begun[name], oldest)
        self._changed = {each for each in self._changed if self.is_whole(*each)}

    def is_whole(self, identity: Identity, window: Window) -> bool:
        """Tell whether all rows of a window have been read and are kept."""
        return all(
            side.topic in self._begun and window[0] > self._begun[side.topic]
            for side in (identity.left, identity.right)
        )

    def _note(self, name: str, window: Window) -> None:
        for identity in self._of_topic[name]:
            if name == identity.left.topic or identity.left.topic in OF_MINUTES:
                self._want(identity, window)
            else:
                for longer in self._rows[identity.left.topic]:
                    if longer[0] <= window[0] and window[1] <= longer[1]:
                        self._want(identity, longer)

    def _want(self, identity: Identity, window: Window) -> None:
        if not identity.of_midnight or self._is_midnight(window[0]):
            self._changed.add((identity, window))

    def _is_midnight(self, time: datetime) -> bool:
        # A day begins at midnight, or later where the clock is put forward then.
        return (time - MINUTE).astimezone(self.zone).date() != time.astimezone(self.zone).date()

    def _sums(self, side: Side, window: Window) -> dict[Part, Number]:
        sums: dict[Part, Number] = defaultdict(int)
        for row in self._rows_of(side.topic, window):
            amount = side.amount(row) if side.counts(row) else None
            if amount is not None:
                sums[side.part(row)] += amount
        return sums

    def _rows_of(self, name: str, window: Window) -> Iterator[Json]:
        rows = self._rows[name]
        if name not in OF_MINUTES:
            yield from rows.get(window, {}).values()
            return
        minute = window[0]
        while minute < window[1]:
            yield from rows.get((minute, minute + MINUTE), {}).values()
            minute += MINUTE


def _added(one: Json, other: Json) -> Json:
    return one | {name: one[name] + other[name] for name in ("revenue", "checkouts")}
