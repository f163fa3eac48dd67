"""Turns what happened in the shop into Avro messages."""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow.compute as pc
from footfall_schemas import codec
from footfall_schemas.topics import Json, topic

from footfall_generator.encode.columns import (
    byte_matrix,
    decimals,
    fixed,
    hex_digits,
    join,
    millis,
    objects,
    take,
    varints,
)
from footfall_generator.encode.dictionaries import (
    checkout_dictionaries,
    click_dictionaries,
    inventory_dictionaries,
    refund_dictionaries,
)
from footfall_generator.events.arrays import Bytes, Ints, Objects
from footfall_generator.events.clock import millis as millis_of
from footfall_generator.events.rows import Rows
from footfall_generator.events.streams import CHECKOUTS, CLICKS, DIMENSION_TOPICS, EVENT_TOPICS, INVENTORY, REFUNDS
from footfall_generator.shop import vocabulary
from footfall_generator.shop.catalog import Catalog, product_record
from footfall_generator.shop.inventory import InventoryUpdates
from footfall_generator.shop.refunds import Refund
from footfall_generator.shop.shop import Slice
from footfall_generator.shop.shoppers import PAGE_VIEW, Clicks, Lines

ID_DIGITS = 9
ID_LENGTH = bytes([2 * (1 + 8 + 1 + ID_DIGITS)])
"""Avro's length of an id: kind, run, dash, number."""
SOME = b"\x02"
"""Avro's mark that an optional field has a value."""
NONE = b"\x00"
"""Avro's mark that it has none."""
TERMS = len(vocabulary.DISCOUNTS) * len(vocabulary.SHIPPING) * len(vocabulary.PAYMENT_METHODS)
OUTCOMES = 1 + len(vocabulary.FAILURE_REASONS)


