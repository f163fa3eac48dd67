"""Panels of the last hour: by minute, or summed over its minutes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from footfall_dashboard.live.days import MINUTE
from footfall_dashboard.live.exact import total
from footfall_dashboard.live.panel import Cell
from footfall_dashboard.live.rows import (
    ABANDONED,
    CATEGORY_REVENUE,
    CHANNELS,
    EVENTS,
    FAILURES,
    GENDERS,
    REVENUE,
    SESSION_GAP,
    VISITORS,
    EventMinute,
    Row,
    Stream,
)
from footfall_dashboard.live.view import Drawn, View


def money(view: View) -> Drawn:
    """Draw money by minute and currency."""
    return _by_minute(
        view,
        REVENUE,
        lambda row: row.currency,
        lambda rows: [*_sums(rows, "revenue", "refunds", "net_revenue", "profit"), sum(row.orders for row in rows)],
    )


def revenue_and_profit(view: View) -> Drawn:
    """Draw revenue and profit by minute and currency."""
    return _by_minute(view, REVENUE, lambda row: row.currency, lambda rows: _sums(rows, "revenue", "profit"))


def events_by_type(view: View) -> Drawn:
    """Draw events by minute and type."""
    return _by_minute(view, EVENTS, lambda row: row.action, _events)


def events_by_source(view: View) -> Drawn:
    """Draw events by minute and source."""
    return _by_minute(view, EVENTS, lambda row: row.source, _events)


def visitors_per_minute(view: View) -> Drawn:
    """Draw visitors by minute."""
    begin, end = view.last_hour()
    found = {row.window_start: row for row in view.store.between(VISITORS, begin, end)}
    times = sorted({*found, *view.known(VISITORS, begin, end)}) if found else []
    rows: list[list[Cell]] = [[time, found[time].visitors if time in found else 0] for time in times]
    return Drawn(rows, view.store.of(VISITORS).front, begin, end)


def abandoned_carts(view: View) -> Drawn:
    """Draw abandoned carts by the minute in which their session ended."""
    begin, end = view.last_hour(behind=SESSION_GAP)
    found = dict(view.store.of(ABANDONED).counts(begin, end))
    times = sorted({*found, *view.known(ABANDONED, begin, end)}) if found else []
    as_of = max(found) + MINUTE if found else None
    return Drawn([[time, found.get(time, 0)] for time in times], as_of, begin, end)


def checkouts_by_channel(view: View) -> Drawn:
    """Draw checkouts of all minutes by channel."""
    begin, end = view.last_hour()
    checkouts, purchases = Counter[str](), Counter[str]()
    for row in view.store.between(CHANNELS, begin, end):
        checkouts[row.channel] += row.checkouts
        purchases[row.channel] += row.purchases
    rows: list[list[Cell]] = [[channel, number, purchases[channel]] for channel, number in _most(checkouts)]
    return Drawn(rows, view.store.of(CHANNELS).front, begin, end)


def popular_categories(view: View) -> Drawn:
    """Draw units sold of all minutes by category."""
    return _counted(view, CATEGORY_REVENUE, lambda row: (row.category, row.units))


def payment_failures(view: View) -> Drawn:
    """Draw failed payments of all minutes by reason."""
    return _counted(view, FAILURES, lambda row: (row.reason, row.failures))


def buyers_by_gender(view: View) -> Drawn:
    """Draw buyers of all minutes by gender and currency."""
    begin, end = view.last_hour()
    groups = _grouped(view.store.between(GENDERS, begin, end), lambda row: (row.gender, row.currency))
    rows: list[list[Cell]] = [
        [gender, currency, sum(row.buyers for row in rows), *_sums(rows, "revenue")]
        for (gender, currency), rows in sorted(groups.items())
    ]
    return Drawn(rows, view.store.of(GENDERS).front, begin, end)


def revenue_by_category(view: View) -> Drawn:
    """Draw money of all minutes by category and currency, most revenue first within a currency."""
    begin, end = view.last_hour()
    groups = _grouped(view.store.between(CATEGORY_REVENUE, begin, end), lambda row: (row.currency, row.category))
    found = [
        (currency, category, _sums(rows, "revenue", "refunds", "net_revenue"))
        for (currency, category), rows in groups.items()
    ]
    found.sort(key=lambda each: (each[0], -each[2][0], each[1]))
    rows: list[list[Cell]] = [[category, currency, *sums] for currency, category, sums in found]
    return Drawn(rows, view.store.of(CATEGORY_REVENUE).front, begin, end)


def _by_minute(
    view: View, stream: Stream[Row], series: Callable[[Row], str], numbers: Callable[[list[Row]], Sequence[Cell]]
) -> Drawn:
    begin, end = view.last_hour()
    groups = _grouped(view.store.between(stream, begin, end), lambda row: (row[0], series(row)))
    names = sorted({name for _, name in groups})
    times = sorted({*(time for time, _ in groups), *view.known(stream, begin, end)})
    rows: list[list[Cell]] = [[time, name, *numbers(groups.get((time, name), []))] for time in times for name in names]
    return Drawn(rows, view.store.of(stream).front, begin, end)


def _counted(view: View, stream: Stream[Row], count: Callable[[Row], tuple[str, int]]) -> Drawn:
    begin, end = view.last_hour()
    counts = Counter[str]()
    for row in view.store.between(stream, begin, end):
        name, number = count(row)
        counts[name] += number
    return Drawn([[name, number] for name, number in _most(counts)], view.store.of(stream).front, begin, end)


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return names and numbers that are not 0, the largest first, by name where they are the same."""
    return sorted(((name, number) for name, number in counts.items() if number), key=lambda each: (-each[1], each[0]))


def _grouped(
    rows: Iterable[Row], key: Callable[[Row], tuple[datetime | str, str]]
) -> dict[tuple[datetime | str, str], list[Row]]:
    groups: dict[tuple[datetime | str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def _sums(rows: Iterable[Row], *names: str) -> list[Decimal]:
    kept = list(rows)
    return [total(getattr(row, name) for row in kept) for name in names]


def _events(rows: list[EventMinute]) -> list[Cell]:
    return [sum(row.events for row in rows)]
