"""Which decodable events no result could bear, said independently of the core (docs/decisions/0009). Pure."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from support.oracle.rows import Row

INPUTS = ("clickstream", "checkouts", "refunds", "inventory-updates", "products", "users", "categories")
MAX_FUTURE_SKEW = timedelta(hours=1)
LONGEST_TEXT = 1000
ANY_TEXT = {"page", "user_agent", "currency", "payment_method", "brand", "country"}
LEAST = {"quantity": 1, "amount": 0, "unit_price": 0, "shipping_cost": 0, "discount_rate": 0, "commission_rate": 0}
MOST = {"discount_rate": Decimal(1), "commission_rate": Decimal(1)}


def is_unbearable(topic: str, row: Row, appended: datetime) -> bool:
    """Tell whether a row that was appended then is as good as unreadable."""
    if topic not in INPUTS:
        return False
    texts = {name: value for name, value in row.items() if isinstance(value, str)}
    if any(not value for name, value in texts.items() if name.endswith("_id")):
        return True
    bounded = [value for name, value in texts.items() if name not in ANY_TEXT]
    if any(len(value.encode()) > LONGEST_TEXT or "\0" in value for value in bounded):
        return True
    if "currency" in row and not re.fullmatch("[A-Z][A-Z][A-Z]", row["currency"]):
        return True
    if any(row.get(name) is not None and row[name] < least for name, least in LEAST.items()):
        return True
    if any(row.get(name) is not None and row[name] > most for name, most in MOST.items()):
        return True
    return "event_time" in row and bool(row["event_time"] > appended + MAX_FUTURE_SKEW)
