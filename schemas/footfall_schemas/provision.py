"""Create topics and register schemas; doing so again changes nothing."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from confluent_kafka import OFFSET_END, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from footfall_schemas.access_errors import access_error, asking, check_credentials
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import RECORDED, Topic

LEADERLESS = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}
LISTING_TIMEOUT = 10.0
"""Seconds that brokers have to hear of topics that were just created."""
PAUSE = 0.2
"""Seconds between two questions for a partition's leader, or for new topics."""
REQUEST_TIMEOUT = 30.0
"""Seconds the broker has to create or to empty topics."""

Answer = TypeVar("Answer")


def ensure_topics(
    client: Mapping[str, str], topics: Iterable[Topic], *, prefix: str = "", replication: int = -1
) -> list[str]:
    """Create the topics that are missing and return their names.

    Args:
        client: librdkafka settings of the connection.
        topics: What must exist.
        prefix: Put before every name.
        replication: Copies of each partition; -1 is the broker's default.

    Raises:
        AccessRefusedError: The broker refuses the user, or does not let it create a topic.
        BrokerAwayError: The broker did not answer.
    """
    return _ensure(
        client,
        [NewTopic(prefix + topic.name, topic.partitions, replication, config=topic.config()) for topic in topics],
    )


def ensure_recorded(client: Mapping[str, str], topics: Iterable[Topic], *, prefix: str = "") -> list[str]:
    """Create the topics of recorded results that are missing and return their names.

    Args:
        client: librdkafka settings of the connection.
        topics: The streams, as their live topics are described.
        prefix: Put before every name.

    Raises:
        AccessRefusedError: The broker refuses the user, or does not let it create a topic.
        BrokerAwayError: The broker did not answer.
    """
    return _ensure(
        client,
        [
            NewTopic(prefix + RECORDED + topic.name, topic.partitions, -1, config=topic.recorded_config())
            for topic in topics
        ],
    )


def empty_topics(client: Mapping[str, str], names: Iterable[str]) -> None:
    """Delete every record of these topics, which stay: whoever follows one goes on with what is written next.

    Raises:
        AccessRefusedError: The broker does not let the user delete records.
        BrokerAwayError: The broker did not answer.
        KafkaException: A topic is compacted only.
    """
    admin = AdminClient(dict(client))
    with asking(client, "list topics"):
        places = _places(admin, names)
    for place in places:
        place.offset = OFFSET_END
    for name in sorted({place.topic for place in places}):
        mine = [place for place in places if place.topic == name]
        with asking(client, f"delete records of topic {name}"):
            _with_leaders(partial(admin.delete_records, mine, request_timeout=REQUEST_TIMEOUT))


def delete_held(client: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Delete the topics in which a transaction is still open, and return their names.

    Its producer is gone, and until the broker ends it nobody who reads committed records sees what is written behind it.

    Args:
        client: librdkafka settings of the connection.
        names: Topics that nobody writes to any more.

    Raises:
        AccessRefusedError: The broker does not let the user delete a topic.
        BrokerAwayError: The broker did not answer.
    """
    admin = AdminClient(dict(client))
    with asking(client, "read the end offsets of topics"):
        places = _places(admin, names)
        stable, written = (
            _ends(admin, places, level) for level in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
        )
    held = sorted({place.topic for place in places if stable[place] < written[place]})
    for name, future in admin.delete_topics(held, request_timeout=REQUEST_TIMEOUT).items() if held else ():
        with asking(client, f"delete topic {name}"):
            future.result()
    return held


def _places(admin: AdminClient, names: Iterable[str]) -> list[TopicPartition]:
    """Return the partitions of those topics that are there."""
    wanted = set(names)
    if not wanted:
        return []
    known = admin.list_topics(timeout=REQUEST_TIMEOUT).topics
    return [TopicPartition(name, partition) for name in wanted & known.keys() for partition in known[name].partitions]


def _ends(admin: AdminClient, places: list[TopicPartition], level: IsolationLevel) -> dict[TopicPartition, int]:
    """Return where partitions end."""
    if not places:
        return {}
    latest = dict.fromkeys(places, OffsetSpec.latest())
    answers = _with_leaders(lambda: admin.list_offsets(latest, isolation_level=level, request_timeout=REQUEST_TIMEOUT))
    return {place: answer.offset for place, answer in answers.items()}


def _with_leaders(
    request: Callable[[], Mapping[TopicPartition, "Future[Answer]"]],
) -> dict[TopicPartition, Answer]:
    """Return a request's answers; a partition that was just made may have no leader for a moment."""
    deadline = time.monotonic() + REQUEST_TIMEOUT
    while True:
        try:
            return {place: future.result() for place, future in request().items()}
        except KafkaException as error:
            if error.args[0].code() not in LEADERLESS or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)


def ensure_schemas(registry: SchemaRegistry, topics: Iterable[Topic]) -> dict[str, int]:
    """Register every schema under BACKWARD_TRANSITIVE and return the ids by topic.

    Raises:
        AccessRefusedError: The registry refuses the user.
        IncompatibleSchemaError: A schema could not read what older versions wrote.
        RegistryUnavailableError: No answer.
    """
    registry.set_compatibility()
    return {topic.name: registry.register(topic) for topic in topics}


def _ensure(client: Mapping[str, str], new: list[NewTopic]) -> list[str]:
    if not new:
        return []
    known = check_credentials(client)
    admin = AdminClient(dict(client))  # a name of its own: the requests die with the client
    futures = admin.create_topics(new, request_timeout=REQUEST_TIMEOUT)
    created = [name for name, future in futures.items() if _created(future, name, client)]
    if fresh := futures.keys() - known:
        _await_listed(admin, fresh)
    return created


def _await_listed(admin: AdminClient, names: set[str]) -> None:
    """Wait until the broker lists these topics, so that whoever asks next finds them.

    KRaft answers a creation once the controller has written it; the brokers hear of it later, on a busy machine by seconds.
    A user who may create a topic and not describe it never sees it listed: the wait ends without an error.
    """
    deadline = time.monotonic() + LISTING_TIMEOUT
    while time.monotonic() < deadline:
        try:
            if names <= admin.list_topics(timeout=LISTING_TIMEOUT).topics.keys():
                return
        except KafkaException:
            pass  # They are created; that the broker is away is for the next request to say.
        time.sleep(PAUSE)


def _created(future: "Future[None]", name: str, client: Mapping[str, str]) -> bool:
    try:
        future.result()
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise access_error(client, error.args[0], f"create or write topic {name}") from None
    return True
