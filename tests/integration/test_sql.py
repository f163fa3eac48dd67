"""`footfall sql` over a real broker: the examples against plain Python, following, errors, and its end."""

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import psutil
import pytest
from footfall_analytics.adhoc.runner import Columns, QueryError, Row, answers
from footfall_analytics.adhoc.script import statements
from footfall_analytics.planning.sqltext import SQL_ROOT
from footfall_analytics.planning.tables import columns_of_schema
from footfall_analytics.settings import AnalyticsSettings
from footfall_schemas.codec import from_json
from footfall_schemas.topics import ROOT, Topic, load_topics, topic

from .workbench import Broker, until

pytestmark = pytest.mark.stack

Record: TypeAlias = dict[str, Any]
EXAMPLES = sorted(path.stem for path in (SQL_ROOT / "adhoc").glob("*.sql"))
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PATIENCE = 300.0
"""A JVM starts and plans in seconds, or in minutes on a machine that tests everything at once."""


def clicks(chance: random.Random) -> list[Record]:
    ids = {"session_id": None, "product_id": None, "category_id": None, "recommendation_id": None}
    rows = [
        ids
        | {"channel": None, "user_agent": None}
        | {
            "event_id": f"e{number}",
            "event_time": START + timedelta(seconds=number),
            "user_id": chance.choice(["U1", "U2", "U3"]),
            "action": chance.choice(["page_view", "page_view", "product_view"]),
            "page": chance.choice(["/", "/sale", None]),
            "source": "website",
        }
        for number in range(200)
    ]
    after = rows[0] | {"event_id": "after", "event_time": START + timedelta(minutes=10), "action": "product_view"}
    return [*rows, *chance.sample(rows, 20), after]


def checkouts(chance: random.Random) -> list[Record]:
    optional = {"session_id": None, "category_id": None, "payment_failure_reason": None, "channel": None}
    rows = [
        optional
        | {
            "checkout_id": f"c{number}",
            "order_id": f"o{number // 2}",
            "event_time": START + timedelta(seconds=number),
            "user_id": chance.choice(["U1", "U2"]),
            "product_id": "P1",
            "quantity": chance.randint(1, 3),
            "unit_price": chance.choice([None, Decimal("9.99"), Decimal("20.00")]),
            "discount_rate": Decimal(chance.choice(["0.0000", "0.1250"])),
            "shipping_cost": Decimal("4.50"),
            "currency": chance.choice(["EUR", "SEK"]),
            "payment_method": chance.choice(["card", "paypal"]),
            "payment_status": chance.choice(["succeeded", "failed"]),
            "source": "website",
        }
        for number in range(60)
    ]
    return [*rows, *chance.sample(rows, 10)]


def refunds(chance: random.Random) -> list[Record]:
    rows = [
        {
            "refund_id": f"r{number // 2}",
            "event_time": START + timedelta(seconds=number),
            # Every other id is that of two users' refunds.
            "user_id": f"U{number % 2}" if number % 4 < 2 else f"U{number}",
            "order_id": f"o{number}",
            "checkout_id": chance.choice([None, f"c{number}"]),
            "product_id": "P1",
            "category_id": None,
            "quantity": 1,
            "amount": Decimal(chance.choice(["0.01", "12.50", "9999999999.99"])),
            "currency": chance.choice(["EUR", "SEK"]),
            "reason": chance.choice([None, "damaged", "returned"]),
            "source": "website",
        }
        for number in range(60)
    ]
    return [*rows, *chance.sample(rows, 10)]


def late_events(chance: random.Random) -> list[Record]:
    return [
        {
            "topic": chance.choice(["clickstream", "checkouts"]),
            "partition": 0,
            "offset": number,
            "event_id": f"l{number}",
            "event_time": START,
            "watermark": START + timedelta(seconds=chance.randint(1, 500)),
            "key": "U1",
            "action": None,
        }
        for number in range(20)
    ]


def product(product_id: str, name: str) -> Record:
    numbers = {"unit_price": Decimal("9.99"), "commission_rate": Decimal("0.1000"), "reorder_threshold": 5}
    words = {"product_id": product_id, "name": name, "category_id": "C1", "brand": "Acme"}
    return words | numbers | {"updated_at": datetime(1970, 1, 1, tzinfo=UTC)}


