"""Draws any panel: its rows, how far they can be relied upon, and why not. Pure."""

from collections.abc import Callable, Mapping

from footfall_dashboard.live.catalog import BY_ID
from footfall_dashboard.live.panel import Panel
from footfall_dashboard.live.panels import minutes, newest, today
from footfall_dashboard.live.state import Reading, judge
from footfall_dashboard.live.view import Drawn, View

DRAWINGS: Mapping[str, Callable[[View], Drawn]] = {
    "now": today.now,
    "money": minutes.money,
    "funnel": newest.funnel,
    "top_products": newest.top_products,
    "most_viewed_products": newest.most_viewed_products,
    "hourly_trading_volume": today.hourly_trading_volume,
    "unique_visitors_today": today.unique_visitors_today,
    "top_categories": newest.top_categories,
    "revenue_and_profit": minutes.revenue_and_profit,
    "checkouts_by_channel": minutes.checkouts_by_channel,
    "popular_categories": minutes.popular_categories,
    "payment_failures": minutes.payment_failures,
    "buyers_by_gender": minutes.buyers_by_gender,
    "events_by_type": minutes.events_by_type,
    "events_by_source": minutes.events_by_source,
    "revenue_by_category": minutes.revenue_by_category,
    "visitors_per_minute": minutes.visitors_per_minute,
    "low_stock": newest.low_stock,
    "abandoned_carts": minutes.abandoned_carts,
    "integrity": newest.integrity,
}


def draw(panel: str, view: View, reading: Reading) -> Panel:
    """Return a panel as it is now.

    Args:
        panel: Its id.
        view: All rows, and the range asked for.
        reading: How the reading of them goes.

    Raises:
        RangeError: It cannot be drawn for this range.
    """
    info = BY_ID[panel]
    drawn = DRAWINGS[panel](view)
    return Panel(
        panel,
        judge(info, view, reading, drawn),
        drawn.as_of,
        view.final_until(info),
        drawn.begin,
        drawn.end,
        drawn.rows,
    )
