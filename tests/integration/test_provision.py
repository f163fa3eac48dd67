"""Topics of recorded results are made anew when a run that was killed holds what the next one writes."""

from collections.abc import Iterator

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from footfall_schemas.provision import delete_held, empty_topics, ensure_recorded
from footfall_schemas.topics import RECORDED, topic
from footfall_stack.testing import running_stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

HELD, FREE = topic("sessions"), topic("event_counts")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with running_stack(tmp_path_factory.mktemp("provision"), ["kafka"]) as stack:
        yield {"bootstrap.servers": stack.env["KAFKA_BOOTSTRAP_SERVERS"]}


def test_a_transaction_that_nobody_ends_does_not_hide_what_the_next_run_writes(client: dict[str, str]) -> None:
    names = [RECORDED + described.name for described in (HELD, FREE)]
    ensure_recorded(client, [HELD, FREE])
    killed = Producer(client | {"transactional.id": "killed", "transaction.timeout.ms": 600_000})
    killed.init_transactions(30)
    for name, end in ((names[1], killed.commit_transaction), (names[0], None)):
        killed.begin_transaction()
        killed.produce(name, b"half a result", partition=0)
        assert killed.flush(30) == 0
        if end:
            end(30)

    assert delete_held(client, names) == [names[0]]
    assert ensure_recorded(client, [HELD, FREE]) == [names[0]]
    assert delete_held(client, names) == []

    empty_topics(client, names)
    for name in names:
        write(client, name, b"the next run's")
        assert read(client, name) == [b"the next run's"]


def write(client: dict[str, str], name: str, value: bytes) -> None:
    producer = Producer(client)
    producer.produce(name, value, partition=0)
    assert producer.flush(30) == 0


def read(client: dict[str, str], name: str) -> list[bytes]:
    """Return what is committed, to its end."""
    consumer = Consumer(
        client
        | {"group.id": "provision", "auto.offset.reset": "earliest", "enable.auto.commit": "false"}
        | {"isolation.level": "read_committed", "enable.partition.eof": "true"}
    )
    consumer.assign([TopicPartition(name, 0, OFFSET_BEGINNING)])
    values: list[bytes] = []
    try:
        while (message := consumer.poll(20)) is not None and message.error() is None:
            values.append(message.value() or b"")
    finally:
        consumer.close()
    return values
