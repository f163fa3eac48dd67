"""What events of every recorded file have in common: where they happened, how they were paid, and ids made from lines."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from footfall_generator.encode.columns import strings
from footfall_generator.events.arrays import Ints

SOURCE = "website"


def payment(currency: str) -> dict[str, Any]:
    """Return the last fields of a checkout, in the order of its schema: paid, and no more is known."""
    return {
        "discount_rate": Decimal(0),
        "shipping_cost": Decimal(0),
        "currency": currency,
        "payment_method": "unknown",
        "payment_status": "succeeded",
        "payment_failure_reason": None,
        "source": SOURCE,
        "channel": None,
    }


def ids(start: str, lines: Ints) -> Any:
    """Return an encoded id for each line of the file."""
    numbers = pa.array(lines).cast(pa.string())
    return strings(pc.binary_join_element_wise(pa.scalar(start), numbers, pa.scalar("")))
