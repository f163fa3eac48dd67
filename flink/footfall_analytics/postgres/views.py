"""Views that answer one question of the shop each, so that a panel or a person asks it in a line. Pure.

Amounts and counts are the tables' own; shares are numeric, never floating point.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from string import Template

from footfall_schemas.topics import Topic

from footfall_analytics.postgres.comments import comments


@dataclass(frozen=True)
class View:
    """One view."""

    name: str
    doc: str
    reads: tuple[str, ...]
    """Tables that must be there."""
    query: str
    """`$schema` is the tables' schema."""
    columns: dict[str, str]
    """What each column means, in the order of the query."""


_CURRENCY = "ISO 4217 code of every amount in the row."
_MINUTE = "First millisecond of the minute, UTC."

VIEWS = (
    View(
        name="channels_by_minute",
        doc="Checkouts and money of one minute by currency and the channel they are credited to, before refunds.",
        reads=("channel_revenue",),
        query="""SELECT window_start AS time, currency, channel, checkouts, purchases, revenue, profit
FROM $schema.channel_revenue""",
        columns={
            "time": _MINUTE,
            "currency": _CURRENCY,
            "channel": "Channel of the first click in the hour before the checkout, or `Unknown`.",
            "checkouts": "Checkouts, paid or failed.",
            "purchases": "Checkouts whose payment succeeded.",
            "revenue": "Of succeeded payments, after discounts.",
            "profit": "Commission on revenue, less shipping.",
        },
    ),
    View(
        name="money_by_minute",
        doc="Money and payments of one minute and currency.",
        reads=("revenue_per_minute",),
        query="""SELECT window_start AS time, currency, revenue, refunds, net_revenue, profit, orders, units, failed_payments
FROM $schema.revenue_per_minute""",
        columns={
            "time": _MINUTE,
            "currency": _CURRENCY,
            "revenue": "Of succeeded payments, after discounts, before refunds.",
            "refunds": "Refunded in this minute, whenever it was paid.",
            "net_revenue": "revenue less refunds.",
            "profit": "Commission on revenue, less shipping, before refunds.",
            "orders": "Distinct orders with a succeeded payment.",
            "units": "Units in succeeded payments.",
            "failed_payments": "Checkouts whose payment failed.",
        },
    ),
    View(
        name="categories_by_minute",
        doc="Orders and money of one minute by currency and top-level category.",
        reads=("revenue_by_category",),
        query="""SELECT window_start AS time, currency, category, orders, units, revenue, net_revenue, profit
FROM $schema.revenue_by_category""",
        columns={
            "time": _MINUTE,
            "currency": _CURRENCY,
            "category": "Top-level category, or `Unknown`.",
            "orders": "Distinct orders with a succeeded payment in the category; one of two categories counts in both.",
            "units": "Units in succeeded payments.",
            "revenue": "Of succeeded payments, after discounts, before refunds.",
            "net_revenue": "revenue less refunds.",
            "profit": "Commission on revenue, less shipping, before refunds.",
        },
    ),
    View(
        name="failed_payments_by_minute",
        doc="Failed payments of one minute by reason, of all currencies.",
        reads=("payment_failures",),
        query="""SELECT window_start AS time, reason, failures
FROM $schema.payment_failures""",
        columns={
            "time": _MINUTE,
            "reason": "Why, as the shop says, or `Unknown`.",
            "failures": "Checkouts whose payment failed.",
        },
    ),
    View(
        name="genders_by_minute",
        doc="Buyers of one minute by currency and gender, before refunds.",
        reads=("buyers_by_gender",),
        query="""SELECT window_start AS time, currency, gender, buyers, revenue
FROM $schema.buyers_by_gender""",
        columns={
            "time": _MINUTE,
            "currency": _CURRENCY,
            "gender": "Gender of the user, or `Unknown`.",
            "buyers": "Distinct users with a succeeded payment; one who buys in two minutes counts in both.",
            "revenue": "Of succeeded payments, after discounts.",
        },
    ),
    View(
        name="conversion_by_hour",
        doc="How many viewers became carters and buyers in the hour before `time`; a row every five minutes.",
        reads=("conversion_rates",),
        query="""SELECT
  window_end AS time,
  scope,
  CASE scope WHEN 'shop' THEN 'whole shop' ELSE category END AS category,
  viewers,
  carters,
  buyers,
  round(carters::numeric / nullif(viewers, 0), 6) AS cart_rate,
  round(buyers::numeric / nullif(viewers, 0), 6) AS purchase_rate
FROM $schema.conversion_rates""",
        columns={
            "time": "First millisecond after the hour, UTC.",
            "scope": "`shop`, or `category` for one top-level category.",
            "category": "The category, or `whole shop`.",
            "viewers": "Distinct users with a product_view.",
            "carters": "Distinct users with an add_to_cart.",
            "buyers": "Distinct users with a succeeded payment.",
            "cart_rate": "carters / viewers to six digits; absent without viewers.",
            "purchase_rate": "buyers / viewers to six digits; absent without viewers.",
        },
    ),
    View(
        name="visitors_by_minute",
        doc="Distinct visitors of the minute and of the five minutes before `time`.",
        reads=("unique_visitors", "active_visitors"),
        query="""SELECT window_end AS time, '1 minute' AS during, visitors
FROM $schema.unique_visitors
UNION ALL
SELECT window_end, '5 minutes', visitors
FROM $schema.active_visitors""",
        columns={
            "time": "First millisecond after the window, UTC.",
            "during": "How long the window is: `1 minute` or `5 minutes`.",
            "visitors": "Distinct users.",
        },
    ),
    View(
        name="low_stock",
        doc="Stock that is below its threshold or out, and when what is left will be gone.",
        reads=("stock_levels", "stock_forecasts"),
        query="""SELECT
  stock.product_id,
  stock.product_name,
  stock.warehouse_id,
  stock.level,
  stock.quantity,
  stock.threshold,
  stock.event_time AS time,
  CASE WHEN stock.level = 'low' THEN forecast.stockout_at END AS stockout_at
FROM $schema.stock_levels AS stock
LEFT JOIN $schema.stock_forecasts AS forecast USING (product_id, warehouse_id)
WHERE stock.level IN ('low', 'out')""",
        columns={
            "product_id": "The product.",
            "product_name": "Its name at the time of its newest update, or `Unknown`.",
            "warehouse_id": "The warehouse.",
            "level": "low (below the threshold) or out (zero or less).",
            "quantity": "Units on hand.",
            "threshold": "Stock below this is low.",
            "time": "When the stock last moved, UTC.",
            "stockout_at": "When it will be out, as likely earlier as later, UTC; absent when nobody knows, or when it is.",
        },
    ),
)


def view_statements(schema: str, topics: Iterable[Topic]) -> list[str]:
    """Return the DDL of the views over these streams."""
    return [sql for view in views_of(topics) for sql in _view(schema, view)]


def views_of(topics: Iterable[Topic]) -> list[View]:
    """Return the views whose tables are all among these streams'."""
    tables = {topic.view for topic in topics}
    return [view for view in VIEWS if tables.issuperset(view.reads)]


def _view(schema: str, view: View) -> list[str]:
    name = f"{schema}.{view.name}"
    return [
        f"CREATE OR REPLACE VIEW {name} AS\n{Template(view.query).substitute(schema=schema)}",
        *comments("VIEW", name, view.doc, view.columns.items()),
    ]
