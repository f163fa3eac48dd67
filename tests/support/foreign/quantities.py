"""Numbers, times and texts: of other types and units, and beyond what a field allows."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from footfall_schemas.topics import topic

from support.foreign.case import Table, decimal, logical, retyped

CLICK = topic("clickstream").schema
CHECKOUT = topic("checkouts").schema
INVENTORY_UPDATE = topic("inventory-updates").schema
NO_DECIMAL = "unit_price is"
"""Begins why something is no price."""


def add(table: Table) -> None:
    """Add the cases."""
    _money(table)
    _limits(table)
    _numbers(table)
    _times(table)
    _texts(table)


def _price(table: Table, name: str, type_: Any, written: Any, outcome: str) -> None:
    """Add a checkout with another type of price: it is read as `outcome`, unless that is no number but a reason."""
    read = {"unit_price": Decimal(outcome)} if outcome[0].isdigit() else outcome
    table.checkout(name, read, schema=retyped(CHECKOUT, unit_price=type_), record={"unit_price": written})


def _money(table: Table) -> None:
    _price(table, "price-fixed", decimal(12, 2, size=8), Decimal("19.99"), "19.99")
    _price(table, "price-fixed-of-16-bytes", ["null", decimal(30, 3, size=16)], Decimal("19.990"), "19.99")
    _price(table, "price-of-more-places", decimal(12, 4), Decimal("1.5000"), "1.50")
    _price(
        table,
        "price-of-too-many-places",
        decimal(12, 4),
        Decimal("0.0049"),
        "unit_price is 0.0049, which has more than 2",
    )
    _price(table, "price-whole", decimal(9, 0), Decimal(15), "15.00")
    _price(table, "price-of-more-digits", decimal(38, 2), Decimal("9999999999.99"), "9999999999.99")
    _price(
        table, "price-of-too-many-digits", decimal(38, 2), Decimal("10000000000.00"), "which has more than 12 digits"
    )
    _price(table, "price-double", "double", 19.99, "19.99")
    _price(table, "price-double-in-a-union", ["null", "double"], 0.1, "0.10")
    _price(table, "price-double-sum", "double", 0.1 + 0.2, "stands for none of 2 decimal places")
    _price(table, "price-double-of-too-many-places", "double", 0.0049, "stands for none of 2 decimal places")
    _price(table, "price-double-not-a-number", "double", float("nan"), "stands for none of 2 decimal places")
    _price(table, "price-double-endless", "double", float("inf"), "stands for none of 2 decimal places")
    _price(table, "price-double-huge", "double", 1e300, "which has more than 12 digits")
    _price(table, "price-double-negative", "double", -1.5, "unit_price is -1.50, less than 0")
    _price(table, "price-double-minus-zero", "double", -0.0, "0.00")
    _price(table, "price-float", "float", 19.99, "19.99")
    _price(table, "price-text", "string", "19.99", f"{NO_DECIMAL} string, which is no decimal")
    _price(table, "price-int", "int", 20, f"{NO_DECIMAL} int, which is no decimal")
    _price(table, "price-in-cents", "long", 1999, f"{NO_DECIMAL} long, which is no decimal")
    _price(table, "price-bytes", "bytes", b"\x07\xcf", f"{NO_DECIMAL} bytes, which is no decimal")
    plain = retyped(CHECKOUT, unit_price="bytes")
    right, wrong = (retyped(CHECKOUT, unit_price=decimal(precision, scale)) for precision, scale in ((12, 2), (2, 4)))
    table.checkout(
        "price-decimal-that-is-none",
        f"{NO_DECIMAL} decimal (bytes), which is no decimal",
        schema=wrong,
        like=plain,
        record={"unit_price": b"\x07\xcf"},
        live=False,
    )
    for name, written, reason in (
        ("price-without-digits", b"", "without digits"),
        ("price-beyond-its-precision", b"\x7f" * 6, "a decimal of more than 12 digits"),
        ("price-padded", b"\x00" * 7 + b"\x07\xcf", ""),
        ("price-of-too-many-bytes", b"\x00" * 70 + b"\x07\xcf", "is a decimal of 72 bytes"),
    ):
        read = reason or {"unit_price": Decimal("19.99")}
        table.checkout(name, read, schema=right, like=plain, record={"unit_price": written})
    fixed = retyped(CHECKOUT, discount_rate=decimal(9, 6, size=5), shipping_cost="double")
    table.checkout(
        "rates-fixed",
        {"discount_rate": Decimal("0.2500")},
        schema=fixed,
        record={"discount_rate": Decimal("0.250000"), "shipping_cost": 1.0},
    )


def _limits(table: Table) -> None:
    """Add values that our own producer could write."""
    for name, row, reason in (
        ("many", {"quantity": 12_540}, ""),
        ("very-many-and-dear", {"quantity": 74_215, "unit_price": Decimal("15000000.00")}, ""),
        ("as-many-as-there-are", {"quantity": 2**31 - 1, "unit_price": Decimal("9999999999.99")}, ""),
        ("for-nothing", {"unit_price": Decimal("0.00"), "shipping_cost": Decimal("0.00")}, ""),
        ("all-taken-off", {"discount_rate": Decimal("1.0000")}, ""),
        ("none", {"quantity": 0}, "quantity is 0, less than 1"),
        ("fewer-than-none", {"quantity": -3}, "quantity is -3, less than 1"),
        ("negative-price", {"unit_price": Decimal("-0.01")}, "unit_price is -0.01, less than 0"),
        ("negative-shipping", {"shipping_cost": Decimal("-4.00")}, "shipping_cost is -4.00, less than 0"),
        ("more-than-all-taken-off", {"discount_rate": Decimal("1.0001")}, "discount_rate is 1.0001, more than 1"),
        ("something-put-on", {"discount_rate": Decimal("-0.1000")}, "discount_rate is -0.1000, less than 0"),
        ("no-order", {"order_id": ""}, "order_id is empty"),
        ("no-checkout", {"checkout_id": ""}, "checkout_id is empty"),
        ("no-session", {"session_id": ""}, "session_id is empty"),
    ):
        table.checkout(name, reason or row, record=row)
    table.inventory_update("no-update", "update_id is empty", record={"update_id": ""})
    table.inventory_update("less-than-nothing-left", {"quantity_on_hand": -5}, record={"quantity_on_hand": -5})


def _numbers(table: Table) -> None:
    long = retyped(CHECKOUT, quantity="long")
    table.checkout("quantity-long", {"quantity": 74_215}, schema=long, record={"quantity": 74_215})
    table.checkout(
        "quantity-too-long", "quantity is 2147483648, outside of 32 bits", schema=long, record={"quantity": 2**31}
    )
    table.checkout("quantity-long-and-none", "quantity is 0, less than 1", schema=long, record={"quantity": 0})
    table.checkout(
        "quantity-double",
        "quantity is double, which is no int",
        schema=retyped(CHECKOUT, quantity="double"),
        record={"quantity": 2.0},
    )
    table.checkout(
        "quantity-text",
        "quantity is string, which is no int",
        schema=retyped(CHECKOUT, quantity="string"),
        record={"quantity": "2"},
    )
    odd = retyped(CHECKOUT, quantity=logical("int", "acme-count"))
    table.checkout("quantity-with-a-meaning", {"quantity": 2}, schema=odd, record={"quantity": 2})
    wide = retyped(INVENTORY_UPDATE, quantity_on_hand="long", change="long")
    table.inventory_update("stock-long", {}, schema=wide)
    table.inventory_update(
        "unread-number-too-long", "change is 4294967296, outside of 32 bits", schema=wide, record={"change": 2**32}
    )


def _times(table: Table) -> None:
    plain = retyped(CLICK, event_time="long")
    for name, type_, per_milli, more in (
        ("time-in-micros", logical("long", "timestamp-micros"), 1_000, 999),
        ("time-in-nanos", logical("long", "timestamp-nanos"), 1_000_000, 999_999),
        ("time-without-a-meaning", "long", 1, 0),
    ):
        when = (_millis(table.now) + 1) * per_milli + more
        read = {"event_time": table.now + timedelta(milliseconds=1)}
        table.click(name, read, schema=retyped(CLICK, event_time=type_), like=plain, record={"event_time": when})
    local, odd = logical("long", "local-timestamp-millis"), logical("long", "time-micros")
    for name, type_, reason in (
        ("time-of-no-zone", local, "event_time is local-timestamp-millis (long), which is no timestamp-millis"),
        ("time-of-day", odd, "event_time is time-micros (long), which is no"),
        ("time-int", "int", "event_time is int, which is no timestamp-millis"),
        ("time-double", "double", "event_time is double, which is no timestamp-millis"),
        ("time-text", "string", "event_time is string, which is no timestamp-millis"),
    ):
        table.click(name, reason, schema=retyped(CLICK, event_time=type_), body=b"\x02a\x02b\x02c\x02d")
    for name, millis in (("year-10000", 253_402_300_800_000), ("year-0", -62_135_596_800_001)):
        reason = "event_time is outside of the years 1 to 9999"
        table.click(name, reason, like=plain, record={"event_time": millis})
    before = table.now.replace(year=1969)
    table.click(
        "micros-before-1970",
        {"event_time": before - timedelta(milliseconds=1)},
        schema=retyped(CLICK, event_time=logical("long", "timestamp-micros")),
        like=plain,
        record={"event_time": _millis(before) * 1000 - 1},
        live=False,
    )


def _millis(when: datetime) -> int:
    return int(when.timestamp()) * 1000


def _texts(table: Table) -> None:
    long = "p" * 1000
    for name, row, reason in (
        ("no-user", {"user_id": ""}, "user_id is empty"),
        ("no-event", {"event_id": ""}, "event_id is empty"),
        ("no-product", {"product_id": ""}, "product_id is empty"),
        ("longest-product", {"product_id": long}, ""),
        ("too-long-a-product", {"product_id": long + "p"}, "product_id has 1001 bytes, more than 1000"),
        ("longest-in-letters-not-bytes", {"product_id": "ü" * 501}, "product_id has 1002 bytes, more than 1000"),
        ("oversized", {"user_id": "u" * 900_000}, "user_id has 900000 bytes, more than 1000"),
        ("nul", {"user_id": "a\0b"}, "user_id has a NUL character"),
        ("nul-and-length-where-nobody-looks", {"user_agent": "a\0" * 50_000, "page": ""}, ""),
        ("emoji", {"user_id": "zoë 🛒", "product_id": "日本"}, ""),
        ("shown", {"action": "impression", "recommendation_id": "r-1"}, ""),
        ("shown-in-nothing", {"recommendation_id": ""}, "recommendation_id is empty"),
        ("shown-in-what-is-too-long", {"recommendation_id": long + "p"}, "recommendation_id has 1001 bytes"),
    ):
        table.click(name, reason or row, record=row)
    table.click("ids-in-bytes", {}, schema=retyped(CLICK, user_id="bytes"), record={"user_id": b"u-ids-in-bytes"})
    table.click(
        "ids-as-numbers",
        "user_id is long, which is no string",
        schema=retyped(CLICK, user_id="long"),
        record={"user_id": 7},
    )
    table.click(
        "id-uuid",
        {"user_id": "11111111-2222-3333-4444-555555555555"},
        schema=retyped(CLICK, user_id=logical("string", "uuid")),
        record={"user_id": "11111111-2222-3333-4444-555555555555"},
    )
    fixed = retyped(CLICK, user_id=logical("fixed", "uuid", name="Uuid", size=16))
    table.click("id-uuid-fixed", "user_id is uuid (fixed), which is no string", schema=fixed, body=b"\x02a" * 20)
    longest = retyped(CLICK, channel={"type": "enum", "name": "C", "symbols": ["c" * 1001, "email"]})
    table.click("too-long-a-symbol", "channel has 1001 bytes", schema=longest, record={"channel": "c" * 1001})
