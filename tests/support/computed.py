"""One output of the oracle over a few hand-made rows."""

from datetime import UTC, datetime

from support.oracle import Message, Oracle, Row

LATEST = datetime.max.replace(tzinfo=UTC)
TELLING = {
    "event_id": "clickstream",
    "refund_id": "refunds",
    "checkout_id": "checkouts",
    "update_id": "inventory-updates",
    "brand": "products",
    "gender": "users",
    "parent_category_name": "categories",
}
"""Topics by a field that tells their rows; the first one that is there counts."""


def computed(
    name: str, *rows: Row, until: datetime = LATEST, zone: str = "UTC", late: tuple[int, ...] = ()
) -> list[Row]:
    """Return an output's rows; `late` are the positions of input rows that were late."""
    messages = [Message(_topic_of(row), 0, offset, row) for offset, row in enumerate(rows)]
    places = {messages[offset].place for offset in late}
    return Oracle(messages, places, until, zone).outputs()[name]()


def _topic_of(row: Row) -> str:
    return next(topic for field, topic in TELLING.items() if field in row)
