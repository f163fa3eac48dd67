"""Refunds: money that goes back, as other shops write it; and rows that look like one of another topic."""

from decimal import Decimal
from typing import Any

from footfall_schemas.topics import topic

from support.events import checkout, click, refund
from support.foreign.case import Table, decimal, extended, renamed, retyped, without

CLICK = topic("clickstream").schema
CHECKOUT = topic("checkouts").schema
REFUND = topic("refunds").schema
MOST = Decimal("9999999999.99")


def add(table: Table) -> None:
    """Add the cases."""
    _amounts(table)
    _limits(table)
    _currencies(table)
    _shapes(table)
    _missing(table)
    _neighbours(table)


def _amount(table: Table, name: str, type_: Any, written: Any, outcome: str) -> None:
    """Add a refund with another type of amount: it is read as `outcome`, unless that is no number but a reason."""
    read = {"amount": Decimal(outcome)} if outcome[0].isdigit() else outcome
    table.refund(f"amount-{name}", read, schema=retyped(REFUND, amount=type_), record={"amount": written})


def _amounts(table: Table) -> None:
    for name, type_, written, outcome in (
        ("fixed", decimal(12, 2, size=8), Decimal("19.99"), "19.99"),
        ("fixed-and-optional", ["null", decimal(30, 3, size=16)], Decimal("19.990"), "19.99"),
        ("fixed-and-negative", decimal(12, 2, size=8), Decimal("-19.99"), "amount is -19.99, less than 0"),
        ("of-more-places", decimal(12, 4), Decimal("1.5000"), "1.50"),
        ("of-too-many-places", decimal(12, 4), Decimal("0.0049"), "amount is 0.0049, which has more than 2"),
        ("whole", decimal(9, 0), Decimal(15), "15.00"),
        ("of-more-digits", decimal(38, 2), MOST, "9999999999.99"),
        ("of-too-many-digits", decimal(38, 2), Decimal("10000000000.00"), "which has more than 12 digits"),
        ("double", "double", 19.99, "19.99"),
        ("double-in-a-union", ["null", "double"], 0.1, "0.10"),
        ("double-sum", "double", 0.1 + 0.2, "stands for none of 2 decimal places"),
        ("double-negative", "double", -1.5, "amount is -1.50, less than 0"),
        ("double-minus-zero", "double", -0.0, "0.00"),
        ("double-not-a-number", "double", float("nan"), "stands for none of 2 decimal places"),
        ("double-huge", "double", 1e300, "which has more than 12 digits"),
        ("float", "float", 19.99, "19.99"),
        ("text", "string", "19.99", "amount is string, which is no decimal"),
        ("in-cents", "long", 1999, "amount is long, which is no decimal"),
        ("null", ["null", decimal(12, 2)], None, "amount is null"),
    ):
        _amount(table, name, type_, written, outcome)


def _limits(table: Table) -> None:
    """Add values that our own producer could write."""
    long = "r" * 1000
    for name, row, reason in (
        ("nothing", {"amount": Decimal("0.00")}, ""),
        ("a-cent", {"amount": Decimal("0.01")}, ""),
        ("most", {"amount": MOST, "quantity": 2**31 - 1}, ""),
        ("negative", {"amount": Decimal("-0.01")}, "amount is -0.01, less than 0"),
        ("least", {"amount": -MOST}, "amount is -9999999999.99, less than 0"),
        ("of-none", {"quantity": 0}, "quantity is 0, less than 1"),
        ("of-fewer-than-none", {"quantity": -3}, "quantity is -3, less than 1"),
        ("no-refund", {"refund_id": ""}, "refund_id is empty"),
        ("longest-refund", {"refund_id": long}, ""),
        ("too-long-a-refund", {"refund_id": long + "r"}, "refund_id has 1001 bytes, more than 1000"),
        ("nul-in-its-id", {"refund_id": "a\0b"}, "refund_id has a NUL character"),
        ("no-user", {"user_id": ""}, "user_id is empty"),
        ("no-order", {"order_id": ""}, "order_id is empty"),
        ("no-checkout", {"checkout_id": ""}, "checkout_id is empty"),
        ("no-product", {"product_id": ""}, "product_id is empty"),
        ("no-category", {"category_id": ""}, "category_id is empty"),
        ("no-reason", {"reason": ""}, ""),
        ("longest-reason", {"reason": long}, ""),
        ("too-long-a-reason", {"reason": long + "r"}, "reason has 1001 bytes, more than 1000"),
        ("nul-in-its-reason", {"reason": "broken\0"}, "reason has a NUL character"),
    ):
        table.refund(f"refund-{name}", reason or row, record=row)


