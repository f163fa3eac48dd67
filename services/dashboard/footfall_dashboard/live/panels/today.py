"""Panels of today, and of this moment."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from footfall_dashboard.live.days import HOUR, MINUTE, day_before, midnight, minutes_between
from footfall_dashboard.live.exact import NO_MONEY, total
from footfall_dashboard.live.panel import Cell
from footfall_dashboard.live.rows import (
    ACTIVE,
    CONVERSIONS,
    CUMULATIVE,
    EVENTS,
    REVENUE,
    SHOP,
    TRADING,
    Row,
    Stream,
    TradingHour,
)
from footfall_dashboard.live.view import Drawn, View

SLOT = timedelta(minutes=10)
SECONDS_OF_A_MINUTE = 60
SLOT_MINUTES = 10
ACTIVE_WINDOW = timedelta(minutes=5)
INTEGER = "integer"
PURCHASE = "purchase"
NOTHING = (NO_MONEY, 0)
STEP = timedelta(minutes=5)
"""Between two windows of an hour."""
QUIET = timedelta(minutes=1)
"""How far others are ahead of a stream, beyond the time between two of its windows, before its silence means 0: they are
not read in one moment."""


def now(view: View) -> Drawn:
    """Draw the shop's numbers of this moment, and today beside yesterday."""
    begin, end = view.today()
    rows = [_active(view), *_money(view, begin, end), _conversion(view), _rate(view), _delay(view)]
    known = [row for row in rows if row[2] is not None]
    return Drawn([*rows] if known else [], view.store.of(EVENTS).front, begin, end)


def hourly_trading_volume(view: View) -> Drawn:
    """Draw paid checkouts by hour of the day; of an hour without a row, the hour that is not over among them, its minutes."""
    begin, end = view.today()
    hours = list(view.store.between(TRADING, begin, end))
    counts, until = Counter[int](), dict[int, datetime]()
    for hour in hours:
        counts[hour.hour] += hour.purchases
        until[hour.hour] = hour.window_end
    for gap in _gaps(hours, begin, end):
        minutes = Counter[datetime]()
        for row in view.store.between(EVENTS, *gap):
            minutes[row.window_start] += row.events if row.action == PURCHASE else 0
        for minute in view.known(EVENTS, *gap):
            hour_of_day = minute.astimezone(view.zone).hour
            counts[hour_of_day] += minutes[minute]
            until[hour_of_day] = max(minute + MINUTE, until.get(hour_of_day, begin))
    if not counts.total():
        return Drawn([], None, begin, end)
    rows: list[list[Cell]] = [[hour, counts[hour], until[hour]] for hour in sorted(until)]
    return Drawn(rows, max(until.values()), begin, end)


def unique_visitors_today(view: View) -> Drawn:
    """Draw visitors since midnight by slot of ten minutes; a slot without anybody keeps the number before it."""
    begin, end = view.today()
    found = {row.window_start: row for row in view.store.between(CUMULATIVE, begin, end)}
    if not found:
        return Drawn([], None, begin, end)
    last = max(found.values())
    known = view.known(CUMULATIVE, begin, end)
    until = max([last.window_end, *(minute + MINUTE for minute in known[-1:])])
    rows, visitors = list[list[Cell]](), 0
    for time in minutes_between(min(found), until):
        local = time.astimezone(view.zone)
        if time == midnight(time, view.zone):
            visitors = 0
        visitors = found[time].visitors if time in found else visitors
        is_over = time + SLOT <= until and local.minute % SLOT_MINUTES == 0
        if time in found or is_over:
            rows.append([time, visitors])
    return Drawn(rows, max(row[0] for row in rows if isinstance(row[0], datetime)) + SLOT, begin, end)


def _gaps(hours: Iterable[TradingHour], begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of the range that no hour covers."""
    for hour in hours:
        if begin < hour.window_start:
            yield begin, hour.window_start
        begin = max(begin, hour.window_end)
    if begin < end:
        yield begin, end


def _active(view: View) -> list[Cell]:
    newest = view.newest(ACTIVE, ACTIVE_WINDOW)
    return [
        "Visitors of the last 5 minutes",
        None,
        *_beside_yesterday(view, ACTIVE, newest, _visitors, INTEGER, step=MINUTE),
    ]


def _visitors(view: View, time: datetime) -> int | None:
    return next((row.visitors for row in view.store.at(ACTIVE, time)), None)


def _rate(view: View) -> list[Cell]:
    newest = view.newest(EVENTS, MINUTE)
    return ["Events per second", None, *_beside_yesterday(view, EVENTS, newest, _events_by_second, "rate", step=MINUTE)]


def _events_by_second(view: View, time: datetime) -> float | None:
    events = [row.events for row in view.store.at(EVENTS, time)]
    return round(sum(events) / SECONDS_OF_A_MINUTE, 2) if events else None


def _conversion(view: View) -> list[Cell]:
    newest = view.newest(CONVERSIONS, HOUR)
    return [
        "Buyers per viewer, last hour",
        None,
        *_beside_yesterday(view, CONVERSIONS, newest, _purchase_rate, "ratio", step=STEP),
    ]


def _purchase_rate(view: View, time: datetime) -> float | None:
    return next((row.purchase_rate for row in view.store.at(CONVERSIONS, time) if row.scope == SHOP), None)


def _beside_yesterday(
    view: View,
    stream: Stream[Row],
    newest: datetime | None,
    value: Callable[[View, datetime], Cell],
    kind: str,
    *,
    step: timedelta,
) -> list[Cell]:
    if newest is None:
        return [None, kind, None]
    front = view.store.of(stream).front
    # A window in which nobody did anything has no row.
    is_quiet = view.asked.end is None and front is not None and view.front() - front >= step + QUIET
    today = 0 if is_quiet and kind != "ratio" else None if is_quiet else value(view, newest)
    return [today, kind, value(view, day_before(newest, view.zone))]


def _money(view: View, begin: datetime, end: datetime) -> list[list[Cell]]:
    today = _totals(view, begin, end)
    since, until = day_before(begin, view.zone), day_before(end, view.zone)
    yesterday = _totals(view, since, until) if view.reaches([REVENUE], since) else None
    currencies = sorted({*today, *(yesterday or ())})

    def before(currency: str) -> tuple[Decimal | None, int | None]:
        return (None, None) if yesterday is None else yesterday.get(currency, NOTHING)

    return [
        *(["Revenue today", code, today.get(code, NOTHING)[0], "money", before(code)[0]] for code in currencies),
        *(["Orders today", code, today.get(code, NOTHING)[1], INTEGER, before(code)[1]] for code in currencies),
    ]


def _totals(view: View, begin: datetime, end: datetime) -> dict[str, tuple[Decimal, int]]:
    totals = dict[str, tuple[Decimal, int]]()
    for row in view.store.between(REVENUE, begin, end):
        revenue, orders = totals.get(row.currency, NOTHING)
        totals[row.currency] = total((revenue, row.revenue)), orders + row.orders
    return totals


def _delay(view: View) -> list[Cell]:
    delay = view.store.of(EVENTS).delay
    return ["End-to-end delay", None, None if delay is None else round(delay, 1), "seconds", None]
