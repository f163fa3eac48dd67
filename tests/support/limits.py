"""Which decodable events no result could bear, said independently of the core (docs/decisions/0009). Pure."""

from datetime import datetime, timedelta
from decimal import Decimal

from support.oracle.rows import Row

INPUTS = ("clickstream", "checkouts", "inventory-updates", "products", "users", "categories")
MAX_AHEAD = timedelta(hours=1)
LONGEST_TEXT = 1000
UNREAD = {"session_id", "page", "user_agent", "currency", "payment_method", "brand", "country"}
RANGES = {
    "quantity": (-10_000, 10_000),
    "unit_price": (Decimal(-10_000_000), Decimal(10_000_000)),
    "shipping_cost": (Decimal(-10_000_000), Decimal(10_000_000)),
    "discount_rate": (Decimal(0), Decimal(1)),
}


def is_unbearable(topic: str, row: Row, appended: datetime) -> bool:
    """Tell whether a row that was appended then is as good as unreadable."""
    if topic not in INPUTS:
        return False
    texts = [value for name, value in row.items() if isinstance(value, str) and name not in UNREAD]
    if any(len(text.encode()) > LONGEST_TEXT or "\0" in text for text in texts):
        return True
    if "event_time" not in row:
        return False
    if row["event_time"] > appended + MAX_AHEAD:
        return True
    bounded = ((row.get(name), least, most) for name, (least, most) in RANGES.items())
    return any(value is not None and not least <= value <= most for value, least, most in bounded)
