"""The identities between published streams: what must be equal, or can be no more than, by definition. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from footfall_schemas.topics import Json

Relation: TypeAlias = Literal["equal", "at_most"]
Number: TypeAlias = int | Decimal
Part: TypeAlias = tuple[str, str]
"""Currency (`''` of what is no money), and which part of the window's numbers: a category, an action; `''`: all of it."""

WHOLE: Part = ("", "")
PURCHASE, FAILED, VIEW = "purchase", "payment_failed", "product_view"
REVENUE_OF = "revenue_"
VISITORS = "unique_visitors"


def _of_all(_: Json) -> Part:
    return WHOLE


def _by_currency(row: Json) -> Part:
    return (row["currency"], "")


def _any(_: Json) -> bool:
    return True


@dataclass(frozen=True)
class Side:
    """One of the two numbers: a sum over a stream's rows of a window."""

    topic: str
    amount: Callable[[Json], Number | None]
    """What a row adds; None adds nothing."""
    part: Callable[[Json], Part] = _of_all
    """To which of the window's numbers it adds."""
    counts: Callable[[Json], bool] = _any
    """Which rows add at all."""


@dataclass(frozen=True)
class Identity:
    """Two numbers of each window of which the first is, or is at most, the second."""

    name: str
    means: str
    """In one sentence."""
    left: Side
    right: Side
    relation: Relation = "equal"
    of_midnight: bool = False
    """Whether it is of windows that begin with the shop's day only."""

    def holds(self, left: Number, right: Number) -> bool:
        """Tell whether two numbers are as they must be."""
        return left == right if self.relation == "equal" else left <= right


def _column(name: str) -> Callable[[Json], Number | None]:
    def amount(row: Json) -> Number | None:
        found: Number | None = row[name]
        return found

    return amount


def _is(column: str, *values: str) -> Callable[[Json], bool]:
    return lambda row: row[column] in values


def _money(topic: str, column: str) -> Side:
    return Side(topic, _column(column), _by_currency)


def _events(*actions: str) -> Side:
    return Side("event_counts", _column("events"), counts=_is("action", *actions))


def _categories(column: str, what: str) -> Identity:
    return Identity(
        f"{column}_of_categories",
        f"The {what} of all categories together are the shop's.",
        _money("revenue_by_category", column),
        _money("revenue_per_minute", column),
    )


def _long_form(row: Json) -> Part:
    return (row["currency"], row["metric_name"])


