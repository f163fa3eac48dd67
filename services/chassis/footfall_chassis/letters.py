"""What the dead letters of services have in common: the topic, and headers that say what was wrong and where it lay. Pure."""

from footfall_schemas.topics import Topic

LONGEST_ERROR = 1000
"""Characters of a reason that are kept."""


def dead_letter_topic(service: str) -> Topic:
    """Return the topic of a service's dead letters, whose values are the original bytes.

    Args:
        service: Its name, such as `recommender`.
    """
    return Topic(
        name=f"{service}-dead-letters",
        kind="metrics",
        schema={},
        key=(),
        partitions=1,
        cleanup="delete",
        retention_hours=30 * 24,
    )


def letter_headers(topic: str, partition: int, offset: int, *, stage: str, error: str) -> dict[str, bytes]:
    """Return a dead letter's headers.

    Args:
        topic: Where the message lies that cannot be handled.
        partition: Likewise.
        offset: Likewise.
        stage: What could not be done with it.
        error: Why.
    """
    return {
        "error": error[:LONGEST_ERROR].encode(errors="backslashreplace"),
        "stage": stage.encode(),
        "source-topic": topic.encode(),
        "source-partition": str(partition).encode(),
        "source-offset": str(offset).encode(),
    }
