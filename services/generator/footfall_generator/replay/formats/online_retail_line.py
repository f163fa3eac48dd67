"""One line of an Online Retail file: what it says, or why it can be no event. Pure."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from footfall_generator.replay.formats.local_time import LocalClock
from footfall_generator.replay.formats.recorded import FormatError
from footfall_generator.replay.formats.set_apart import EXACT, SetApart

NAMES = {
    "invoice": ("invoiceno", "invoice"),
    "product": ("stockcode",),
    "quantity": ("quantity",),
    "date": ("invoicedate",),
    "price": ("unitprice", "price"),
    "customer": ("customerid",),
}
"""How the columns that are read are called, without blanks and in small letters; others are left alone."""
MOST_CENTS = 10**12 - 1
"""What decimal(12,2) holds."""
MOST_UNITS = 2**31 - 1
LONGEST_ID = 1000
"""Bytes."""
REMEMBERED = 1 << 14
"""Numbers whose meaning is kept."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
_CUSTOMER = re.compile(r"[0-9]+\.0")


class Columns(NamedTuple):
    """Where each column stands."""

    invoice: int
    product: int
    quantity: int
    date: int
    price: int
    customer: int
    width: int
    """Columns of every line."""


class Line(NamedTuple):
    """A sale or a refund."""

    time: int
    """Seconds since 1970."""
    refund: bool
    cancelled: bool
    """Whether its invoice is a cancellation; a refund that is none is a negative quantity on an ordinary invoice."""
    quantity: int
    """1 or more."""
    cents: int
    """Price of one unit."""
    invoice: str
    product: str
    user: str


def find_columns(header: Sequence[str]) -> Columns:
    """Return where the columns stand.

    Raises:
        FormatError: One is missing or there twice.
    """
    names = ["".join(name.split()).casefold() for name in header]
    places = {wanted: [at for at, name in enumerate(names) if name in known] for wanted, known in NAMES.items()}
    if any(len(found) != 1 for found in places.values()):
        raise FormatError(
            "its first line must name InvoiceNo (or Invoice), StockCode, Quantity, InvoiceDate, UnitPrice (or Price) and "
            f"CustomerID, each once; it reads {','.join(header)[:200]!r}"
        )
    return Columns(**{wanted: found[0] for wanted, found in places.items()}, width=len(names))


class LineReader:
    """Reads the fields of lines.

    Args:
        columns: Where they stand.
        clock: Reads InvoiceDate.
    """

    def __init__(self, columns: Columns, clock: LocalClock) -> None:
        self._at = columns
        self._clock = clock

    def read(self, number: int, fields: list[str]) -> Line | SetApart:
        """Return what the line says."""
        at = self._at
        if len(fields) != at.width:
            if not fields:
                return SetApart(number, "blank line", "blank line")
            return SetApart(number, "number of columns", f"{len(fields)} columns instead of {at.width}")
        quantity, price = _number(fields[at.quantity]), _number(fields[at.price])
        if quantity is None or price is None:
            name, text = ("Quantity", fields[at.quantity]) if quantity is None else ("UnitPrice", fields[at.price])
            return SetApart(number, "no number", f"{name} {_shown(text)} is not a plain number")
        invoice, product = fields[at.invoice].strip(), fields[at.product].strip()
        seconds = self._clock.seconds(fields[at.date].strip())
        user = _user(fields[at.customer].strip(), invoice)
        flaw = (
            _flaw_of_ids(invoice, product, user)
            or _flaw_of_numbers(invoice, quantity, price)
            or (("no time", f"InvoiceDate {_shown(fields[at.date])} {seconds}") if isinstance(seconds, str) else None)
        )
        if flaw:
            return SetApart(number, *flaw, EXACT.multiply(quantity, price))
        cancelled, units = invoice[0] in "Cc", int(quantity)
        refund = cancelled or units < 0
        return Line(int(seconds), refund, cancelled, abs(units), int(_cents(price)), invoice, product, user)


def _flaw_of_ids(invoice: str, product: str, user: str) -> tuple[str, str] | None:
    if not invoice:
        return "no invoice", "InvoiceNo is empty"
    if not product:
        return "no product", "StockCode is empty"
    for name, text in (("InvoiceNo", invoice), ("StockCode", product), ("CustomerID", user)):
        if len(text.encode(errors="surrogatepass")) > LONGEST_ID:
            return "too long", f"{name} {_shown(text)} is longer than {LONGEST_ID} bytes"
    return None


def _flaw_of_numbers(invoice: str, quantity: Decimal, price: Decimal) -> tuple[str, str] | None:
    if invoice[0] in "Aa":
        return "bad debt", f"invoice {_shown(invoice)} adjusts bad debt"
    if price < 0:
        return "negative price", f"UnitPrice {price:f} is below 0"
    if not quantity:
        return "quantity of 0", "Quantity is 0"
    if quantity != quantity.to_integral_value():
        return "no whole quantity", f"Quantity {quantity:f} is not a whole number"
    if invoice[0] in "Cc" and quantity > 0:
        return (
            "cancellation of nothing",
            f"invoice {_shown(invoice)} is a cancellation, but Quantity {quantity:f} is not negative",
        )
    cents = _cents(price)
    if cents != cents.to_integral_value():
        return "price finer than cents", f"UnitPrice {price:f} has more than two decimal places"
    back = EXACT.multiply(abs(quantity), cents) if quantity < 0 else Decimal(0)
    if max(cents, back) > MOST_CENTS or abs(quantity) > MOST_UNITS:
        return "too large", f"{quantity:f} x {price:f} is more than an event holds"
    return None


def _cents(price: Decimal) -> Decimal:
    return EXACT.scaleb(price, 2)


def _user(customer: str, invoice: str) -> str:
    """Return who bought; tables with gaps in a column of numbers are often written with `.0` behind each."""
    if not customer:
        return f"guest-{invoice}"
    return customer.removesuffix(".0") if _CUSTOMER.fullmatch(customer) else customer


@lru_cache(maxsize=REMEMBERED)
def _number(text: str) -> Decimal | None:
    return Decimal(bare) if _NUMBER.fullmatch(bare := text.strip()) else None


def _shown(text: str) -> str:
    return repr(text[:40])
