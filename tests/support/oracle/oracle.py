"""The entry: every stream by the name of its topic."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from support.oracle import accounting, alerts, attribution, days, hours, minutes, related, sessions
from support.oracle.facts import Facts
from support.oracle.rows import Message, Place, Row

STREAMS: dict[str, Callable[[Facts], list[Row]]] = {
    "revenue_per_minute": minutes.revenue_per_minute,
    "revenue_by_category": minutes.revenue_by_category,
    "event_counts": minutes.event_counts,
    "ecommerce_metrics": minutes.ecommerce_metrics,
    "unique_visitors": minutes.unique_visitors,
    "active_visitors": minutes.active_visitors,
    "cumulative_visitors": days.cumulative_visitors,
    "trading_volume": days.trading_volume,
    "top_categories": minutes.top_categories,
    "top_products": hours.top_products,
    "most_viewed_products": hours.most_viewed_products,
    "conversion_rates": hours.conversion_rates,
    "sessions": sessions.sessions,
    "abandoned_carts": sessions.abandoned_carts,
    "attributed_checkouts": attribution.attributed_checkouts,
    "channel_revenue": attribution.channel_revenue,
    "payment_failures": minutes.payment_failures,
    "buyers_by_gender": minutes.buyers_by_gender,
    "inventory-alerts": alerts.inventory_alerts,
    "stock_forecasts": alerts.stock_forecasts,
    "stock_levels": alerts.stock_levels,
    "related-products": related.related_products,
    "event_accounting": accounting.event_accounting,
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
