"""Foreign inputs through the live stack: nothing restarts, each is its value or its dead letter, and nothing is lost."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from confluent_kafka import KafkaError, Message, Producer
from footfall_schemas.codec import encode, key_of
from footfall_schemas.topics import topic
from footfall_stack.testing import running_stack

from checks.prove.evidence import STREAMS, Evidence, Run
from checks.prove.waiting import JOB, Jobs, wait_quiet
from support.events import checkout, click, inventory_update, refund
from support.foreign import APART, Case, Referenced, cases
from support.kafka import wait_until
from support.oracle import Row
from support.oracle.money import revenue_of
from support.oracle.rows import minute_of
from support.shop import UNHURRIED, Shop

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(900)]

SCHEMAS = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
BEHIND = timedelta(seconds=30)
"""After each case comes a good event of the same partition."""
CURRENCY_BEHIND = "SEK"
"""Of the good refunds, so that they are not added to the cases'."""
BEGIN = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=12)
"""So that everything lies in the past, and in order."""
ALL = list(enumerate(cases(BEGIN)))
CASES = [(BEGIN + APART * number, case) for number, case in ALL if case.live]
END = BEGIN + APART * len(ALL) + timedelta(hours=2)
UNKNOWN = 0x70000000
"""An id that no registry has given yet."""
PARTITION = 0
"""All in one, so that each is read after those before it."""


@dataclass(frozen=True)
class Sent:
    """A case and where it lies in Kafka."""

    case: Case
    place: tuple[str, int, int]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    env = {**UNHURRIED, "ANALYTICS_PARALLELISM": "1"}
    with running_stack(tmp_path_factory.mktemp("foreign"), ["analytics"], env=env) as stack:
        yield Shop(stack)


@pytest.fixture(scope="module")
def sent(shop: Shop) -> list[Sent]:
    """Publish every case, a good event behind each, and what closes the windows; wait until all is read."""
    ids = [_registered(shop, case) for _, case in CASES]
    producer = Producer({"bootstrap.servers": shop.kafka, "message.max.bytes": 2_000_000})
    found: list[Sent] = []
    for (when, case), schema_id in zip(CASES, ids, strict=True):
        offset = _produce(producer, case.topic, case.wire(schema_id), b"k" if case.has_key else None)
        found.append(Sent(case, (case.topic, PARTITION, offset)))
        for name, row in _good(f"behind-{case.name}", when + BEHIND).items():
            _produce_row(shop, producer, name, row)
    for name, row in _good("closing", END).items():
        for partition in range(topic(name).partitions):
            _produce_row(shop, producer, name, row | {topic(name).field_names[0]: f"closing-{partition}"}, partition)
    wait_quiet(Jobs(shop))
    return found


@pytest.fixture(scope="module")
def evidence(shop: Shop, sent: list[Sent]) -> Evidence:
    return Evidence(shop, Run("foreign"))


def _registered(shop: Shop, case: Case) -> int:
    if case.message or not case.registered:
        return UNKNOWN
    return _register(shop, f"foreign-{case.name}", case.text, case.kind, case.references)


def _register(shop: Shop, subject: str, text: str, kind: str, references: tuple[Referenced, ...]) -> int:
    for each in references:
        _register(shop, each.subject, each.text, "AVRO", each.references)
    named = [{"name": each.name, "subject": each.subject, "version": 1} for each in references]
    body = {"schema": text, "schemaType": kind, "references": named}
    answer = httpx.post(
        f"{shop.registry.url}/subjects/{subject}/versions", content=json.dumps(body), headers=SCHEMAS, timeout=30
    )
    assert answer.is_success, f"{subject}: {answer.status_code} {answer.text}"
    schema_id: int = answer.json()["id"]
    return schema_id


def _good(name: str, when: datetime) -> dict[str, Row]:
    return {
        "clickstream": click(name, when, user_id=f"good-{name}"),
        "checkouts": checkout(name, when, user_id=f"good-{name}"),
        "refunds": refund(name, when, "2.00", user_id=f"good-{name}", currency=CURRENCY_BEHIND),
        "inventory-updates": inventory_update(name, when, 5, product_id=f"good-{name}"),
    }


def _produce_row(shop: Shop, producer: Producer, name: str, row: Row, partition: int = PARTITION) -> None:
    described = topic(name)
    message = encode(shop.registry.register(described), described.schema, row)
    _produce(producer, name, message, key_of(described, row), partition)


