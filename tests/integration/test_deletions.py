"""A row of a dimension is deleted while the shop goes on: what happened before, and is read later, still finds it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer
from footfall_schemas.codec import encode
from footfall_schemas.provision import ensure_topics
from footfall_schemas.topics import topic
from footfall_stack.testing import running_stack

from checks.prove.waiting import Jobs
from support.events import checkout, user
from support.kafka import wait_until
from support.oracle import Row
from support.shop import Shop

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(600)]

USERS, CHECKOUTS = topic("users"), topic("checkouts")
SECOND = timedelta(seconds=1)


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    env = {"ANALYTICS_VIEWS": "attributed_checkouts,late_events", "ANALYTICS_QUIET_MARGIN": "5s"}
    with running_stack(tmp_path_factory.mktemp("deletions"), ["kafka", "registry"], env=env) as stack:
        yield Shop(stack)


def test_what_happened_before_a_deletion_finds_the_row_though_it_is_read_after_it(shop: Shop) -> None:
    ensure_topics({"bootstrap.servers": shop.kafka}, [USERS, CHECKOUTS])
    for name in ("ann", "bob"):
        publish(shop, "users", name, user(user_id=name, name=name.title()))
    shop.stack.stop()
    shop.stack.start(["analytics"])
    shop.stack.wait_ready()
    Jobs(shop).wait_up()
    buy(shop, "first", "ann", datetime.now(UTC))
    wait_until(lambda: "first" in names(shop), seconds=120, what="the first checkout")

    publish(shop, "users", "ann", None)
    deleted = max(message.value["updated_at"] for message in shop.read("users"))
    buy(shop, "before", "ann", deleted - SECOND)
    buy(shop, "after", "ann", deleted)
    buy(shop, "other", "bob", deleted)

    wait_until(lambda: len(names(shop)) == 4, seconds=120, what="all checkouts")
    assert names(shop) == {"first": "Ann", "before": "Ann", "after": "Unknown", "other": "Bob"}
    assert shop.read("late-events") == []


def buy(shop: Shop, checkout_id: str, user_id: str, when: datetime) -> None:
    publish(shop, "checkouts", user_id, checkout(checkout_id, when, user_id=user_id))


def publish(shop: Shop, name: str, key: str, row: Row | None) -> None:
    """Publish a row, or the deletion of one, and wait until it is acknowledged."""
    described = topic(name)
    value = None if row is None else encode(shop.registry.register(described), described.schema, row)
    producer = Producer({"bootstrap.servers": shop.kafka})
    producer.produce(name, value, key.encode())
    assert producer.flush(60) == 0


def names(shop: Shop) -> dict[str, str]:
    """Return the user's name of each checkout that is told of."""
    return {message.value["checkout_id"]: message.value["user_name"] for message in shop.read("attributed_checkouts")}
