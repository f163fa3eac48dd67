"""Every output computed again in plain Python, from the meanings in the README and the schemas' docs, not from the SQL.

Input is what the input topics hold, in partition order, without the rows that late-events lists.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import md5
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

Row: TypeAlias = dict[str, Any]
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Message:
    """One decoded record and its place."""

    topic: str
    partition: int
    offset: int
    value: Row

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset


class Oracle:
    """Computes each output over the given messages.

    Args:
        messages: All input messages, each partition's in offset order.
        late: Places of the messages that count nowhere.
        until: Windows that end after this are not complete and left out.
        zone: The shop's time zone.
    """

    def __init__(
        self, messages: Iterable[Message], late: set[tuple[str, int, int]], until: datetime, zone: str = "UTC"
    ) -> None:
        on_time: dict[str, list[Row]] = defaultdict(list)
        for message in messages:
            if message.place not in late:
                on_time[message.topic].append(message.value)
        self.until = until
        self.zone = ZoneInfo(zone)
        self.clicks = list(_first(on_time["clickstream"], "event_id"))
        self.checkouts = list(_first(on_time["checkouts"], "checkout_id"))
        self.movements = list(_first(on_time["inventory-updates"], "update_id"))
        self.products = _versions(on_time["products"], "product_id")
        self.categories = _versions(on_time["categories"], "category_id")

    def outputs(self) -> dict[str, Callable[[], list[Row]]]:
        """Return what computes each topic."""
        return {
            "revenue_per_minute": lambda: self._revenue(lambda _: {}),
            "revenue_by_category": lambda: self._revenue(lambda row: {"category": self._category(row)}),
            "event_counts": self.event_counts,
            "unique_visitors": self.unique_visitors,
            "trading_volume": self.trading_volume,
            "inventory-alerts": self.inventory_alerts,
            "related-products": self.related_products,
        }

    def event_counts(self) -> list[Row]:
        counts = Counter((_minute(row), _action(row), row["source"]) for row in self._actions())
        return [
            _window(start, MINUTE) | {"action": action, "source": source, "events": count}
            for (start, action, source), count in counts.items()
            if start + MINUTE <= self.until
        ]

    def unique_visitors(self) -> list[Row]:
        visitors: dict[datetime, set[str]] = defaultdict(set)
        for row in self._actions():
            visitors[_minute(row)].add(row["user_id"])
        return [
            _window(start, MINUTE) | {"visitors": len(users)}
            for start, users in visitors.items()
            if start + MINUTE <= self.until
        ]

    def trading_volume(self) -> list[Row]:
        def hour(row: Row) -> datetime:
            local = _time(row).astimezone(self.zone)
            return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)

        counts = Counter(hour(row) for row in self.checkouts if row["payment_status"] == "succeeded")
        return [
            _window(start, timedelta(hours=1))
            | {"date": start.astimezone(self.zone).date(), "hour": start.astimezone(self.zone).hour, "purchases": count}
            for start, count in counts.items()
            if start + timedelta(hours=1) <= self.until
        ]

    def inventory_alerts(self) -> list[Row]:
        by_stock: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.movements:
            by_stock[row["product_id"], row["warehouse_id"]].append(row)
        return [alert for rows in by_stock.values() for alert in self._alerts(sorted(rows, key=_time))]

    def related_products(self) -> list[Row]:
        by_user: dict[str, list[Row]] = defaultdict(list)
        for row in self.clicks:
            if row["action"] == "product_view" and row["product_id"] is not None:
                by_user[row["user_id"]].append(row)
        pairs: dict[str, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
        for rows in by_user.values():
            for one, other, when in _co_views(sorted(rows, key=_time)):
                ends = _floor(when, timedelta(seconds=5)) + timedelta(seconds=5)
                if ends <= self.until:
                    pairs[one][other].append(ends)
                    pairs[other][one].append(ends)
        return [_related(product, others) for product, others in pairs.items()]

    def _actions(self) -> Iterator[Row]:
        yield from self.clicks
        yield from self.checkouts

    def _revenue(self, dimensions: Callable[[Row], Row]) -> list[Row]:
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in self.checkouts:
            groups[_minute(row), *dimensions(row).items()].append(row)
        return [
            _window(start, MINUTE) | dict(dims) | self._money(rows)
            for (start, *dims), rows in groups.items()
            if start + MINUTE <= self.until
        ]

    def _money(self, rows: list[Row]) -> Row:
        paid = [row for row in rows if row["payment_status"] == "succeeded"]
        gross = sum((_gross(row) for row in paid), Decimal(0))
        revenue = sum((_revenue(row) for row in paid), Decimal(0))
        profit = sum((_revenue(row) * self._commission(row) - row["shipping_cost"] for row in paid), Decimal(0))
        return {
            "gross": _rounded(gross),
            "discount": _rounded(gross - revenue),
            "shipping": _rounded(sum((row["shipping_cost"] for row in paid), Decimal(0))),
            "revenue": _rounded(revenue),
            "profit": _rounded(profit),
            "orders": len({row["order_id"] for row in paid}),
            "units": sum(row["quantity"] for row in paid),
            "failed_payments": sum(row["payment_status"] == "failed" for row in rows),
        }

    def _commission(self, row: Row) -> Decimal:
        product = _as_of(self.products, row["product_id"], row["event_time"])
        return product["commission_rate"] if product else Decimal(0)

    def _category(self, row: Row) -> str:
        product = _as_of(self.products, row["product_id"], row["event_time"])
        category_id = row["category_id"] or (product and product["category_id"])
        category = _as_of(self.categories, category_id, row["event_time"]) if category_id else None
        return category["parent_category_name"] if category else "Unknown"

    def _alerts(self, rows: list[Row]) -> Iterator[Row]:
        fired: set[str] = set()
        previous: int | None = None
        for row in rows:
            product = _as_of(self.products, row["product_id"], row["event_time"])
            threshold = product["reorder_threshold"] if product else 0
            quantity = row["quantity_on_hand"]
            kind = _alert(quantity, threshold, fired)
            if kind:
                yield {
                    "alert_id": md5(  # noqa: S324
                        "|".join((row["product_id"], row["warehouse_id"], row["update_id"])).encode()
                    ).hexdigest(),
                    "alert_type": kind,
                    "event_time": row["event_time"],
                    "product_id": row["product_id"],
                    "product_name": product["name"] if product else "Unknown",
                    "category_id": product["category_id"] if product else "Unknown",
                    "warehouse_id": row["warehouse_id"],
                    "quantity": quantity,
                    "previous_quantity": previous,
                    "threshold": threshold,
                    "update_id": row["update_id"],
                }
            previous = quantity


def _alert(quantity: int, threshold: int, fired: set[str]) -> str | None:
    """Return the alert this stock level fires and remember it; enough stock re-arms all."""
    if quantity > 0 and quantity >= threshold:
        recovered = bool(fired)
        fired.clear()
        return "inventory.recovered" if recovered else None
    kind = "inventory.out_of_stock" if quantity <= 0 else "inventory.low"
    # Below the threshold after having been out of stock is the same episode: nothing new to tell.
    if kind in fired or (kind == "inventory.low" and fired):
        return None
    fired.add(kind)
    return kind


def _co_views(rows: list[Row]) -> Iterator[tuple[str, str, datetime]]:
    for index, row in enumerate(rows):
        for earlier in rows[max(0, index - 5) : index]:
            near = earlier["event_time"] >= row["event_time"] - timedelta(minutes=30)
            if near and earlier["product_id"] != row["product_id"]:
                yield row["product_id"], earlier["product_id"], row["event_time"]


def _related(product: str, others: dict[str, list[datetime]]) -> Row:
    def score(ends: list[datetime]) -> float:
        weeks = [(end - datetime(2026, 1, 5, tzinfo=UTC)) // timedelta(weeks=1) for end in ends]
        return sum(2.0**week for week in weeks)

    ranked = sorted(others.items(), key=lambda item: (-score(item[1]), item[0]))[:20]
    return {
        "product_id": product,
        "as_of": max(end for _, ends in ranked for end in ends),
        "related": [
            {"product_id": other, "score": score(ends), "support": len(ends), "rank": rank}
            for rank, (other, ends) in enumerate(ranked, start=1)
        ],
    }


def _first(rows: Iterable[Row], key: str) -> Iterator[Row]:
    seen: set[str] = set()
    for row in rows:
        if row[key] not in seen:
            seen.add(row[key])
            yield row


def _versions(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return {name: sorted(versions, key=lambda row: row["updated_at"]) for name, versions in found.items()}


def _as_of(versions: dict[str, list[Row]], key: str, when: datetime) -> Row | None:
    valid = [row for row in versions.get(key, []) if row["updated_at"] <= when]
    return valid[-1] if valid else None


def _action(row: Row) -> str:
    statuses = {"succeeded": "purchase", "failed": "payment_failed"}
    return row["action"] if "action" in row else statuses.get(row["payment_status"], "unknown")


def _gross(row: Row) -> Decimal:
    price: Decimal = row["unit_price"] or Decimal(0)
    return price * int(row["quantity"])


def _revenue(row: Row) -> Decimal:
    discount_rate: Decimal = row["discount_rate"]
    return _gross(row) * (1 - discount_rate)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _time(row: Row) -> datetime:
    event_time: datetime = row["event_time"]
    return event_time


def _minute(row: Row) -> datetime:
    return _floor(row["event_time"], MINUTE)


def _floor(when: datetime, width: timedelta) -> datetime:
    return EPOCH + (when - EPOCH) // width * width


def _window(start: datetime, width: timedelta) -> Row:
    return {"window_start": start, "window_end": start + width}
