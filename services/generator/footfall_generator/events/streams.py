"""The streams the generator writes."""

import hashlib

from footfall_schemas.topics import load_topics

CLICKS, CHECKOUTS, REFUNDS, INVENTORY = EVENT_TOPICS = ("clickstream", "checkouts", "refunds", "inventory-updates")
SHOP_TOPICS = (CLICKS, CHECKOUTS, REFUNDS)
"""What shoppers do: these share one clock, so whoever writes one makes sure of all."""
DIMENSION_TOPICS = ("categories", "products", "users")
TOPICS = tuple(load_topics()[name] for name in (*EVENT_TOPICS, *DIMENSION_TOPICS))


def run_id(*facts: object) -> str:
    """Return eight characters that differ between runs that differ in any fact, such as seed and start."""
    return hashlib.blake2s(repr(facts).encode(), digest_size=4).hexdigest()