def _produce(producer: Producer, name: str, value: bytes | None, key: bytes | None, partition: int = PARTITION) -> int:
    """Append a message and return its offset."""
    told: list[tuple[KafkaError | None, Message]] = []
    producer.produce(name, value, key, partition, on_delivery=lambda *outcome: told.append(outcome))
    assert producer.flush(30) == 0
    ((error, message),) = told
    assert error is None, f"{name}: {error}"
    offset: int = message.offset()
    return offset


def test_nothing_restarts(shop: Shop, sent: list[Sent]) -> None:
    jobs = shop.flink.jobs(JOB)

    assert [job.is_up for job in jobs] == [True]
    assert shop.flink.root_exception(jobs[0].id) == ""


def test_the_job_says_which_schema_it_waits_for(shop: Shop, sent: list[Sent]) -> None:
    (job,) = shop.flink.jobs(JOB)
    awaited: dict[str, float] = {}

    def told() -> bool:
        awaited.update(shop.flink.metric_sums(job.id, ".schemaIdAwaited"))
        return bool(awaited)

    wait_until(told, seconds=60, what="metric schemaIdAwaited")
    assert all(ids < 0 for ids in awaited.values())


def test_every_output_equals_the_independent_computation(evidence: Evidence) -> None:
    assert [verdict for verdict in evidence.verdicts() if not verdict.holds] == []


def test_each_is_its_dead_letter_with_its_reason(evidence: Evidence, sent: list[Sent]) -> None:
    reasons = {(row["topic"], row["partition"], row["offset"]): row["reason"] for row in evidence.rows("dead-letters")}
    expected = {each.place: each.case.reason for each in sent if each.case.value is None}

    assert reasons.keys() == expected.keys()
    assert {place: reason for place, reason in expected.items() if reason not in reasons[place]} == {}


def test_each_other_is_its_value_and_counts(shop: Shop, evidence: Evidence, sent: list[Sent]) -> None:
    read = {message.place: message.value for name in STREAMS for message in shop.read(name)}
    expected = {each.place: each.case.value for each in sent if each.case.value is not None}
    rows = {row["checkout_id"]: row for row in evidence.rows("attributed_checkouts")}
    checkouts = [value for (name, *_), value in expected.items() if name == "checkouts"]

    assert {place: read[place] for place in expected} == expected
    assert [_attributed(rows[value["checkout_id"]]) for value in checkouts] == list(map(_as_attributed, checkouts))


def test_each_refund_is_taken_off_the_minute_in_its_currency(evidence: Evidence, sent: list[Sent]) -> None:
    cases = [value for each in sent if each.case.topic == "refunds" and (value := each.case.value)]
    expected: dict[tuple[datetime, str], Decimal] = defaultdict(Decimal)
    for row in cases:
        expected[minute_of(row), row["currency"]] += row["amount"]
    for when, _ in CASES:
        expected[when, CURRENCY_BEHIND] += 2
    found = {(row["window_start"], row["currency"]): row for row in evidence.rows("revenue_per_minute")}

    assert len(cases) > 30
    assert {place: found[place]["refunds"] for place in expected} == expected
    assert {place for place, row in found.items() if row["refunds"]} == {place for place in expected if expected[place]}


def test_what_lies_behind_each_is_counted(evidence: Evidence, sent: list[Sent]) -> None:
    behind = {f"behind-{each.case.name}" for each in sent}

    for name in STREAMS:
        identity = topic(name).field_names[0]
        assert behind <= {row[identity] for row in evidence.oracle.facts.counted[name]}
    assert behind <= {row["checkout_id"] for row in evidence.rows("attributed_checkouts")}


def test_the_accounts_add_up(evidence: Evidence, sent: list[Sent]) -> None:
    accounts = {row["topic"]: row for row in evidence.rows("event_accounting")}

    for name in STREAMS:
        here = [each.case for each in sent if each.case.topic == name]
        dead = sum(case.value is None for case in here)
        assert accounts[name] == {
            "topic": name,
            "counted": len(here) - dead + len(sent),
            "duplicates": 0,
            "late": 0,
            "dead": dead,
        }


def _attributed(row: Row) -> Row:
    return {
        name: row[name] for name in ("checkout_time", "user_id", "product_id", "quantity", "payment_status", "revenue")
    }


def _as_attributed(checkout: Row) -> Row:
    paid = checkout["payment_status"] == "succeeded"
    return {
        "checkout_time": checkout["event_time"],
        "user_id": checkout["user_id"],
        "product_id": checkout["product_id"],
        "quantity": checkout["quantity"],
        "payment_status": checkout["payment_status"],
        "revenue": revenue_of(checkout) if paid else 0,
    }