PRODUCTS = [product("P1", "Old shoe"), product("P2", "Hat"), product("P3", "Gone"), product("P1", "Shoe")]
SOLD = [
    {
        "window_start": START,
        "window_end": START + timedelta(hours=1),
        "rank": rank,
        "product_id": name,
        "units": 9 - rank,
    }
    for rank, name in enumerate(["P2", "P1", "P9"], 1)
]
DEAD = [
    {"topic": "checkouts", "partition": 1, "offset": 7, "reason": "magic byte is 72, not 0", "payload": b"Hello \xff"},
    {"topic": "clickstream", "partition": 0, "offset": 8, "reason": "no value (a tombstone)", "payload": None},
]


class Shop:
    """Streams of this module's own, and what was put into them."""

    def __init__(self, backbone: Any, data: Path) -> None:
        chance = random.Random(4)
        self.broker = Broker(backbone.kafka, backbone.registry)
        self.clicks, self.checkouts, self.late = clicks(chance), checkouts(chance), late_events(chance)
        self.refunds = refunds(chance)
        given = {
            "KAFKA_BOOTSTRAP_SERVERS": backbone.kafka,
            "SCHEMA_REGISTRY_URL": backbone.registry,
            "FOOTFALL_DATA_DIR": str(data),
            "ANALYTICS_TOPIC_PREFIX": self.broker.prefix,
        }
        self.env = {**os.environ, **backbone.env, **given}
        self.settings = AnalyticsSettings(
            kafka_bootstrap_servers=backbone.kafka,
            schema_registry_url=backbone.registry,
            data_dir=data,
            topic_prefix=self.broker.prefix,
        )

    def fill(self) -> None:
        streams = {
            "clickstream": self.clicks,
            "checkouts": self.checkouts,
            "refunds": self.refunds,
            "late-events": self.late,
            "products": PRODUCTS,
            "top_products": SOLD,
            "dead-letters": DEAD,
        }
        for name in streams:
            self.broker.create(name)
        # What cannot be read comes first: nothing behind it may be lost.
        self.broker.produce(f"{self.broker.prefix}clickstream", b"", b"garbage", None)
        for name, records in streams.items():
            self.broker.produce_records(topic(name), records)
        self.broker.produce(f"{self.broker.prefix}products", b"garbage", key=b"P2")
        self.broker.produce(f"{self.broker.prefix}products", None, key=b"P3")

    @contextmanager
    def sql(self, *options: str) -> "Iterator[subprocess.Popen[str]]":
        process = subprocess.Popen(
            [sys.executable, "-m", "footfall_stack", "sql", *options],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def ran(self, *options: str) -> tuple[int, str, str]:
        with self.sql(*options) as process:
            out, err = process.communicate(timeout=PATIENCE)
            return process.returncode, out, err

    def results(self, text: str, *, bounded: bool, limit: int = 0) -> list[list[Record]]:
        found: list[list[Record]] = []
        names: tuple[str, ...] = ()
        for answer in answers(self.settings, statements(text), bounded=bounded, limit=limit):
            match answer:
                case Columns():
                    names = answer.names
                    found.append([])
                case Row():
                    change = {} if bounded else {"op": answer.change}
                    found[-1].append(change | dict(zip(names, answer.values, strict=True)))
        return found


@pytest.fixture(scope="module")
def shop(backbone: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(backbone, tmp_path_factory.mktemp("sql"))
    shop.fill()
    yield shop
    shop.broker.clean()


@pytest.fixture(scope="module")
def results(shop: Shop) -> dict[str, list[Record]]:
    """What the examples answer in batch mode, all asked of one process."""
    texts = [(SQL_ROOT / "adhoc" / f"{name}.sql").read_text() for name in EXAMPLES]
    return dict(zip(EXAMPLES, shop.results("\n".join(texts), bounded=True), strict=True))


def text(time: datetime) -> str:
    return time.replace(tzinfo=None).isoformat(timespec="milliseconds")


def page_views(rows: list[Record]) -> Counter[tuple[Any, ...]]:
    distinct = {row["event_id"]: row for row in rows if row["action"] == "page_view"}.values()
    return Counter((text(row["event_time"].replace(second=0)), row["user_id"], row["page"]) for row in distinct)


def page_views_per_user(shop: Shop) -> list[Record]:
    names = ("window_start", "user_id", "page", "views")
    return [dict(zip(names, (*key, views), strict=True)) for key, views in page_views(shop.clicks).items()]


def revenue_by_payment_method(shop: Shop) -> list[Record]:
    paid = {(row["user_id"], row["checkout_id"]): row for row in shop.checkouts if row["payment_status"] == "succeeded"}
    revenue: dict[tuple[str, str], Decimal] = defaultdict(lambda: Decimal("0.000000"))
    orders: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in paid.values():
        group = row["currency"], row["payment_method"]
        orders[group].add(row["order_id"])
        if row["unit_price"] is not None:
            revenue[group] += row["unit_price"] * row["quantity"] * (1 - row["discount_rate"])
    return [
        {"currency": currency, "payment_method": method, "orders": len(each), "revenue": str(revenue[currency, method])}
        for (currency, method), each in orders.items()
    ]


def refunds_by_reason(shop: Shop) -> list[Record]:
    groups: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in {(row["user_id"], row["refund_id"]): row for row in shop.refunds}.values():
        groups[row["currency"], row["reason"] or "Unknown"].append(row["amount"])
    return [
        {"currency": currency, "reason": reason, "refunds": len(amounts), "amount": str(sum(amounts))}
        for (currency, reason), amounts in groups.items()
    ]


def late_events_by_topic(shop: Shop) -> list[Record]:
    missed: dict[str, list[int]] = defaultdict(list)
    for row in shop.late:
        missed[row["topic"]].append((row["watermark"] - row["event_time"]).seconds)
    return [{"topic": name, "events": len(each), "worst_seconds": max(each)} for name, each in missed.items()]


def top_products_by_name(_: Shop) -> list[Record]:
    named = zip([1, 2, 3], ["Hat", "Shoe", "Unknown"], [8, 7, 6], strict=True)
    return [{"window_start": text(START), "rank": rank, "product": name, "units": units} for rank, name, units in named]


def dead_letters(_: Shop) -> list[Record]:
    begins = ["Hello ÿ", None]
    places = ("topic", "partition", "offset", "reason")
    return [{name: row[name] for name in places} | {"begins": each} for row, each in zip(DEAD, begins, strict=True)]


EXPECTED = {
    check.__name__: check
    for check in (
        dead_letters,
        late_events_by_topic,
        page_views_per_user,
        refunds_by_reason,
        revenue_by_payment_method,
        top_products_by_name,
    )
}


def canonical(rows: list[Record]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_answers_what_plain_python_computes(name: str, shop: Shop, results: dict[str, list[Record]]) -> None:
    expected = EXPECTED[name](shop)

    assert len(expected) > 1
    assert canonical(results[name]) == canonical(expected)


def test_the_newest_row_of_each_key_is_read_in_batch_mode_and_a_deleted_one_is_not(shop: Shop) -> None:
    (rows,) = shop.results("SELECT product_id, name FROM products", bounded=True)

    assert canonical(rows) == canonical([{"product_id": "P1", "name": "Shoe"}, {"product_id": "P2", "name": "Hat"}])


def test_a_compacted_topic_is_followed_as_changes(shop: Shop) -> None:
    (rows,) = shop.results("SELECT product_id, name FROM products", bounded=False, limit=6)

    assert [(row["op"], row["product_id"], row["name"]) for row in rows] == [
        ("+I", "P1", "Old shoe"),
        ("+I", "P2", "Hat"),
        ("+I", "P3", "Gone"),
        ("-U", "P1", "Old shoe"),
        ("+U", "P1", "Shoe"),
        ("-D", "P3", "Gone"),
    ]


def types_of(each: Topic) -> set[str]:
    """Return the types of its columns, and what lies in its lists as types of their own."""
    found = set()
    for column in columns_of_schema(each.schema):
        outer, *inner = re.findall(r"\b[A-Z]+\b", re.sub(r"\bNOT NULL\b|\(.*?\)", "", column.type))
        found |= {outer, *(f"{outer} of {name}" for name in inner)}
    return found


def every_type() -> list[Topic]:
    """Return a few streams that together have columns of every type there is."""
    chosen: list[Topic] = []
    wanted = {name for each in load_topics().values() for name in types_of(each)}
    while wanted:
        chosen.append(max(load_topics().values(), key=lambda each: len(types_of(each) & wanted)))
        wanted -= types_of(chosen[-1])
    return chosen


def test_values_of_every_type_are_read_as_they_were_written(backbone: Any, tmp_path: Path) -> None:
    shop = Shop(backbone, tmp_path)
    streams = every_type()
    written = [
        [json.loads(path.read_text()) for path in sorted((ROOT / "examples" / each.name).glob("*.json"))]
        for each in streams
    ]
    columns = [", ".join(f"`{name}`" for name in each.field_names) for each in streams]
    script = ";".join(f"SELECT {names} FROM {each.view}" for each, names in zip(streams, columns, strict=True))  # noqa: S608
    try:
        for each, documents in zip(streams, written, strict=True):
            shop.broker.create(each.name)
            shop.broker.produce_records(each, [from_json(each.schema, document) for document in documents])
        results = shop.results(script, bounded=True)
    finally:
        shop.broker.clean()

    for each, documents, rows in zip(streams, written, results, strict=True):
        assert canonical(rows) == canonical([without_zones(row) for row in documents]), each.name


def test_a_file_is_followed_until_its_limit(shop: Shop) -> None:
    path = SQL_ROOT / "adhoc" / "page_views_per_user.sql"

    status, out, err = shop.ran("-f", str(path), "--json", "--limit", "3")

    assert (status, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    views = page_views(shop.clicks)
    assert len(rows) == 3
    for row in rows:
        assert row["op"] == "+I"
        assert views[row["window_start"], row["user_id"], row["page"]] == row["views"]


def test_a_question_on_the_command_line_is_answered_as_a_table(shop: Shop) -> None:
    status, out, err = shop.ran("--batch", "-e", "SELECT COUNT(DISTINCT event_id) AS clicks FROM clickstream")

    assert (status, err) == (0, "")
    assert [line.strip() for line in out.splitlines() if line.strip(" ─")] == ["clicks", "201"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT * FROM clickstraem", "did you mean clickstream?"),
        ("SELECT 1;\nSELECT nope\nFROM checkouts", "statement 2: SQL validation failed. From line 2, column 8"),
        ("SELECT quantity / 0 FROM checkouts", "ArithmeticException: / by zero"),
        ("SELECT * FROM sessions", "sessions: no topic"),
    ],
)
def test_what_cannot_be_answered_is_told_in_one_line(shop: Shop, sql: str, reason: str) -> None:
    status, _, err = shop.ran("--batch", "-e", sql)

    assert status == 1
    assert err.startswith("footfall: ")
    assert reason in err
    assert len(err.splitlines()) == 1


def test_a_result_can_be_written_elsewhere_before_the_next_statement(shop: Shop, tmp_path: Path) -> None:
    options = f"'connector' = 'filesystem', 'path' = '{tmp_path / 'late'}', 'format' = 'csv'"
    table = f"CREATE TABLE late (topic STRING, events BIGINT) WITH ({options})"
    insert = "INSERT INTO late SELECT topic, COUNT(*) FROM late_events GROUP BY topic"
    select = "SELECT topic, events FROM late"

    results = shop.results(f"{table}; {insert}; {select}", bounded=True)

    expected = [{name: row[name] for name in ("topic", "events")} for row in late_events_by_topic(shop)]
    assert [canonical(rows) for rows in results] == [canonical(expected)]


def test_a_bounded_question_without_an_answer_in_time_fails(shop: Shop) -> None:
    with pytest.raises(QueryError, match=r"no complete answer within 0\.1 s"):
        list(answers(shop.settings, ["SELECT * FROM checkouts"], bounded=True, timeout=0.1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_its_java_process_ends_with_it(shop: Shop, number: signal.Signals) -> None:
    with shop.sql("-e", "SELECT user_id FROM clickstream", "--json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["op"] == "+I"
        (java,) = psutil.Process(process.pid).children()

        process.send_signal(number)

        assert process.wait(30) == (0 if number == signal.SIGINT else -number)
        until("the Java process has ended", lambda: not java.is_running() or java.status() == psutil.STATUS_ZOMBIE)


def without_zones(value: Any) -> Any:
    """Return a document with its times as TIMESTAMP columns give them."""
    match value:
        case dict():
            return {name: without_zones(item) for name, item in value.items()}
        case list():
            return [without_zones(item) for item in value]
        case str() if re.fullmatch(r"[\d-]+T[\d:.]+Z", value):
            return value.removesuffix("Z")
        case _:
            return value
