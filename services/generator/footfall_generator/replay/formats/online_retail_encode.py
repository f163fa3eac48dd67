"""Turns rows of an Online Retail file into checkouts and refunds of the shop."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from footfall_schemas import codec
from footfall_schemas.topics import topic

from footfall_generator.encode.columns import (
    check_layout,
    decimals,
    dictionary,
    encode_fields,
    fixed,
    join,
    millis,
    objects,
    strings,
    take,
    varints,
)
from footfall_generator.encode.encoder import NONE, SOME
from footfall_generator.events.rows import Rows
from footfall_generator.events.streams import CHECKOUTS, REFUNDS
from footfall_generator.replay.formats.online_retail_rows import RetailRows
from footfall_generator.replay.formats.recorded_encode import SOURCE, ids, payment

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
        sale = payment(currency)
        about = ("product_id", "category_id", "quantity")
        bought = ("checkout_id", "order_id", "event_time", "user_id", "session_id")
        check_layout(checkout, bought, about, ("unit_price", *sale))
        returned = ("refund_id", "event_time", "user_id", "order_id", "checkout_id")
        check_layout(refund, returned, about, ("amount", "currency", "reason", "source"))
        self._id_start = f"or-{fingerprint}-"
        self._headers = {name: codec.header(schema_ids[name]) for name in (CHECKOUTS, REFUNDS)}
        self._sale = encode_fields(checkout, sale)
        self._ends = dictionary(
            encode_fields(refund, {"currency": currency, "reason": reason, "source": SOURCE}) for reason in REASONS
        )

    def encode(self, rows: RetailRows) -> list[Rows]:
        """Return the checkouts and the refunds, each in the order of the rows."""
        sales, refunds = rows.pick(np.flatnonzero(~rows.refund)), rows.pick(np.flatnonzero(rows.refund))
        return [encoded for encoded in (self._checkouts(sales), self._refunds(refunds)) if len(encoded)]

    def _checkouts(self, rows: RetailRows) -> Rows:
        start = (
            self._headers[CHECKOUTS],
            ids(self._id_start, rows.line),
            strings(rows.invoice),
            fixed(millis(rows.time * 1000)),
        )
        what = (strings(rows.user), NONE, strings(rows.product), NONE, varints(rows.quantity))
        return _rows(CHECKOUTS, rows, join(*start, *what, SOME, decimals(rows.cents), self._sale))

    def _refunds(self, rows: RetailRows) -> Rows:
        start = (
            self._headers[REFUNDS],
            ids(self._id_start, rows.line),
            fixed(millis(rows.time * 1000)),
            strings(rows.user),
        )
        what = (strings(rows.invoice), NONE, strings(rows.product), NONE, varints(rows.quantity))
        amounts = decimals(rows.quantity * rows.cents)
        return _rows(REFUNDS, rows, join(*start, *what, amounts, take(self._ends, rows.cancelled.astype(np.int64))))


def _rows(name: str, rows: RetailRows, values: Any) -> Rows:
    return Rows.normal(name, rows.time * 1000, objects(rows.user.cast(pa.binary())), objects(values))
