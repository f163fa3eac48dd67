"""Turns rows of an Online Retail file into checkouts and refunds of the shop."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from footfall_schemas import codec
from footfall_schemas.topics import topic

from footfall_generator.columns import (
    check_layout,
    decimals,
    encode_fields,
    fixed,
    join,
    millis,
    objects,
    pool,
    strings,
    take,
    varints,
)
from footfall_generator.encode import NONE, SOME
from footfall_generator.online_retail_rows import RetailRows
from footfall_generator.rows import Rows
from footfall_generator.streams import CHECKOUTS, REFUNDS

SOURCE = "website"
REASONS = ("adjusted", "cancelled")
"""Of refunds on ordinary invoices, and of cancellations."""


class OnlineRetailEncoder:
    """Encodes rows of one file; ids follow from the file's fingerprint and the line, so that equal rows stay apart.

    Args:
        fingerprint: Tells this file from others.
        currency: What its prices are in.
        schema_ids: Registry ids by topic name.
    """

    def __init__(self, fingerprint: str, currency: str, schema_ids: Mapping[str, int]) -> None:
        checkout, refund = topic(CHECKOUTS), topic(REFUNDS)
        sale = {
            "discount_rate": Decimal(0),
            "shipping_cost": Decimal(0),
            "currency": currency,
            "payment_method": "unknown",
            "payment_status": "succeeded",
            "payment_failure_reason": None,
            "source": SOURCE,
            "channel": None,
        }
        about = ("product_id", "category_id", "quantity")
        ids = ("order_id", "event_time", "user_id", "session_id")
        check_layout(checkout, ("checkout_id", *ids), about, ("unit_price", *sale))
        ids = ("event_time", "user_id", "order_id", "checkout_id")
        check_layout(refund, ("refund_id", *ids), about, ("amount", "currency", "reason", "source"))
        self._id_start = f"or-{fingerprint}-"
        self._headers = {name: codec.header(schema_ids[name]) for name in (CHECKOUTS, REFUNDS)}
        self._sale = encode_fields(checkout, sale)
        self._ends = pool(
            encode_fields(refund, {"currency": currency, "reason": reason, "source": SOURCE}) for reason in REASONS
        )

    def encode(self, rows: RetailRows) -> list[Rows]:
        """Return the checkouts and the refunds, each in the order of the rows."""
        sales, refunds = rows.pick(np.flatnonzero(~rows.refund)), rows.pick(np.flatnonzero(rows.refund))
        return [encoded for encoded in (self._checkouts(sales), self._refunds(refunds)) if len(encoded)]

    def _checkouts(self, rows: RetailRows) -> Rows:
        start = (self._headers[CHECKOUTS], self._ids(rows), strings(rows.invoice), fixed(millis(rows.time * 1000)))
        what = (strings(rows.user), NONE, strings(rows.product), NONE, varints(rows.quantity))
        return _rows(CHECKOUTS, rows, join(*start, *what, SOME, decimals(rows.cents), self._sale))

    def _refunds(self, rows: RetailRows) -> Rows:
        start = (self._headers[REFUNDS], self._ids(rows), fixed(millis(rows.time * 1000)), strings(rows.user))
        what = (strings(rows.invoice), NONE, strings(rows.product), NONE, varints(rows.quantity))
        amounts = decimals(rows.quantity * rows.cents)
        return _rows(REFUNDS, rows, join(*start, *what, amounts, take(self._ends, rows.cancelled.astype(np.int64))))

    def _ids(self, rows: RetailRows) -> Any:
        start, numbers = pa.scalar(self._id_start), pa.array(rows.line).cast(pa.string())
        return strings(pc.binary_join_element_wise(start, numbers, pa.scalar("")))


def _rows(name: str, rows: RetailRows, values: Any) -> Rows:
    return Rows.normal(name, rows.time * 1000, objects(rows.user.cast(pa.binary())), objects(values))