def _currencies(table: Table) -> None:
    """Add codes of either kind of money row: three capital letters of English, and nothing besides."""
    for name, code in (
        ("in-small-letters", "eur"),
        ("of-two-letters", "EU"),
        ("of-four-letters", "EURO"),
        ("empty", ""),
        ("with-a-line-break", "EUR\n"),
        ("with-a-space", " EUR"),
        ("of-other-letters", "ÄÖÜ"),
        ("of-wide-letters", "ＥＵＲ"),  # noqa: RUF001
        ("that-is-a-sign", "€"),
        ("of-digits", "978"),
    ):
        refused = "currency does not look like [A-Z]{3}"
        table.refund(f"refund-currency-{name}", refused, record={"currency": code})
        table.checkout(f"checkout-currency-{name}", refused, record={"currency": code})
    for code in ("SEK", "XXX"):
        table.refund(f"refund-in-{code}", {"currency": code}, record={"currency": code})
        table.checkout(f"checkout-in-{code}", {"currency": code}, record={"currency": code})
    as_bytes = retyped(REFUND, currency="bytes")
    table.refund("refund-currency-in-bytes", {"currency": "NOK"}, schema=as_bytes, record={"currency": b"NOK"})
    codes = retyped(REFUND, currency=_enum("NOK", "eur"))
    table.refund("refund-currency-a-symbol", {"currency": "NOK"}, schema=codes, record={"currency": "NOK"})
    table.refund("refund-currency-a-wrong-symbol", "currency does not", schema=codes, record={"currency": "eur"})


def _shapes(table: Table) -> None:
    table.refund("refund-as-our-own", {})
    table.refund("refund-without-a-key", {}, has_key=False)
    table.refund("refund-in-another-order", {}, schema=REFUND | {"fields": REFUND["fields"][::-1]})
    table.refund("refund-by-another-name", {}, schema=REFUND | {"name": "CreditNote", "namespace": "com.acme"})
    said = {"checkout_id": "c-1", "category_id": "c-pots", "reason": "damaged", "source": "mobile_app"}
    table.refund("refund-that-says-everything", said, record=said)
    aliased = renamed(REFUND, refund_id="return_id", amount="value", currency="iso")
    theirs = {"return_id": "refund-renamed-with-alias", "value": Decimal("10.00"), "iso": "EUR"}
    table.refund("refund-renamed-with-alias", {}, schema=aliased, record=theirs)
    more = extended(REFUND, tax=["null", decimal(12, 2)], lines={"type": "array", "items": "long"})
    table.refund("refund-with-more-fields", {}, schema=more, record={"tax": Decimal("1.90"), "lines": [1, 2]})
    kiosk = retyped(REFUND, source=_enum("website", "kiosk"))
    table.refund("refund-from-a-newer-source", {"source": "unknown"}, schema=kiosk, record={"source": "kiosk"})
    why = retyped(REFUND, reason=_enum("damaged", "late"))
    table.refund("refund-reason-a-symbol", {"reason": "late"}, schema=why, record={"reason": "late"})
    long = retyped(REFUND, quantity="long")
    table.refund("refund-quantity-long", {"quantity": 74_215}, schema=long, record={"quantity": 74_215})
    too_many = "quantity is 2147483648, outside of 32 bits"
    table.refund("refund-quantity-too-long", too_many, schema=long, record={"quantity": 2**31})
    table.refund("refund-tombstone", "no value (a tombstone)", message=(None,))


def _missing(table: Table) -> None:
    optional = ("checkout_id", "category_id", "reason")
    table.refund("refund-optional-missing", dict.fromkeys(optional), schema=without(REFUND, *optional))
    for each in REFUND["fields"]:
        name = each["name"]
        if name not in optional:
            table.refund(f"refund-{name}-missing", f"has no field {name}", schema=without(REFUND, name))


def _neighbours(table: Table) -> None:
    """Add rows of one topic that look like those of another: three topics are read as one table."""
    table.checkout(
        "refund-among-checkouts", "has no field discount_rate", schema=REFUND, record=refund("stray", table.now)
    )
    table.click("refund-among-clicks", "has no field event_id", schema=REFUND, record=refund("stray", table.now))
    table.refund(
        "checkout-among-refunds", "has no field refund_id", schema=CHECKOUT, record=checkout("stray", table.now)
    )
    table.refund("click-among-refunds", "has no field refund_id", schema=CLICK, record=click("stray", table.now))
    theirs = {"refund_id": "r", "amount": Decimal("5.00")}
    types = {"refund_id": "string", "amount": decimal(12, 2)}
    table.checkout("checkout-that-names-a-refund", {}, schema=extended(CHECKOUT, **types), record=theirs)
    every = types | {"checkout_id": "string", "payment_status": "string", "currency": "string"}
    paid = theirs | {"checkout_id": "c", "payment_status": "succeeded", "currency": "EUR"}
    table.click("click-that-names-a-refund", {}, schema=extended(CLICK, **every), record=paid)
    acted = extended(REFUND, event_id="string", action="string", payment_status="string")
    as_click = {"event_id": "e", "action": "page_view", "payment_status": "succeeded"}
    table.refund("refund-that-names-a-payment", {}, schema=acted, record=as_click)


def _enum(*symbols: str) -> dict[str, object]:
    return {"type": "enum", "name": "Theirs", "symbols": list(symbols)}
