"""Who writes events and who reads results, and what those services count: their metrics, by name. Pure."""

from collections.abc import Mapping

from footfall_schemas.access import principals

PRODUCER = "generator"
"""Who writes the events: the simulated shop, or yours in its place."""
READ: Mapping[str, str] = {
    "alerting": "footfall_webhook_events_total",
    "recommender": "footfall_recommender_updates_total",
}
"""Counter of the records that a service has read."""
DEAD: Mapping[str, str] = {
    "alerting": "footfall_webhook_dead_letters_total",
    "recommender": "footfall_recommender_dead_letters_total",
}
"""Counter of those that it has given up."""
RETRIES: Mapping[str, str] = {"alerting": "footfall_webhook_retries_total"}
GROUPS: Mapping[str, str] = {"alerting": "alerting"}
"""Consumer group of a service that commits how far it has read; the recommender reads everything at each start."""


def topics_of(prefix: str, name: str, operation: str) -> frozenset[str]:
    """Return the topics that a part reads or writes: those that its rights name.

    Args:
        prefix: What the names of all topics begin with.
        name: Of its principal.
        operation: `read` or `write`.
    """
    return frozenset(
        grant.name
        for principal in principals(prefix)
        if principal.name == name
        for grant in principal.grants
        if grant.resource == "topic" and not grant.prefixed and operation in grant.operations
    )
