"""A shop sends its own events as docs/your-events.md says: the streams are its orders, each mistake is mended once."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import KafkaException
from footfall_analytics.dead_letters.cli import dead_letters
from footfall_schemas.codec import to_json
from footfall_schemas.topics import topic
from footfall_stack.testing import running_stack
from typer.testing import CliRunner

from checks.prove.evidence import STREAMS, Evidence, Run
from checks.prove.waiting import Jobs, wait_quiet
from support import page
from support.events import checkout, click, inventory_update, product
from support.kafka import read_raw, wait_until
from support.mistakes import Mistake, close, hanging_retry, mistakes, place_of, send_mistakes
from support.oracle import Row
from support.own_shop import Told, by_hand, events, lines, text
from support.shop import UNHURRIED, Shop

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(900)]

BEGIN = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=12)
ORDERS = 1000
"""By each of the page's programs."""
NODE_BEGIN = BEGIN + timedelta(hours=2)
WRONG_BEGIN = BEGIN + timedelta(hours=4)
END = BEGIN + timedelta(hours=6)
SEQUENCE = [checkout(f"seq-{n}", WRONG_BEGIN, user_id="u-seq", currency="DKK") for n in range(5)]
AS_JSON = checkout("as-json", WRONG_BEGIN, user_id="u-json", currency="ISK")
DEAD = 2
"""That are never mended: a message without a value, and one that a service could not handle."""


@dataclass
class Played:
    """What was sent and what the commands said."""

    told: list[Told]
    wrong: list[Mistake]
    listed: list[dict[str, Any]] = field(default_factory=list)
    shown: dict[str, Any] = field(default_factory=dict)
    first: list[dict[str, Any]] = field(default_factory=list)
    again: list[dict[str, Any]] = field(default_factory=list)
    interrupted: str = ""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    env = {**UNHURRIED, "ANALYTICS_PARALLELISM": "1"}
    with running_stack(tmp_path_factory.mktemp("own"), ["analytics"], env=env) as stack:
        yield Shop(stack)


