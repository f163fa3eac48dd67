"""The entry: every stream by the name of its topic."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from support.oracle.accounting import event_accounting
from support.oracle.alerts import inventory_alerts
from support.oracle.attribution import attributed_checkouts, channel_revenue
from support.oracle.days import cumulative_visitors, trading_volume
from support.oracle.facts import Facts
from support.oracle.hours import conversion_rates, most_viewed_products, top_products
from support.oracle.minutes import (
    buyers_by_gender,
    ecommerce_metrics,
    event_counts,
    payment_failures,
    revenue_by_category,
    revenue_per_minute,
    top_categories,
    unique_visitors,
)
from support.oracle.related import related_products
from support.oracle.rows import Message, Place, Row
from support.oracle.sessions import sessions

STREAMS: dict[str, Callable[[Facts], list[Row]]] = {
    "revenue_per_minute": revenue_per_minute,
    "revenue_by_category": revenue_by_category,
    "event_counts": event_counts,
    "ecommerce_metrics": ecommerce_metrics,
    "unique_visitors": unique_visitors,
    "cumulative_visitors": cumulative_visitors,
    "trading_volume": trading_volume,
    "top_categories": top_categories,
    "top_products": top_products,
    "most_viewed_products": most_viewed_products,
    "conversion_rates": conversion_rates,
    "sessions": sessions,
    "attributed_checkouts": attributed_checkouts,
    "channel_revenue": channel_revenue,
    "payment_failures": payment_failures,
    "buyers_by_gender": buyers_by_gender,
    "inventory-alerts": inventory_alerts,
    "related-products": related_products,
    "event_accounting": event_accounting,
}


class Oracle:
    """Computes each output over the given messages.

    Args:
        messages: All input messages that can be read, each partition's in offset order.
        late: Places of the messages that count nowhere.
        until: How far event time has come; what is not final by then is left out.
        zone: The shop's time zone.
        dead: Places of the messages that cannot be read.
    """

    def __init__(
        self,
        messages: Iterable[Message],
        late: Collection[Place],
        until: datetime,
        zone: str = "UTC",
        dead: Collection[Place] = (),
    ) -> None:
        self.facts = Facts(messages, late, dead, until, ZoneInfo(zone))

    def outputs(self) -> dict[str, Callable[[], list[Row]]]:
        """Return what computes each topic."""
        return {name: partial(compute, self.facts) for name, compute in STREAMS.items()}