class Encoder:
    """Encodes the slices of one run and numbers the events as they come.

    Args:
        catalog: The shop.
        run: Part of every id, unique to the run: eight characters.
        schema_ids: Registry ids by topic name.
    """

    def __init__(self, catalog: Catalog, run: str, schema_ids: Mapping[str, int]) -> None:
        self._catalog = catalog
        self._run = run
        self._schema_ids = schema_ids
        self._numbers = dict.fromkeys(EVENT_TOPICS, 0)
        self._users = byte_matrix(catalog.user_ids)
        self._user_keys = as_objects(name.encode() for name in catalog.user_ids)
        self._product_keys = as_objects(name.encode() for name in catalog.product_ids)
        self._click = click_dictionaries(catalog)
        self._checkout = checkout_dictionaries(catalog)
        self._refund = refund_dictionaries(catalog, self._checkout.products)
        self._inventory = inventory_dictionaries(catalog)

    def encode(self, piece: Slice) -> list[Rows]:
        """Return the slice's messages: price changes first, then the event topics."""
        rows = [
            self._price_changes(piece),
            self._clicks(piece.clicks, piece.click_times),
            self._lines(piece.lines, piece.line_times),
            self._refunds(piece.refunds),
            self.inventory_updates(piece.inventory_updates),
        ]
        return [each for each in rows if len(each)]

    def records(self, name: str, records: Iterable[Json]) -> Rows:
        """Return any records of a topic, encoded one by one."""
        return encode_records(name, records, self._schema_ids)

    def inventory_updates(self, moved: InventoryUpdates) -> Rows:
        """Return inventory updates."""
        times, product = _ints(moved.time), _ints(moved.product)
        body = join(
            fixed(*self._new_ids(INVENTORY, "i", len(times)), millis(times)),
            take(self._inventory.products, product),
            take(self._inventory.warehouses, _ints(moved.warehouse)),
            varints(_ints(moved.change)),
            varints(_ints(moved.on_hand)),
            take(self._inventory.reasons, _ints(moved.reason)),
        )
        return Rows.normal(INVENTORY, times, self._product_keys[product], objects(body))

    def _clicks(self, clicks: Clicks, times: Ints) -> Rows:
        product_action = len(vocabulary.PAGES) + (clicks.action - 1) * len(self._catalog.product_ids)
        body = join(
            fixed(
                *self._new_ids(CLICKS, "e", len(times)),
                millis(times),
                self._users[clicks.user],
                SOME,
                *self._ids("s", clicks.visit),
            ),
            take(self._click.things, clicks.thing + np.where(clicks.action == PAGE_VIEW, 0, product_action)),
            take(self._click.clients, clicks.client),
        )
        return Rows.normal(CLICKS, times, self._user_keys[clicks.user], objects(body))

    def _lines(self, lines: Lines, times: Ints) -> Rows:
        terms = (lines.currency * TERMS + lines.terms) * OUTCOMES + lines.outcome
        body = join(
            fixed(
                codec.header(self._schema_ids[CHECKOUTS]),
                *self._ids("c", lines.number),
                *self._ids("o", lines.visit),  # a visit ends with its order, so they share the number
                millis(times),
                self._users[lines.user],
                SOME,
                *self._ids("s", lines.visit),
            ),
            take(self._checkout.products, lines.product),
            varints(lines.quantity),
            SOME,
            decimals(lines.price),
            take(self._checkout.terms, terms),
            take(self._checkout.clients, lines.client),
        )
        return Rows.normal(CHECKOUTS, times, self._user_keys[lines.user], objects(body))

    def _refunds(self, refunds: list[Refund]) -> Rows:
        columns = np.array(refunds, dtype=np.int64).reshape(-1, len(Refund._fields)).T
        of = dict(zip(Refund._fields, columns, strict=True))
        times, user, agent = of["time"], of["user"], of["client"] // len(vocabulary.CHANNELS)
        end = (of["currency"] * len(vocabulary.REFUND_REASONS) + of["reason"]) * len(vocabulary.AGENTS) + agent
        body = join(
            fixed(
                *self._new_ids(REFUNDS, "r", len(times)),
                millis(times),
                self._users[user],
                *self._ids("o", of["visit"]),
            ),
            pc.if_else(of["line_known"] > 0, fixed(SOME, *self._ids("c", of["line"])), NONE),
            take(self._refund.products, of["product"]),
            varints(of["quantity"]),
            decimals(of["amount"]),
            take(self._refund.ends, end),
        )
        return Rows.normal(REFUNDS, times, self._user_keys[user], objects(body))

    def _price_changes(self, piece: Slice) -> Rows:
        return self.records(
            "products", (product_record(self._catalog, product, piece.start) for product in piece.price_changes)
        )

    def _new_ids(self, name: str, kind: str, count: int) -> tuple[bytes, bytes, Bytes]:
        first = self._numbers[name]
        self._numbers[name] += count
        numbers = np.arange(first, first + count, dtype=np.int64)
        return codec.header(self._schema_ids[name]), *self._ids(kind, numbers)

    def _ids(self, kind: str, numbers: Ints) -> tuple[bytes, Bytes]:
        return ID_LENGTH + f"{kind}{self._run}-".encode(), hex_digits(numbers, ID_DIGITS)


def encode_records(name: str, records: Iterable[Json], schema_ids: Mapping[str, int]) -> Rows:
    """Return any records of a topic, encoded one by one.

    Raises:
        ValueError: A record does not fit the schema.
    """
    rows, time = list(records), "updated_at" if name in DIMENSION_TOPICS else "event_time"
    return Rows.normal(
        name,
        np.array([millis_of(row[time]) for row in rows], dtype=np.int64),
        as_objects(codec.key_of(topic(name), row) for row in rows),
        as_objects(codec.encode(schema_ids[name], topic(name).schema, row) for row in rows),
    )


def as_objects(values: Iterable[bytes]) -> Objects:
    """Return the values as an array of Python objects."""
    items = list(values)
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)