@pytest.fixture(scope="module")
def played(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Send orders, make mistakes, mend them twice, and wait until all is read."""
    folder = tmp_path_factory.mktemp("empty")
    # A stream without any events has no accounts.
    shop.publish("clickstream", click("first", BEGIN))
    shop.publish("inventory-updates", inventory_update("first", BEGIN, 5))
    told = [*_by_python(shop, folder), *_by_node(shop, folder)]
    played = Played(told, list(mistakes(WRONG_BEGIN)))
    send_mistakes(shop, played.wrong, SEQUENCE, AS_JSON)
    count = len(played.wrong) + len(SEQUENCE) + 1 + DEAD
    wait_until(lambda: len(command(shop, "list", "--json")) >= count, seconds=300, what=f"{count} dead letters")
    played.listed = command(shop, "list", "--json")
    _mend(shop, played, folder)
    close(shop, END)
    wait_quiet(Jobs(shop))
    return played


@pytest.fixture(scope="module")
def evidence(shop: Shop, played: Played) -> Evidence:
    return Evidence(shop, Run("own events", currencies=("EUR", "SEK")))


def command(shop: Shop, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    """Call `footfall dead-letters` and return the objects that it prints."""
    answer = CliRunner().invoke(dead_letters, list(arguments), env=dict(shop.stack.env))
    assert answer.exit_code == status, answer.output
    return [json.loads(line) for line in answer.stdout.splitlines()]


def _by_python(shop: Shop, folder: Path) -> list[Told]:
    told = lines(BEGIN, ORDERS)
    page.run("python", folder, shop.stack.env, text(told))
    return told


def _by_node(shop: Shop, folder: Path) -> list[Told]:
    told = lines(NODE_BEGIN, ORDERS, name="N", seed=2)
    try:
        page.run("javascript", folder, shop.stack.env, text(told))
    except LookupError:
        return []  # test_node_sends_the_same says so
    return told


def _mend(shop: Shop, played: Played, folder: Path) -> None:
    ghost = hanging_retry(shop)
    keys = {
        place_of(message): message.key() for name in ("checkouts", "refunds") for message in read_raw(shop.kafka, name)
    }
    places = {keys.get(row["message"]): row["message"] for row in played.listed}
    (place,) = [row["message"] for row in played.listed if row["reason"].startswith("magic byte")]
    (played.shown,) = command(shop, "show", place, "--json")
    mended = folder / "mended.json"
    mended.write_text(json.dumps(played.shown | {"record": to_json(AS_JSON)}))
    calls = [["retry", places[each.key], "--set", each.mend] for each in played.wrong]
    calls.append(["retry", "--topic", "checkouts", "--reason", "CURRENCY", "--set", "currency=DKK"])
    calls.append(["retry", place, "--record", str(mended)])
    for call in calls:
        played.first += command(shop, *call, "--json")
    try:
        ghost.commit_transaction(10)
    except KafkaException as error:
        played.interrupted = error.args[0].name()
    for call in calls[-2:]:
        played.again += command(shop, *call, "--json")
    played.again += command(shop, "retry", "--all", "--json", status=1)


def expected(played: Played) -> dict[str, list[Row]]:
    """Return what must lie in the topics, mended and all."""
    found = events(played.told)
    for each in played.wrong:
        found[each.topic].append(each.right)
    found["checkouts"] += [*SEQUENCE, AS_JSON]
    return found


def test_the_topics_hold_what_the_shop_told_and_each_mended_message_once(shop: Shop, played: Played) -> None:
    for name, rows in expected(played).items():
        found = [message.value for message in shop.read(name) if message.value["event_time"] < END]

        assert Counter(map(repr, found)) == Counter(map(repr, rows))


def test_node_sends_the_same(shop: Shop, played: Played) -> None:
    try:
        page.node_environment()
    except LookupError as missing:
        pytest.skip(str(missing))

    assert sum(row["order"].startswith("N") for row in played.told) > ORDERS


def test_every_stream_equals_the_independent_computation(evidence: Evidence) -> None:
    assert [verdict for verdict in evidence.verdicts() if not verdict.holds] == []


def test_money_is_what_the_orders_come_to_by_hand(evidence: Evidence, played: Played) -> None:
    wanted = by_hand(played.told)
    found = {
        (row["window_start"], row["currency"]): row
        for row in evidence.rows("revenue_per_minute")
        if row["currency"] in {"EUR", "SEK"} and row["window_start"] < END
    }

    assert len(wanted) > 100
    assert {place: {name: found[place][name] for name in row} for place, row in wanted.items()} == wanted
    assert {place for place, row in found.items() if row["orders"] or row["refunds"]} == {
        place for place, row in wanted.items() if row["orders"] or row["refunds"]
    }


def test_a_page_that_was_loaded_again_sells_nothing_twice(evidence: Evidence, played: Played) -> None:
    accounts, rows = {row["topic"]: row for row in evidence.rows("event_accounting")}, events(played.told)

    for name, identity in (("checkouts", "checkout_id"), ("refunds", "refund_id")):
        ids = Counter(row[identity] for row in rows[name])
        assert accounts[name]["duplicates"] == ids.total() - len(ids)
    assert accounts["checkouts"]["duplicates"] > ORDERS // 20
    assert {account["late"] for account in accounts.values()} == {0}
    assert accounts.keys() >= set(STREAMS)


def test_each_mistake_is_listed_with_its_field_and_the_reason_of_the_page(played: Played) -> None:
    reasons, told = {row["field"]: row["reason"] for row in played.listed if row["field"]}, page.mistakes()

    assert {each.field for each in played.wrong} <= reasons.keys()
    assert {name: reason for name, reason in reasons.items() if told[name] not in reason} == {}
    others = {row["reason"] for row in played.listed if not row["field"]}
    assert others == {"deliver: 410 Gone", "magic byte is 123, not 0", "no value (a tombstone)"}
    assert others - {"deliver: 410 Gone"} <= set(told.values())


def test_one_is_shown_with_its_bytes_and_the_cure(played: Played) -> None:
    assert played.shown["key"] == "u-json"
    assert played.shown["cure"].startswith("Write it with a serializer for a schema registry")
    assert played.shown["payload"]


def test_each_is_sent_once_however_often_it_is_asked_for(played: Played) -> None:
    count = len(played.wrong) + len(SEQUENCE) + 1
    sent = [row for row in played.first if row["outcome"] == "sent"]

    assert len({row["message"] for row in sent}) == len(sent) == count
    assert {row["outcome"] for row in played.again} == {"sent before", "not sent"}
    assert {row["message"]: row["sent_to"] for row in played.again if row["sent_to"]} == {
        row["message"]: row["sent_to"] for row in sent
    }
    assert sum(row["outcome"] == "not sent" for row in played.again) == DEAD


def test_a_retry_that_hung_is_stopped_and_taken_back_by_the_next(played: Played) -> None:
    assert played.interrupted in {"_FENCED", "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"}


def test_messages_keep_their_order_their_partition_and_their_headers(shop: Shop, played: Played) -> None:
    messages = [message for message in read_raw(shop.kafka, "checkouts") if message.headers()]
    places = {f"checkouts/{message.partition()}@{message.offset()}": dict(message.headers()) for message in messages}
    moved = [row for row in played.first if row["outcome"] == "sent" and row["message"].startswith("checkouts/")]

    for row in moved:
        assert places[row["sent_to"]]["footfall-retry-of"].decode() == row["message"]
    for each in (each for each in played.wrong if each.topic == "checkouts"):
        assert sum(headers.get("trace") == each.field.encode() for headers in places.values()) == 2
    sequence = [message.value for message in shop.read("checkouts") if message.value["user_id"] == "u-seq"]
    assert sequence == SEQUENCE


def test_java_finds_the_schema_where_the_page_asks(shop: Shop, played: Played) -> None:
    assert "/subjects/checkouts-value/versions/latest/schema" in page.code("java")

    answer = httpx.get(f"{shop.registry.url}/subjects/checkouts-value/versions/latest/schema", timeout=30)

    assert answer.json() == topic("checkouts").schema


def test_an_old_version_is_not_sent_behind_a_newer_one(shop: Shop, evidence: Evidence) -> None:
    # The last test here: it adds a dead letter that the evidence knows nothing of.
    shop.publish("products", product(product_id="vase", reorder_threshold=1, commission_rate=Decimal(2)))
    wait_until(lambda: bool(command(shop, "list", "--topic", "products", "--json")), seconds=120, what="dead letter")
    (dead,) = command(shop, "list", "--topic", "products", "--json")
    shop.publish("products", product(product_id="vase", reorder_threshold=2))
    (newer,) = [place_of(message) for message in read_raw(shop.kafka, "products")][1:]

    (told,) = command(shop, "retry", dead["message"], "--set", "commission_rate=0.2", "--json", status=1)

    assert told["reason"] == f"a newer message of its key is at {newer}; send a new version instead"
