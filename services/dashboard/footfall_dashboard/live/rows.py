"""What is kept of each stream: its rows with the columns that panels show, and for how long.

A row's fields are those of its topic's schema by name; a message is decoded to them alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

MINUTES = timedelta(hours=49)
"""So far back that yesterday at the same time is there, whatever the clock was changed by."""
SHOP = "shop"
"""Scope of a conversion of the whole shop."""
SESSION_GAP = timedelta(minutes=30)
"""A session is known to be over so long after its last action."""
SESSIONS = timedelta(hours=1) + 2 * SESSION_GAP

Key: TypeAlias = tuple[Any, ...]
Row = TypeVar("Row", bound=NamedTuple)


class RevenueMinute(NamedTuple):
    """Money of one minute and currency."""

    window_start: datetime
    window_end: datetime
    currency: str
    revenue: Decimal
    refunds: Decimal
    net_revenue: Decimal
    profit: Decimal
    orders: int


class CategoryMinute(NamedTuple):
    """Money of one minute, currency and category."""

    window_start: datetime
    window_end: datetime
    currency: str
    category: str
    revenue: Decimal
    refunds: Decimal
    net_revenue: Decimal
    units: int


class EventMinute(NamedTuple):
    """How often something was done in one minute, by source."""

    window_start: datetime
    window_end: datetime
    action: str
    source: str
    events: int


class VisitorWindow(NamedTuple):
    """Different users of a window."""

    window_start: datetime
    window_end: datetime
    visitors: int


class TradingHour(NamedTuple):
    """Paid checkouts of one hour of the shop's day."""

    window_start: datetime
    window_end: datetime
    hour: int
    purchases: int


class SoldProduct(NamedTuple):
    """One rank of the products sold most."""

    window_start: datetime
    window_end: datetime
    rank: int
    product_id: str
    units: int


class ViewedProduct(NamedTuple):
    """One rank of the products viewed most."""

    window_start: datetime
    window_end: datetime
    rank: int
    product_id: str
    views: int


class Conversion(NamedTuple):
    """Viewers, carters and buyers of one hour in one scope."""

    window_start: datetime
    window_end: datetime
    scope: str
    category: str
    viewers: int
    carters: int
    buyers: int
    cart_rate: float | None
    purchase_rate: float | None


class ChannelMinute(NamedTuple):
    """Attributed checkouts of one minute, currency and channel."""

    window_start: datetime
    window_end: datetime
    currency: str
    channel: str
    checkouts: int
    purchases: int


class FailureMinute(NamedTuple):
    """Failed payments of one minute, by reason."""

    window_start: datetime
    window_end: datetime
    reason: str
    failures: int


class GenderMinute(NamedTuple):
    """Buyers of one minute, currency and gender."""

    window_start: datetime
    window_end: datetime
    currency: str
    gender: str
    buyers: int
    revenue: Decimal


class AbandonedCart(NamedTuple):
    """One session that ended with something in the cart and nothing bought."""

    user_id: str
    session_start: datetime
    session_end: datetime


class CategoryTotal(NamedTuple):
    """Paid checkouts of one category so far."""

    category: str
    purchases: int


class StockLevel(NamedTuple):
    """How much of a product a warehouse has."""

    product_id: str
    warehouse_id: str
    product_name: str
    quantity: int
    threshold: int
    level: str
    event_time: datetime


class JobProgress(NamedTuple):
    """How far a job's newest completed checkpoint is."""

    job: str
    watermark: datetime
    completed_at: datetime


def _always(_: Any) -> bool:
    return True


class Compared(NamedTuple):
    """Two numbers of two streams in one window."""

    identity: str
    window_start: datetime
    window_end: datetime
    currency: str
    part: str
    left_topic: str
    left_value: Decimal
    relation: str
    right_topic: str
    right_value: Decimal
    holds: bool


@dataclass(frozen=True)
class Stream(Generic[Row]):
    """One topic, and what is kept of it."""

    topic: str
    row: type[Row]
    key: tuple[str, ...]
    """Columns that tell its rows apart; a row of a key that was there replaces it."""
    time: str | None = "window_start"
    """Column by whose minute rows are kept and found; None: the newest row of each key is kept, whenever it is from."""
    kept: timedelta | None = MINUTES
    """How far back rows are kept, by that column; None: without end."""
    keeps: Callable[[Row], bool] = _always
    """Which rows are kept at all; one that is not takes the one of its key away."""
    counted: bool = False
    """Whether only how many there are is kept."""


REVENUE = Stream("revenue_per_minute", RevenueMinute, ("window_start", "currency"))
CATEGORY_REVENUE = Stream("revenue_by_category", CategoryMinute, ("window_start", "currency", "category"))
EVENTS = Stream("event_counts", EventMinute, ("window_start", "action", "source"))
VISITORS = Stream("unique_visitors", VisitorWindow, ("window_start",))
ACTIVE = Stream("active_visitors", VisitorWindow, ("window_start",))
CUMULATIVE = Stream("cumulative_visitors", VisitorWindow, ("window_start",))
TRADING = Stream("trading_volume", TradingHour, ("window_start",))
SOLD = Stream("top_products", SoldProduct, ("window_start", "rank"))
VIEWED = Stream("most_viewed_products", ViewedProduct, ("window_start", "rank"))
CONVERSIONS = Stream("conversion_rates", Conversion, ("window_start", "scope", "category"))
CHANNELS = Stream("channel_revenue", ChannelMinute, ("window_start", "currency", "channel"))
FAILURES = Stream("payment_failures", FailureMinute, ("window_start", "reason"))
GENDERS = Stream("buyers_by_gender", GenderMinute, ("window_start", "currency", "gender"))
ABANDONED = Stream(
    "abandoned_carts",
    AbandonedCart,
    ("user_id", "session_start"),
    time="session_end",
    kept=SESSIONS,
    counted=True,
)
CATEGORIES = Stream("top_categories", CategoryTotal, ("category",), time=None, kept=None)
LOW_STOCK = Stream(
    "stock_levels",
    StockLevel,
    ("product_id", "warehouse_id"),
    time=None,
    kept=None,
    keeps=lambda row: row.level != "enough",
)
INTEGRITY = Stream(
    "integrity",
    Compared,
    ("identity", "window_start", "window_end", "currency"),
    time="window_end",
    kept=timedelta(hours=1),
)
PROGRESS = Stream("progress", JobProgress, ("job",), time=None, kept=None)

STREAMS: tuple[Stream[Any], ...] = (
    REVENUE,
    CATEGORY_REVENUE,
    EVENTS,
    VISITORS,
    ACTIVE,
    CUMULATIVE,
    TRADING,
    SOLD,
    VIEWED,
    CONVERSIONS,
    CHANNELS,
    FAILURES,
    GENDERS,
    ABANDONED,
    CATEGORIES,
    LOW_STOCK,
    INTEGRITY,
    PROGRESS,
)
