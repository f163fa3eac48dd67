"""Which of a broker's topics are Footfall's. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from footfall_schemas.access import principals
from footfall_schemas.topics import RECORDED, Topic, load_topics

TopicKind: TypeAlias = Literal["input", "output", "recorded", "service"]
KINDS: tuple[TopicKind, ...] = ("input", "output", "service", "recorded")
"""In the order in which they are listed."""


@dataclass(frozen=True)
class KnownTopic:
    """A topic that is ours."""

    name: str
    """As the broker calls it."""
    kind: TopicKind
    contract: Topic | None
    """What its schema file says; None for the services' own topics, which have none."""


def known_topics(names: Iterable[str], prefix: str) -> dict[str, KnownTopic]:
    """Return those that are ours by name: inputs first, then outputs, the services' own, and recorded results.

    Args:
        names: Topics on the broker, which may serve others, too.
        prefix: What the names of all our topics begin with.
    """
    own = tuple(
        grant.name
        for principal in principals(prefix)
        for grant in principal.grants
        if grant.resource == "topic" and grant.prefixed and "write" in grant.operations
    )
    found = [known for name in names if (known := _known(name, prefix, own))]
    return {known.name: known for known in sorted(found, key=lambda each: (KINDS.index(each.kind), each.name))}


def _known(name: str, prefix: str, own: tuple[str, ...]) -> KnownTopic | None:
    if not name.startswith(prefix):
        return None
    contract = load_topics().get(name.removeprefix(prefix))
    if contract is not None:
        return KnownTopic(name, "output" if contract.is_output else "input", contract)
    recorded = load_topics().get(name.removeprefix(prefix + RECORDED)) if name.startswith(prefix + RECORDED) else None
    if recorded is not None and recorded.is_output:
        return KnownTopic(name, "recorded", recorded)
    return KnownTopic(name, "service", None) if name.startswith(own) else None
