"""Money of checkouts and refunds, exact: what one earned, and what many add up to."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, getcontext

from support.oracle.facts import Facts
from support.oracle.rows import Row, is_paid

ZERO = Decimal(0)
getcontext().prec = 60
"""Nothing is rounded: the longest product has 36 digits."""


def gross_of(row: Row) -> Decimal:
    price: Decimal = row["unit_price"] or ZERO
    return price * int(row["quantity"])


def revenue_of(row: Row) -> Decimal:
    discount_rate: Decimal = row["discount_rate"]
    return gross_of(row) * (1 - discount_rate)


def profit_of(facts: Facts, row: Row) -> Decimal:
    """Return commission on revenue less shipping; an unknown product earns no commission."""
    product = facts.products.as_of(row["product_id"], row["event_time"])
    commission: Decimal = product["commission_rate"] if product else ZERO
    shipping: Decimal = row["shipping_cost"]
    return revenue_of(row) * commission - shipping


def rounded(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def totals(facts: Facts, rows: Iterable[Row]) -> Row:
    """Return the columns that revenue_per_minute and revenue_by_category share, of checkouts and refunds in one currency."""
    given = list(rows)
    refunds = sum((row["amount"] for row in given if "refund_id" in row), ZERO)
    given = [row for row in given if "refund_id" not in row]
    paid = [row for row in given if is_paid(row)]
    gross = sum((gross_of(row) for row in paid), ZERO)
    revenue = sum((revenue_of(row) for row in paid), ZERO)
    return {
        "gross": gross,
        "discount": gross - revenue,
        "shipping": sum((row["shipping_cost"] for row in paid), ZERO),
        "revenue": revenue,
        "refunds": refunds,
        "net_revenue": revenue - refunds,
        "profit": sum((profit_of(facts, row) for row in paid), ZERO),
        "orders": len({row["order_id"] for row in paid}),
        "units": sum(row["quantity"] for row in paid),
        "failed_payments": sum(row["payment_status"] == "failed" for row in given),
    }
