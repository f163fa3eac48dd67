"""Sums of money to the last digit. Pure."""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from functools import reduce

NO_MONEY = Decimal(0)
# Amounts have up to 38 digits, and Python's own sums 28.
_EXACT = Context(prec=200, traps=[Inexact])


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum of amounts of one currency."""
    return reduce(_EXACT.add, amounts, NO_MONEY)
