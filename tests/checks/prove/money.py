"""What must be true of money besides every stream on its own. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

from support.oracle import Row
from support.oracle.money import ZERO, revenue_of
from support.oracle.rows import MINUTE, is_paid, minute_of


def earned(checkouts: Iterable[Row], until: datetime) -> dict[str, Decimal]:
    """Return by currency what the checkouts up to then have earned."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in checkouts:
        if is_paid(row) and row["event_time"] <= until:
            found[row["currency"]] += revenue_of(row)
    return dict(found)


def wrong_credits(earnings: dict[str, Decimal], attributed: Iterable[Row]) -> list[str]:
    """Tell in which currencies the channels are credited with another sum than was earned."""
    credited: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in attributed:
        credited[row["currency"]] += row["revenue"]
    return [
        f"{credited.get(currency, ZERO)} of {earnings.get(currency, ZERO)} {currency}"
        for currency in sorted(earnings.keys() | credited.keys())
        if credited.get(currency, ZERO) != earnings.get(currency, ZERO)
    ]


def refunded(refunds: Iterable[Row], until: datetime) -> Counter[str]:
    """Count by currency the refunds of an amount in minutes that have ended by then."""
    return Counter(row["currency"] for row in refunds if row["amount"] > 0 and minute_of(row) + MINUTE <= until)


def wrong_refunds(counts: Counter[str], currencies: Collection[str], per_minute: Iterable[Row]) -> list[str]:
    """Tell which of the currencies have no refund, or none in the stream, without which nothing would be proven."""
    booked = {row["currency"] for row in per_minute if row["refunds"] > 0}
    return [f"none in {currency}" for currency in currencies if not counts[currency] or currency not in booked]


def wrong_nets(per_minute: Iterable[Row], by_category: Iterable[Row]) -> list[str]:
    """Tell where the categories' net revenue does not add up to the shop's, by minute and currency."""
    whole = {(row["window_start"], row["currency"]): row["net_revenue"] for row in per_minute}
    parts: dict[tuple[datetime, str], Decimal] = defaultdict(lambda: ZERO)
    for row in by_category:
        parts[row["window_start"], row["currency"]] += row["net_revenue"]
    return [
        f"{parts.get(place, 'nothing')} of {whole.get(place, 'nothing')} {place[1]} at {place[0]:%H:%M}"
        for place in sorted(whole.keys() | parts.keys())
        if parts.get(place) != whole.get(place)
    ]