WINDOWED: tuple[Identity, ...] = (
    _categories("revenue", "revenues"),
    _categories("gross", "gross amounts"),
    _categories("shipping", "shipping costs"),
    _categories("refunds", "refunds"),
    _categories("profit", "profits"),
    _categories("units", "units"),
    _categories("failed_payments", "failed payments"),
    Identity(
        "orders_within_categories",
        "An order has at least one category, so that the shop's orders are at most those of all categories together.",
        _money("revenue_per_minute", "orders"),
        _money("revenue_by_category", "orders"),
        "at_most",
    ),
    Identity(
        "revenue_of_channels",
        "Every paid checkout is credited to one channel, `Unknown` included: together they have the shop's revenue.",
        _money("channel_revenue", "revenue"),
        _money("revenue_per_minute", "revenue"),
    ),
    Identity(
        "profit_of_channels",
        "Every paid checkout is credited to one channel: together they have the shop's profit.",
        _money("channel_revenue", "profit"),
        _money("revenue_per_minute", "profit"),
    ),
    Identity(
        "purchases_of_channels",
        "Every purchase is credited to one channel.",
        Side("channel_revenue", _column("purchases")),
        _events(PURCHASE),
    ),
    Identity(
        "checkouts_of_channels",
        "Every checkout, paid or not, is credited to one channel.",
        Side("channel_revenue", _column("checkouts")),
        _events(PURCHASE, FAILED),
    ),
    Identity(
        "revenue_of_attributed_checkouts",
        "Every checkout is attributed exactly once: the revenue of a minute's is the shop's.",
        _money("attributed_checkouts", "revenue"),
        _money("revenue_per_minute", "revenue"),
    ),
    Identity(
        "number_of_attributed_checkouts",
        "Every checkout, paid or not, is attributed exactly once.",
        Side("attributed_checkouts", _column("checkouts")),
        _events(PURCHASE, FAILED),
    ),
    Identity(
        "revenue_of_genders",
        "Every buyer has a gender, `Unknown` included: together they spend the shop's revenue.",
        _money("buyers_by_gender", "revenue"),
        _money("revenue_per_minute", "revenue"),
    ),
    Identity(
        "orders_within_purchases",
        "An order is one purchase at least.",
        Side("revenue_per_minute", _column("orders")),
        _events(PURCHASE),
        "at_most",
    ),
    Identity(
        "purchases_within_units",
        "A purchase is of one unit at least.",
        _events(PURCHASE),
        Side("revenue_per_minute", _column("units")),
        "at_most",
    ),
    Identity(
        "failed_payments",
        "Failed payments are as many as there are events of them.",
        Side("revenue_per_minute", _column("failed_payments")),
        _events(FAILED),
    ),
    Identity(
        "reasons_of_failed_payments",
        "Every failed payment has a reason, `Unknown` included.",
        Side("payment_failures", _column("failures")),
        _events(FAILED),
    ),
    Identity(
        "metrics_of_events",
        "The long form says of each action and source what event_counts says.",
        Side(
            "ecommerce_metrics",
            _column("metric_value"),
            _long_form,
            lambda row: not row["metric_name"].startswith(REVENUE_OF) and row["metric_name"] != VISITORS,
        ),
        Side("event_counts", _column("events"), lambda row: ("", f"{row['action']}_{row['source']}")),
    ),
    Identity(
        "metrics_of_revenue",
        "The long form says of each category what revenue_by_category says.",
        Side(
            "ecommerce_metrics",
            _column("metric_value"),
            _long_form,
            lambda row: row["metric_name"].startswith(REVENUE_OF),
        ),
        Side(
            "revenue_by_category", _column("revenue"), lambda row: (row["currency"], f"{REVENUE_OF}{row['category']}")
        ),
    ),
    Identity(
        "metrics_of_visitors",
        "The long form says of the visitors what unique_visitors says.",
        Side("ecommerce_metrics", _column("metric_value"), counts=_is("metric_name", VISITORS)),
        Side("unique_visitors", _column("visitors")),
    ),
    Identity(
        "visitors_within_events",
        "A visitor does something: different users of a minute are at most its events, refunds not counted.",
        Side("unique_visitors", _column("visitors")),
        Side("event_counts", _column("events"), counts=lambda row: row["action"] != "refund"),
        "at_most",
    ),
    Identity(
        "active_visitors_within_minutes",
        "Different users of five minutes are at most those of its minutes added up.",
        Side("active_visitors", _column("visitors")),
        Side("unique_visitors", _column("visitors")),
        "at_most",
    ),
    Identity(
        "first_slot_of_the_day",
        "Different users of the day's first slot are at most those of its minutes added up.",
        Side("cumulative_visitors", _column("visitors")),
        Side("unique_visitors", _column("visitors")),
        "at_most",
        of_midnight=True,
    ),
    Identity(
        "trading_volume",
        "An hour's purchases are those of its minutes.",
        Side("trading_volume", _column("purchases")),
        _events(PURCHASE),
    ),
    Identity(
        "units_of_top_products",
        "The ten products sold most have at most the units that were sold in the hour.",
        Side("top_products", _column("units")),
        Side("revenue_per_minute", _column("units")),
        "at_most",
    ),
    Identity(
        "views_of_most_viewed_products",
        "The ten products viewed most have at most the views of the hour.",
        Side("most_viewed_products", _column("views")),
        _events(VIEW),
        "at_most",
    ),
    Identity(
        "buyers_within_purchases",
        "A buyer of the hour has bought in it.",
        Side("conversion_rates", _column("buyers"), counts=_is("scope", "shop")),
        _events(PURCHASE),
        "at_most",
    ),
    Identity(
        "viewers_within_views",
        "A viewer of the hour has viewed something in it.",
        Side("conversion_rates", _column("viewers"), counts=_is("scope", "shop")),
        _events(VIEW),
        "at_most",
    ),
)
"""Those of windows: a window without a row counts as 0."""
