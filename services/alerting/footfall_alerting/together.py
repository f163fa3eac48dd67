"""Topics of which one worker must own the same partitions: they need equal numbers of them."""

from collections.abc import Iterable, Mapping

from confluent_kafka.admin import AdminClient
from footfall_schemas.access_errors import asking

from footfall_alerting.errors import TopicsDisagreeError, TopicsUnlistedError

WITHIN = 30.0
"""Seconds the broker has to answer."""


def partition_counts(client: Mapping[str, str], topics: Iterable[str]) -> dict[str, int]:
    """Return the number of partitions of each topic.

    Raises:
        TopicsUnlistedError: Some are not listed yet, as is so for a moment after they were created.
        AccessRefusedError: The broker refuses the user.
        BrokerAwayError: It did not answer.
    """
    with asking(client, "list topics"):
        found = AdminClient(dict(client)).list_topics(timeout=WITHIN).topics
    return counted({name: len(topic.partitions) for name, topic in found.items()}, topics)


def counted(listed: Mapping[str, int], topics: Iterable[str]) -> dict[str, int]:
    """Return the numbers of those topics, of all that are listed.

    Raises:
        TopicsUnlistedError: Some are not listed, or without partitions.
    """
    counts = {name: listed.get(name, 0) for name in topics}
    if unlisted := [name for name, count in counts.items() if not count]:
        raise TopicsUnlistedError(f"Kafka does not list {', '.join(unlisted)} yet")
    return counts


def check_equal(counts: Mapping[str, int], leading: str) -> None:
    """Refuse topics that have other numbers of partitions than the leading one.

    Raises:
        TopicsDisagreeError: Some have; the message says which, and what to do.
    """
    wanted = counts[leading]
    other = [f"{name} has {count}" for name, count in counts.items() if count != wanted]
    if other:
        raise TopicsDisagreeError(
            f"{leading} has {wanted} partitions, but {', '.join(other)}: give each {wanted} with kafka-topics --alter "
            "--partitions, or delete those of alerting's own that have more, and start again"
        )
