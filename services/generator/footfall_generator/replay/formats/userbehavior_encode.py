"""Turns rows of a UserBehavior file into events of the shop."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from footfall_schemas import codec
from footfall_schemas.topics import topic

from footfall_generator.encode.columns import (
    check_layout,
    dictionary,
    encode_fields,
    fixed,
    join,
    millis,
    objects,
    strings,
    take,
)
from footfall_generator.encode.encoder import SOME
from footfall_generator.events.arrays import Ints
from footfall_generator.events.rows import Rows
from footfall_generator.events.streams import CHECKOUTS, CLICKS
from footfall_generator.replay.formats.recorded_encode import SOURCE, ids, payment
from footfall_generator.replay.formats.userbehavior import BEHAVIORS, Behaviors

ACTIONS = {"pv": "product_view", "cart": "add_to_cart", "fav": "add_to_wishlist"}
BUY = BEHAVIORS.index("buy")


class UserBehaviorEncoder:
    """Encodes rows of one file; ids follow from the file's fingerprint and the line.

    Args:
        fingerprint: Tells this file from others.
        currency: What it was paid in; the file has no prices.
        schema_ids: Registry ids by topic name.
    """

    def __init__(self, fingerprint: str, currency: str, schema_ids: Mapping[str, int]) -> None:
        click, checkout = topic(CLICKS), topic(CHECKOUTS)
        check_layout(
            click,
            ("event_id", "event_time", "user_id", "session_id", "action", "page"),
            (
                "product_id",
                "category_id",
                *(tail := {"source": SOURCE, "channel": None, "user_agent": None, "recommendation_id": None}),
            ),
        )
        purchase = {"quantity": 1, "unit_price": None} | payment(currency)
        start = ("checkout_id", "order_id", "event_time", "user_id", "session_id")
        check_layout(checkout, start, ("product_id", "category_id", *purchase))
        self._id_start = f"ub-{fingerprint}-"
        self._headers = {name: codec.header(schema_ids[name]) for name in (CLICKS, CHECKOUTS)}
        self._actions = dictionary(
            encode_fields(click, {"session_id": None, "action": ACTIONS.get(name, "unknown"), "page": None})
            for name in BEHAVIORS
        )
        self._click_tail = encode_fields(click, tail)
        self._no_session = encode_fields(checkout, {"session_id": None})
        self._purchase = encode_fields(checkout, purchase)

    def encode(self, rows: Behaviors) -> list[Rows]:
        """Return the clicks and the checkouts, each in the order of the rows."""
        bought = rows.behavior == BUY
        clicks, checkouts = rows.pick(np.flatnonzero(~bought)), rows.pick(np.flatnonzero(bought))
        return [encoded for encoded in (self._clicks(clicks), self._checkouts(checkouts)) if len(encoded)]

    def _clicks(self, rows: Behaviors) -> Rows:
        users, product, category = _texts(rows.user), _texts(rows.item), _texts(rows.category)
        about = (SOME, strings(product), SOME, strings(category), self._click_tail)
        start = (self._headers[CLICKS], ids(self._id_start, rows.line), fixed(millis(rows.time * 1000)), strings(users))
        return _rows(CLICKS, rows, users, join(*start, take(self._actions, rows.behavior), *about))

    def _checkouts(self, rows: Behaviors) -> Rows:
        users, product, category = _texts(rows.user), _texts(rows.item), _texts(rows.category)
        line = ids(self._id_start, rows.line)
        start = (
            self._headers[CHECKOUTS],
            line,
            line,
            fixed(millis(rows.time * 1000)),
            strings(users),
            self._no_session,
        )
        return _rows(CHECKOUTS, rows, users, join(*start, strings(product), SOME, strings(category), self._purchase))


def _texts(numbers: Ints) -> Any:
    return pa.array(numbers).cast(pa.string())


def _rows(name: str, rows: Behaviors, users: Any, values: Any) -> Rows:
    return Rows.normal(name, rows.time * 1000, objects(users.cast(pa.binary())), objects(values))
