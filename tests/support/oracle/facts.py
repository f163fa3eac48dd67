"""What the input topics say, each event judged: counted, a duplicate, late or unreadable."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from support.oracle.rows import Message, Place, Row
from support.oracle.versions import Versions

UNKNOWN = "Unknown"
CLICK_DEDUP_WINDOW = timedelta(minutes=10)
CHECKOUT_DEDUP_WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Identity:
    """What makes two events of a topic duplicates of each other."""

    fields: tuple[str, ...]
    dedup_window: timedelta
    """A duplicate that happened later than this after the counted one is an event of its own."""


IDENTITIES = {
    "clickstream": Identity(("user_id", "event_id"), CLICK_DEDUP_WINDOW),
    "checkouts": Identity(("user_id", "checkout_id"), CHECKOUT_DEDUP_WINDOW),
    "refunds": Identity(("user_id", "refund_id"), CHECKOUT_DEDUP_WINDOW),
    "inventory-updates": Identity(("product_id", "update_id"), CHECKOUT_DEDUP_WINDOW),
}


class Facts:
    """The events that count, the dimensions, and how far event time has come.

    Args:
        messages: All readable input messages, each partition's in offset order.
        late: Places of the messages that count nowhere.
        dead: Places of the messages that cannot be read.
        until: What is not final by then is not expected.
        zone: The shop's time zone.
    """

    def __init__(
        self,
        messages: Iterable[Message],
        late: Collection[Place],
        dead: Collection[Place],
        until: datetime,
        zone: ZoneInfo,
    ) -> None:
        on_time: dict[str, list[Row]] = defaultdict(list)
        for message in messages:
            if message.place not in late:
                on_time[message.topic].append(message.value)
        judged = {name: judge(on_time[name], identity) for name, identity in IDENTITIES.items()}
        self.counted = {name: counted for name, (counted, _) in judged.items()}
        self.duplicates = {name: duplicates for name, (_, duplicates) in judged.items()}
        self.late, self.dead = (Counter(topic for topic, _, _ in places) for places in (set(late), set(dead)))
        self.clicks, self.checkouts, self.refunds, self.inventory_updates = self.counted.values()
        self.products = Versions(on_time["products"], "product_id")
        self.users = Versions(on_time["users"], "user_id")
        self.categories = Versions(on_time["categories"], "category_id")
        self.until = until
        self.zone = zone

    def actions(self) -> Iterator[Row]:
        """Return what shoppers do in their sessions; to get money back is none of it."""
        yield from self.clicks
        yield from self.checkouts

    def category_of(self, row: Row) -> str:
        """Return the top-level category of a click, checkout or refund at its time."""
        category_id = row["category_id"]
        if category_id is None:
            product = self.products.as_of(row["product_id"], row["event_time"])
            category_id = product["category_id"] if product else None
        category = self.categories.as_of(category_id, row["event_time"])
        return str(category["parent_category_name"]) if category else UNKNOWN

    def user_field(self, row: Row, field: str) -> str:
        """Return what the user's row said at the event's time."""
        user = self.users.as_of(row["user_id"], row["event_time"])
        return str(user[field]) if user else UNKNOWN


def judge(rows: Iterable[Row], identity: Identity) -> tuple[list[Row], list[Row]]:
    """Tell events that count from duplicates of one that was read before."""
    latest: dict[Hashable, datetime] = {}
    counted, duplicates = [], []
    for row in rows:
        key = tuple(row[field] for field in identity.fields)
        known = latest.get(key)
        if known is not None and row["event_time"] <= known + identity.dedup_window:
            duplicates.append(row)
        else:
            latest[key] = row["event_time"]
            counted.append(row)
    return counted, duplicates
