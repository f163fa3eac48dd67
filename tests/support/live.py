"""A shop of this very moment: clicks as they happen, and what became of each."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from confluent_kafka import KafkaError, Producer
from footfall_schemas.codec import encode
from footfall_schemas.provision import ensure_topics
from footfall_schemas.topics import topic

from support.events import click
from support.kafka import wait_until
from support.shop import Shop

CLICKS = topic("clickstream")


class Clicks:
    """Publishes clicks to partitions of its choice and knows how many.

    Args:
        shop: Where to.
        run: Put before every id.
    """

    def __init__(self, shop: Shop, run: str) -> None:
        self.published = 0
        self._refused: list[str] = []
        self._run = run
        ensure_topics({"bootstrap.servers": shop.kafka}, [CLICKS])
        self._schema_id = shop.registry.register(CLICKS)
        self._producer = Producer(
            {"bootstrap.servers": shop.kafka, "enable.idempotence": True, "topic.metadata.refresh.interval.ms": 500}
        )

    def send(self, partition: int, when: datetime) -> str:
        """Publish one click and return its id."""
        self.published += 1
        row = click(f"{self._run}-{self.published}", when, user_id=f"{self._run}-{partition}")
        value = encode(self._schema_id, CLICKS.schema, row)
        self._producer.produce(CLICKS.name, value, row["user_id"].encode(), partition, on_delivery=self._note)
        self._producer.poll(0)
        return str(row["event_id"])

    def wait_for_partitions(self, number: int) -> None:
        """Wait until the producer knows of so many partitions."""
        wait_until(
            lambda: len(self._producer.list_topics(CLICKS.name, timeout=10).topics[CLICKS.name].partitions) >= number,
            seconds=30,
            what=f"{number} partitions of {CLICKS.name}",
        )

    def flush(self) -> None:
        """Wait until everything is acknowledged."""
        assert self._producer.flush(120) == 0
        assert self._refused == []

    def _note(self, error: KafkaError | None, _: object) -> None:
        if error is not None:
            self._refused.append(str(error))

    @contextmanager
    def going_on(self, *, every: float = 0.05) -> Iterator[None]:
        """Publish a click of now every so many seconds within the block, to each partition in turn."""
        ended = Event()

        def publish() -> None:
            while not ended.wait(every):
                self.send(self.published % CLICKS.partitions, datetime.now(UTC))

        thread = Thread(target=publish, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.flush()


def late(shop: Shop, *, prefix: str = "") -> list[str]:
    """Return the ids of clicks that were late."""
    return [message.value["event_id"] for message in shop.read("late-events", prefix=prefix)]


def counted(shop: Shop, *, prefix: str = "") -> int:
    """Return how many clicks are in minutes that are committed."""
    totals: Counter[str] = Counter()
    for message in shop.read("event_counts", prefix=prefix):
        totals[message.value["action"]] += message.value["events"]
    return totals["product_view"]


def wait_counted(shop: Shop, number: int, *, seconds: float = 600) -> None:
    """Wait until so many clicks are counted or late."""
    wait_until(
        lambda: counted(shop) + len(late(shop)) >= number, seconds=seconds, what=f"{number} clicks counted or late"
    )
