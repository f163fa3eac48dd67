"""Last events, far later than all others, so that every window before them closes."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import chain, count
from typing import Any

from footfall_schemas.topics import Json

from footfall_generator.events.clock import moment
from footfall_generator.events.partitions import partition_of
from footfall_generator.events.streams import CHECKOUTS, CLICKS, INVENTORY, REFUNDS
from footfall_generator.shop.catalog import Catalog
from footfall_generator.shop.shop import Shop
from footfall_generator.shop.vocabulary import WAREHOUSES


def flush_records(shop: Shop, run: str, time: int, partitions: Callable[[str], int]) -> dict[str, list[Json]]:
    """Return one harmless record for each partition of each event topic.

    Args:
        shop: Who and what the events are about.
        run: Part of every id.
        time: Milliseconds since 1970.
        partitions: How many partitions a topic has.
    """
    catalog = shop.catalog
    users, products = catalog.user_ids, catalog.product_ids
    return {
        CLICKS: [_page_view(run, time, user) for user in _one_each(users, partitions(CLICKS))],
        CHECKOUTS: [_failed_payment(catalog, run, time, user) for user in _one_each(users, partitions(CHECKOUTS))],
        REFUNDS: [_refund_of_nothing(catalog, run, time, user) for user in _one_each(users, partitions(REFUNDS))],
        INVENTORY: [_stock_count(shop, run, time, product) for product in _one_each(products, partitions(INVENTORY))],
    }


def _one_each(names: Iterable[str], partitions: int) -> list[str]:
    """Return names whose keys belong to the partitions 0, 1 …; makes names up if none of those given fits."""
    found: dict[int, str] = {}
    for name in chain(names, (f"closing-{number}" for number in count())):
        found.setdefault(partition_of(name.encode(), partitions), name)
        if len(found) == partitions:
            break
    return [found[partition] for partition in range(partitions)]


def _page_view(run: str, time: int, user: str) -> Json:
    nothing = dict.fromkeys(("session_id", "product_id", "category_id", "channel", "user_agent", "recommendation_id"))
    return nothing | {
        "event_id": f"closing-{run}-{user}",
        "event_time": moment(time),
        "user_id": user,
        "action": "page_view",
        "page": "/",
        "source": "website",
    }


def _failed_payment(catalog: Catalog, run: str, time: int, user: str) -> Json:
    nothing: dict[str, Any] = dict.fromkeys(("session_id", "unit_price", "channel"))
    return nothing | {
        "checkout_id": f"closing-{run}-{user}",
        "order_id": f"closing-{run}-{user}",
        "event_time": moment(time),
        "user_id": user,
        "product_id": catalog.product_ids[0],
        "category_id": catalog.category_ids[0],
        "quantity": 1,
        "discount_rate": Decimal(0),
        "shipping_cost": Decimal(0),
        "currency": catalog.currencies[0],
        "payment_method": "card",
        "payment_status": "failed",
        "payment_failure_reason": "gateway_timeout",
        "source": "website",
    }


def _refund_of_nothing(catalog: Catalog, run: str, time: int, user: str) -> Json:
    return {
        "refund_id": f"closing-{run}-{user}",
        "event_time": moment(time),
        "user_id": user,
        "order_id": f"closing-{run}-{user}",
        "checkout_id": None,
        "product_id": catalog.product_ids[0],
        "category_id": catalog.category_ids[0],
        "quantity": 1,
        "amount": Decimal(0),
        "currency": catalog.currencies[0],
        "reason": None,
        "source": "website",
    }


def _stock_count(shop: Shop, run: str, time: int, product: str) -> Json:
    ids = shop.catalog.product_ids
    return {
        "update_id": f"closing-{run}-{product}",
        "event_time": moment(time),
        "product_id": product,
        "warehouse_id": WAREHOUSES[0],
        "change": 0,
        "quantity_on_hand": shop.inventory.on_hand(ids.index(product), 0) if product in ids else 1,
        "reason": "adjustment",
    }
