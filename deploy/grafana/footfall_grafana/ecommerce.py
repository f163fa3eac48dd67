"""*Ecommerce Monitoring*: how the shop does, from the views in Postgres."""
# ruff: noqa: S608  the pieces are constants of this file

from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.dashboard import Dashboard, VariableRefresh, VariableSort

from footfall_grafana.boards import board
from footfall_grafana.panels import About, Panel, lines, listing, number, ranking, signed_lines, stacks
from footfall_grafana.sources import POSTGRES, rows, series

UID = "footfall-ecommerce"
CURRENCIES = "SELECT DISTINCT currency FROM commerce.money_by_minute WHERE $__timeFilter(time) ORDER BY currency"
HERE = "$__timeFilter(time)"
IN_CURRENCY = f"{HERE} AND currency = ${{currency:sqlstring}}"
MONEY, COUNT, SHARE = "locale", "locale", "percentunit"


def _sum_of(column: str, what: str, meaning: str) -> tuple[About, str]:
    return (
        About(f"{what}, $currency", f"{meaning} In the range above, in the chosen currency.", MONEY),
        f"SELECT sum({column}) AS {column} FROM commerce.money_by_minute WHERE {IN_CURRENCY}",
    )


def ecommerce() -> Dashboard:
    """Return the dashboard."""
    return board(
        UID,
        "Ecommerce Monitoring",
        "How the shop does in the last hour; amounts of one currency, never added across.",
        {
            "Now": _now(),
            "Money": _money(),
            "What is bought, by whom, and what fails": _sales(),
            "Visits": _visits(),
            "Stock": _stock(),
        },
        [_currency()],
    )


def _now() -> list[Panel]:
    net, profit, orders = (
        _sum_of("net_revenue", "Net revenue", "Revenue after discounts, less what was refunded meanwhile."),
        _sum_of("profit", "Profit", "Commission on revenue less shipping, before refunds."),
        _sum_of("orders", "Orders", "Orders with a succeeded payment."),
    )
    return [
        *(number(about, rows(sql)) for about, sql in (net, profit, orders)),
        number(
            About("Failed payments, $currency", "Share of checkouts whose payment did not succeed.", SHARE),
            rows(
                "SELECT 1 - sum(purchases) / nullif(sum(checkouts), 0) AS failed"
                f" FROM commerce.channels_by_minute WHERE {IN_CURRENCY}"
            ),
            wrong_above=0.25,
        ),
        number(
            About("Visitors, 5 minutes", "Distinct users of the newest five minutes that are complete.", COUNT),
            rows(
                "SELECT visitors FROM commerce.visitors_by_minute"
                f" WHERE {HERE} AND during = '5 minutes' ORDER BY time DESC LIMIT 1"
            ),
        ),
        number(
            About("Visitors today", "Distinct users since the midnight of the shop's own day.", COUNT),
            rows(
                "SELECT visitors FROM commerce.cumulative_visitors"
                " WHERE $__timeFilter(window_end) ORDER BY window_end DESC LIMIT 1"
            ),
        ),
    ]


def _money() -> list[Panel]:
    return [
        signed_lines(
            About(
                "Revenue and profit, $currency",
                "Of each minute: revenue and profit before refunds, and net revenue after them. A minute without a sale"
                " or a refund has no row.",
                MONEY,
            ),
            series(
                f"SELECT time, revenue, net_revenue, profit FROM commerce.money_by_minute WHERE {IN_CURRENCY} ORDER BY time"
            ),
            span=16,
        ),
        ranking(
            About(
                "Checkouts by attributed channel, $currency",
                "Checkouts, paid or failed, by the channel of the first click in the hour before them.",
                COUNT,
            ),
            rows(
                "SELECT channel, sum(checkouts) AS checkouts FROM commerce.channels_by_minute"
                f" WHERE {IN_CURRENCY} GROUP BY channel ORDER BY checkouts DESC, channel"
            ),
        ),
    ]


def _sales() -> list[Panel]:
    return [
        ranking(
            About("Most popular categories, $currency", "Units sold by top-level category, the ten first.", COUNT),
            rows(
                "SELECT category, sum(units) AS units FROM commerce.categories_by_minute"
                f" WHERE {IN_CURRENCY} GROUP BY category ORDER BY units DESC, category LIMIT 10"
            ),
        ),
        stacks(
            About("Failed payments by reason", "Failed payments of each minute, of all currencies.", COUNT),
            series(
                "SELECT time, reason AS metric, failures FROM commerce.failed_payments_by_minute"
                f" WHERE {HERE} ORDER BY time, reason"
            ),
            span=8,
        ),
        stacks(
            About(
                "Buyers by gender, $currency",
                "Distinct buyers of each minute; one who buys in two minutes stands in both.",
                COUNT,
            ),
            series(
                "SELECT time, gender AS metric, buyers FROM commerce.genders_by_minute"
                f" WHERE {IN_CURRENCY} ORDER BY time, gender"
            ),
            span=8,
        ),
    ]


def _visits() -> list[Panel]:
    return [
        lines(
            About(
                "Conversion",
                "Viewers who put something into a cart, and who bought, in the hour before; every five minutes.",
                SHARE,
            ),
            series(
                "SELECT time, cart_rate, purchase_rate FROM commerce.conversion_by_hour"
                f" WHERE {HERE} AND scope = 'shop' ORDER BY time"
            ),
        ),
        lines(
            About("Visitors", "Distinct users of one minute, and of the five minutes before.", COUNT),
            series(
                "SELECT time, during AS metric, visitors FROM commerce.visitors_by_minute"
                f" WHERE {HERE} ORDER BY time, during"
            ),
        ),
    ]


def _stock() -> list[Panel]:
    return [
        listing(
            About(
                "Low stock",
                "Products below their threshold or out, the emptiest first, as of now; when what is left will be gone.",
            ),
            rows(
                "SELECT product_name, product_id, warehouse_id, level, quantity, threshold, stockout_at, time AS moved"
                " FROM commerce.low_stock ORDER BY quantity, product_id, warehouse_id LIMIT 100"
            ),
        )
    ]


def _currency() -> QueryVariable:
    variable = QueryVariable("currency").label("Currency").query(CURRENCIES).datasource(POSTGRES)
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.DISABLED)
