"""What is told of an observation: one JSON document. Pure."""

from collections.abc import Iterable
from typing import Any

from footfall_health.facts import Fact, headline, worst
from footfall_health.observed import OUTCOMES, Accounts, Broker, Observation
from footfall_health.sources import read_of


def document(facts: Iterable[Fact], seen: Observation) -> dict[str, Any]:
    """Return everything that is known.

    Args:
        facts: What holds.
        seen: What was observed.
    """
    found = list(facts)
    return {
        "at": seen.at,
        "level": worst(found),
        "line": headline(found),
        "facts": [fact.document() for fact in found],
        "messages": messages(seen),
    }


def messages(seen: Observation) -> list[dict[str, Any]]:
    """Return how many messages of each input topic the job has read, and what has become of them so far."""
    if not isinstance(seen.accounts, Accounts) or not isinstance(seen.broker, Broker):
        return []
    totals = {each.topic: each for each in seen.accounts.now}
    return [
        {"topic": topic, "read": read, **{outcome: getattr(totals.get(topic), outcome, 0) for outcome in OUTCOMES}}
        for topic, read in read_of(seen.broker).items()
    ]
