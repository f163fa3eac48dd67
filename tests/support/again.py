"""The events that a shop has counted, published once more for a replay."""

from datetime import UTC, datetime

from confluent_kafka import Message, Producer
from footfall_schemas.topics import load_topics

from support.kafka import read_raw
from support.shop import Shop

NO_TIME = datetime.min.replace(tzinfo=UTC)


def publish_again(shop: Shop, prefix: str) -> None:
    """Copy every topic of events to `<prefix><name>`, partition by partition and each in order of time.

    What was late is left out; what cannot be read has no time and comes first.
    """
    late = {(row["topic"], row["partition"], row["offset"]) for row in (m.value for m in shop.read("late-events"))}
    producer = Producer({"bootstrap.servers": shop.kafka})
    refused: list[object] = []
    for name in (topic.name for topic in load_topics().values() if not topic.is_output and topic.cleanup == "delete"):
        times = {message.place: message.value["event_time"] for message in shop.read(name)}
        by_time = sorted(
            (
                (times.get(place, NO_TIME), message)
                for message in read_raw(shop.kafka, name)
                if (place := _place(message)) not in late
            ),
            key=lambda item: item[0],
        )
        for _, message in by_time:
            producer.produce(
                prefix + name,
                message.value(),
                message.key(),
                message.partition(),
                on_delivery=lambda error, _: refused.extend([error] if error else []),
            )
            producer.poll(0)
    assert producer.flush(60) == 0
    assert refused == []


def _place(message: Message) -> tuple[str, int, int]:
    return message.topic(), message.partition(), message.offset()
