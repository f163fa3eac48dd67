"""Everything in an event that takes few values, encoded once."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from footfall_schemas.topics import topic

from footfall_generator import words
from footfall_generator.catalog import Catalog
from footfall_generator.columns import check_layout, encode_fields, pool
from footfall_generator.inventory import REASONS
from footfall_generator.shoppers import ACTIONS, PAGE_VIEW
from footfall_generator.streams import CHECKOUTS, CLICKS, INVENTORY


@dataclass(frozen=True)
class ClickPools:
    """Field groups of `clickstream`; the fields before them are written row by row."""

    things: Any
    """Action, page, product_id, category_id: the pages, then every product for each action."""
    clients: Any
    """Source, channel, user_agent by AGENTS x CHANNELS."""


@dataclass(frozen=True)
class CheckoutPools:
    """Field groups of `checkouts`."""

    products: Any
    terms: Any
    """Discount to failure reason by DISCOUNTS x SHIPPING x PAYMENT_METHODS x outcome."""
    clients: Any
    """Source and channel by AGENTS x CHANNELS."""


@dataclass(frozen=True)
class InventoryPools:
    """Field groups of `inventory-updates`."""

    products: Any
    warehouses: Any
    reasons: Any


def click_pools(catalog: Catalog) -> ClickPools:
    """Encode what a click can be about, and who can click with what.

    Raises:
        LayoutError: The schema has other fields.
    """
    about, client = (
        ("action", "page", "product_id", "category_id"),
        ("source", "channel", "user_agent", "recommendation_id"),
    )
    check_layout(topic(CLICKS), ("event_id", "event_time", "user_id", "session_id"), about, client)
    pages = ((ACTIONS[PAGE_VIEW], page, None, None) for page in words.PAGES)
    things = ((action, None, *ids) for action in ACTIONS[1:] for ids in _product_ids(catalog))
    clients = ((source, channel, agent, None) for (source, agent), channel in product(words.AGENTS, words.CHANNELS))
    return ClickPools(things=_pool(CLICKS, about, (*pages, *things)), clients=_pool(CLICKS, client, clients))


def checkout_pools(catalog: Catalog) -> CheckoutPools:
    """Encode what can be bought, and how.

    Raises:
        LayoutError: The schema has other fields.
    """
    ids = ("checkout_id", "order_id", "event_time", "user_id", "session_id")
    what, amounts, client = ("product_id", "category_id"), ("quantity", "unit_price"), ("source", "channel")
    money = ("discount_rate", "shipping_cost", "currency")
    terms = (*money, "payment_method", "payment_status", "payment_failure_reason")
    check_layout(topic(CHECKOUTS), ids, what, amounts, terms, client)
    outcomes = (("succeeded", None), *(("failed", reason) for reason in words.FAILURE_REASONS))
    all_terms = product(words.DISCOUNTS, words.SHIPPING, words.PAYMENT_METHODS, outcomes)
    return CheckoutPools(
        products=_pool(CHECKOUTS, what, _product_ids(catalog)),
        terms=_pool(
            CHECKOUTS,
            terms,
            (
                (Decimal(discount), Decimal(shipping), words.CURRENCY, method, *outcome)
                for discount, shipping, method, outcome in all_terms
            ),
        ),
        clients=_pool(
            CHECKOUTS, client, ((source, channel) for (source, _), channel in product(words.AGENTS, words.CHANNELS))
        ),
    )


def inventory_pools(catalog: Catalog) -> InventoryPools:
    """Encode what can move, where and why.

    Raises:
        LayoutError: The schema has other fields.
    """
    check_layout(
        topic(INVENTORY),
        ("update_id", "event_time", "product_id", "warehouse_id"),
        ("change", "quantity_on_hand", "reason"),
    )
    return InventoryPools(
        products=_pool(INVENTORY, ("product_id",), ((each,) for each in catalog.product_ids)),
        warehouses=_pool(INVENTORY, ("warehouse_id",), ((each,) for each in words.WAREHOUSES)),
        reasons=_pool(INVENTORY, ("reason",), ((each,) for each in REASONS)),
    )


def encode_price(cents: int) -> bytes:
    """Encode a checkout's unit price."""
    return encode_fields(topic(CHECKOUTS), {"unit_price": Decimal(cents).scaleb(-2)})


def _product_ids(catalog: Catalog) -> Iterable[tuple[str, str]]:
    return zip(catalog.product_ids, (catalog.category_ids[number] for number in catalog.category), strict=True)


def _pool(name: str, fields: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Any:
    return pool(encode_fields(topic(name), dict(zip(fields, row, strict=True))) for row in rows)
