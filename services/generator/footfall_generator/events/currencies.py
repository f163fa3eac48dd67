"""What shoppers pay in, and what a price is about in another currency."""

import re
from collections.abc import Sequence

import numpy as np
from footfall_chassis.lists import parts

from footfall_generator.events.arrays import Floats, Ints

EXCHANGE_RATES = {
    "EUR": 1.0,
    "USD": 1.1,
    "GBP": 0.85,
    "CHF": 0.95,
    "SEK": 11.2,
    "NOK": 11.6,
    "DKK": 7.46,
    "PLN": 4.3,
    "CZK": 25.0,
    "TRY": 36.0,
    "CNY": 7.8,
    "JPY": 160.0,
    "INR": 92.0,
}
"""Units of each that are about one euro: made for plausible prices, not for conversion. Any other currency is taken for
worth a euro."""
WHOLE_FROM = 100.0
"""Where a euro is so many units, prices have no cents."""
MOST = 20
"""Currencies at once; each has its own terms of payment, encoded beforehand."""
_CODE = re.compile("[A-Z]{3}")


def check_code(code: str) -> str:
    """Return the code of a currency.

    Raises:
        ValueError: It is not three capital letters.
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a currency; write three capital letters, such as EUR")
    return code


def check_codes(codes: Sequence[str]) -> tuple[str, ...]:
    """Return the codes of a shop's currencies.

    Raises:
        ValueError: There is none, one is not three capital letters or is there twice, or there are too many.
    """
    if not 1 <= len(codes) <= MOST:
        raise ValueError(f"write 1 to {MOST} currencies, such as EUR,SEK")
    for code in codes:
        if codes.count(check_code(code)) > 1:
            raise ValueError(f"currency {code} is given twice")
    return tuple(codes)


def split_codes(text: str) -> tuple[str, ...]:
    """Read EUR,SEK.

    Raises:
        ValueError: It is no list of different currencies.
    """
    return check_codes(parts(text))


def rates(codes: Sequence[str]) -> Floats:
    """Return what one euro is about in each of the currencies."""
    return np.array([EXCHANGE_RATES.get(code, 1.0) for code in codes])


def converted(euro_cents: Ints, rate: Floats) -> Ints:
    """Return the prices in hundredths of currencies of which a euro is `rate` units, as a shop would write them."""
    step = np.where(rate >= WHOLE_FROM, 100, 1)
    return np.asarray(np.maximum(np.rint(euro_cents * rate / step), 1) * step).astype(np.int64)
