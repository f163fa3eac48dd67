"""Dictionary encoding: every group of fields that takes few values, encoded once, to be picked by position."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from footfall_schemas.topics import topic

from footfall_generator.encode.columns import check_layout, dictionary, encode_fields
from footfall_generator.events.currencies import rates
from footfall_generator.events.streams import CHECKOUTS, CLICKS, INVENTORY, REFUNDS
from footfall_generator.shop import vocabulary
from footfall_generator.shop.catalog import Catalog
from footfall_generator.shop.inventory import REASONS
from footfall_generator.shop.shoppers import ACTIONS, PAGE_VIEW


@dataclass(frozen=True)
class ClickDictionaries:
    """Field groups of `clickstream`; the fields before them are written row by row."""

    things: Any
    """Action, page, product_id, category_id: the pages, then every product for each action."""
    clients: Any
    """Source, channel, user_agent, recommendation_id by AGENTS x CHANNELS."""


@dataclass(frozen=True)
class CheckoutDictionaries:
    """Field groups of `checkouts`."""

    products: Any
    terms: Any
    """Discount to failure reason by currency x DISCOUNTS x SHIPPING x PAYMENT_METHODS x outcome."""
    clients: Any
    """Source and channel by AGENTS x CHANNELS."""


@dataclass(frozen=True)
class RefundDictionaries:
    """Field groups of `refunds`."""

    products: Any
    ends: Any
    """Currency, reason and source by currency x REFUND_REASONS x AGENTS."""


@dataclass(frozen=True)
class InventoryDictionaries:
    """Field groups of `inventory-updates`."""

    products: Any
    warehouses: Any
    reasons: Any


def click_dictionaries(catalog: Catalog) -> ClickDictionaries:
    """Encode what a click can be about, and who can click with what.

    Raises:
        LayoutError: The schema has other fields.
    """
    about, client = (
        ("action", "page", "product_id", "category_id"),
        ("source", "channel", "user_agent", "recommendation_id"),
    )
    check_layout(topic(CLICKS), ("event_id", "event_time", "user_id", "session_id"), about, client)
    pages = ((ACTIONS[PAGE_VIEW], page, None, None) for page in vocabulary.PAGES)
    things = ((action, None, *ids) for action in ACTIONS[1:] for ids in _product_ids(catalog))
    clients = (
        (source, channel, agent, None) for (source, agent), channel in product(vocabulary.AGENTS, vocabulary.CHANNELS)
    )
    return ClickDictionaries(
        things=_dictionary(CLICKS, about, (*pages, *things)), clients=_dictionary(CLICKS, client, clients)
    )


def checkout_dictionaries(catalog: Catalog) -> CheckoutDictionaries:
    """Encode what can be bought, and how.

    Raises:
        LayoutError: The schema has other fields.
    """
    ids = ("checkout_id", "order_id", "event_time", "user_id", "session_id")
    what, amounts, client = ("product_id", "category_id"), ("quantity", "unit_price"), ("source", "channel")
    money = ("discount_rate", "shipping_cost", "currency")
    terms = (*money, "payment_method", "payment_status", "payment_failure_reason")
    check_layout(topic(CHECKOUTS), ids, what, amounts, terms, client)
    outcomes = (("succeeded", None), *(("failed", reason) for reason in vocabulary.FAILURE_REASONS))
    currencies = zip(catalog.currencies, rates(catalog.currencies).tolist(), strict=True)
    all_terms = product(currencies, vocabulary.DISCOUNTS, vocabulary.SHIPPING, vocabulary.PAYMENT_METHODS, outcomes)
    return CheckoutDictionaries(
        products=_dictionary(CHECKOUTS, what, _product_ids(catalog)),
        terms=_dictionary(
            CHECKOUTS,
            terms,
            (
                (Decimal(discount), _in_cents(float(shipping) * rate), currency, method, *outcome)
                for (currency, rate), discount, shipping, method, outcome in all_terms
            ),
        ),
        clients=_dictionary(
            CHECKOUTS,
            client,
            ((source, channel) for (source, _), channel in product(vocabulary.AGENTS, vocabulary.CHANNELS)),
        ),
    )


def refund_dictionaries(catalog: Catalog, products: Any) -> RefundDictionaries:
    """Encode how a refund can end.

    Args:
        catalog: The shop.
        products: Those of the checkouts, which are the same bytes.

    Raises:
        LayoutError: The schema has other fields.
    """
    ids, end = ("refund_id", "event_time", "user_id", "order_id", "checkout_id"), ("currency", "reason", "source")
    check_layout(topic(REFUNDS), ids, ("product_id", "category_id"), ("quantity", "amount"), end)
    reasons = (reason for reason, _ in vocabulary.REFUND_REASONS)
    ends = product(catalog.currencies, reasons, (source for source, _ in vocabulary.AGENTS))
    return RefundDictionaries(products=products, ends=_dictionary(REFUNDS, end, ends))


def inventory_dictionaries(catalog: Catalog) -> InventoryDictionaries:
    """Encode what can move, where and why.

    Raises:
        LayoutError: The schema has other fields.
    """
    check_layout(
        topic(INVENTORY),
        ("update_id", "event_time", "product_id", "warehouse_id"),
        ("change", "quantity_on_hand", "reason"),
    )
    return InventoryDictionaries(
        products=_dictionary(INVENTORY, ("product_id",), ((each,) for each in catalog.product_ids)),
        warehouses=_dictionary(INVENTORY, ("warehouse_id",), ((each,) for each in vocabulary.WAREHOUSES)),
        reasons=_dictionary(INVENTORY, ("reason",), ((each,) for each in REASONS)),
    )


def _in_cents(amount: float) -> Decimal:
    return Decimal(round(amount * 100)).scaleb(-2)


def _product_ids(catalog: Catalog) -> Iterable[tuple[str, str]]:
    return zip(catalog.product_ids, (catalog.category_ids[number] for number in catalog.category), strict=True)


def _dictionary(name: str, fields: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Any:
    return dictionary(encode_fields(topic(name), dict(zip(fields, row, strict=True))) for row in rows)
