"""Results in a real Postgres: the tables equal the topics, also after a kill in the middle of the stream."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from footfall_analytics.database import Database
from footfall_analytics.postgres.columns import RENAMED, key_of
from footfall_analytics.postgres.ddl import streams
from footfall_analytics.postgres.tables import create_tables
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Topic, topic
from footfall_stack.testing import StackHandle
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import set_json_loads
from pydantic import SecretStr

from support.amounts import CURRENCIES, extremes
from support.events import click
from support.kafka import read_topic, wait_until
from support.shop import UNHURRIED
from support.shop import Shop as Publisher

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1200)]

PASSWORD = "pa'ss word-0123456789"
START = datetime(2026, 3, 2, 9, 50, tzinfo=UTC)
Rows = dict[tuple[Any, ...], dict[str, Any]]


@dataclass
class Shop:
    """A stack with a database, and what the tests do to it."""

    stack: StackHandle

    def __post_init__(self) -> None:
        self.kafka = self.stack.env["KAFKA_BOOTSTRAP_SERVERS"]
        self.registry = SchemaRegistry(self.stack.env["SCHEMA_REGISTRY_URL"])

    def run(self, *arguments: str, **env: str) -> str:
        command = [sys.executable, "-m", "footfall_stack", *arguments]
        done = subprocess.run(
            command, env=os.environ | self.stack.env | env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def generate(self, number: int, *options: str) -> None:
        start = START + timedelta(minutes=5 * number)
        size = ["--duration", "5m", "--shop-rate", "40", "--users", "500", "--products", "40"]
        faults = ["--out-of-order", "5", "--late", "1", "--duplicates", "2", "--poison", "1"]
        seed = ["--seed", str(100 + number), "--start", start.isoformat(), "--rate", "max"]
        money = ["--currencies", ",".join(CURRENCIES), "--refund-share", "0.5"]
        self.run("generate", *seed, *size, *faults, *money, *options)

    @property
    def database(self) -> Database:
        port = int(self.stack.env["POSTGRES_PORT"])
        return Database("127.0.0.1", port, "footfall", "footfall", SecretStr(PASSWORD))

    def connect(self) -> psycopg.Connection[dict[str, Any]]:
        connection = psycopg.connect(self.database.conninfo(), row_factory=dict_row)
        # Amounts in a list: no number of Python's own holds the largest of them.
        set_json_loads(partial(json.loads, parse_float=Decimal), connection)
        return connection

    def count(self, table: str) -> int:
        with self.connect() as connection:
            row = connection.execute(
                SQL("SELECT count(*) AS n FROM {}").format(Identifier("commerce", table))
            ).fetchone()
        assert row
        return int(row["n"])

    def table(self, described: Topic) -> Rows:
        """Return what Postgres has, by primary key."""
        with self.connect() as connection:
            rows = connection.execute(SQL("SELECT * FROM {}").format(Identifier("commerce", described.view))).fetchall()
        found = {tuple(row[name] for name in key_of(described)): row for row in rows}
        assert len(found) == len(rows)
        return found

    def stream(self, described: Topic) -> Rows:
        """Return what Kafka has: the newest committed row of each key, named as in Postgres."""
        rows: Rows = {}
        for message in read_topic(self.kafka, self.registry, described.name):
            row = message.value
            rows[tuple(row[name] for name in described.row_key)] = {
                RENAMED.get(name, name): value for name, value in row.items()
            }
        return rows


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    # Not pytest's own directory, which nobody else may enter: as root, Postgres runs as somebody else.
    data = Path(tempfile.mkdtemp(prefix="footfall-postgres-"))
    data.chmod(0o711)
    env = {
        "POSTGRES_PASSWORD": PASSWORD,
        **UNHURRIED,
        "ANALYTICS_POSTGRES_DIMENSIONS": "users,categories",
    }
    stack = StackHandle(data, env)
    shop = Shop(stack)
    try:
        stack.start(["analytics", "postgres"])
        stack.wait_ready()
        _fill_dimensions(shop)
        yield shop
    finally:
        stack.stop()
        shutil.rmtree(data)


def _fill_dimensions(shop: Shop) -> None:
    """Put every category and every second user into the database, under names the topics do not know."""
    create_tables(shop.database, "commerce", [topic("users"), topic("categories")])
    users = [f"U{number:06}" for number in range(1000)]
    categories = [f"C{number:03}" for number in range(100)]
    with shop.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO commerce.users (user_id, name, gender) VALUES (%s, %s, %s)",
            [(user, f"Row of {user}", None) for user in users if _is_in_database(user)],
        )
        cursor.executemany(
            "INSERT INTO commerce.categories (category_id, parent_category_name) VALUES (%s, 'All of it')",
            [(category,) for category in categories],
        )


def _is_in_database(user: str) -> bool:
    return user[-1] in "02468"


@pytest.fixture(scope="module")
def killed(shop: Shop) -> Shop:
    """A quarter of an hour of a shop, TaskManager, database and JobManager killed while it is being written."""
    shop.generate(0)
    product = read_topic(shop.kafka, shop.registry, "products")[0].value["product_id"]
    checkouts, refunds = extremes("extreme", START + timedelta(minutes=5, seconds=1), product)
    Publisher(shop.stack).publish("checkouts", *checkouts)
    Publisher(shop.stack).publish("refunds", *refunds)
    wait_until(lambda: _count(shop, "event_counts") > 0, seconds=120, what="the first rows in Postgres")
    # What the generator stamps late is late only if the machine has read on meanwhile: this is in any case.
    Publisher(shop.stack).publish("clickstream", click("late", START - timedelta(hours=1)))
    wait_until(lambda: shop.count("late_events") > 0, seconds=60, what="the late click in Postgres")
    before = shop.count("late_events") + shop.count("event_counts")
    shop.generate(1, "--no-dimensions")
    wait_until(
        lambda: shop.count("late_events") + shop.count("event_counts") > before,
        seconds=60,
        what="more rows in Postgres",
    )
    shop.stack.kill("taskmanager", signal.SIGKILL)
    shop.stack.kill("postgres", signal.SIGKILL)
    shop.generate(2, "--no-dimensions", "--close-windows", "--close-after", "2h")
    for name in ("taskmanager", "postgres"):
        shop.stack.wait_restarted(name, 1)
    shop.stack.kill("jobmanager", signal.SIGKILL)
    shop.stack.wait_restarted("jobmanager", 1)
    return shop


def _count(shop: Shop, table: str) -> int:
    try:
        return shop.count(table)
    except psycopg.Error:
        return 0


def test_tables_equal_the_topics_after_kills_in_the_middle(killed: Shop) -> None:
    newest = START + timedelta(minutes=15)
    topics = {described.view: described for described in streams()}

    def tables() -> dict[str, Rows]:
        try:
            return {name: killed.table(described) for name, described in topics.items()}
        except psycopg.OperationalError:
            return {}  # it recovers

    deadline = time.monotonic() + 240
    before: dict[str, Rows] = {}
    while time.monotonic() < deadline:
        found, streams_ = tables(), {name: killed.stream(described) for name, described in topics.items()}
        is_complete = any(row["window_end"] >= newest for row in streams_["event_counts"].values())
        # Nothing has come for a while, either.
        if is_complete and found == streams_ == before:
            break
        before = streams_
        time.sleep(5)

    assert [name for name in topics if not killed.table(topics[name])] == []
    for name in topics:
        assert found[name] == streams_[name], name


def test_money_in_tables_is_exact_and_apart_by_currency(killed: Shop) -> None:
    minutes = killed.table(topic("revenue_per_minute")).values()
    visit = next(row for row in killed.table(topic("sessions")).values() if row["user_id"] == "extreme")

    assert {row["currency"] for row in minutes if row["refunds"] > 0} == set(CURRENCIES)
    assert all(row["net_revenue"] == row["revenue"] - row["refunds"] for row in minutes)
    # 11 x 100,000,000,000 + 2147483647 x 9999999999.99 + 0.000001, and 3 x 2147483647 x 9999999999.99 x 0.9999 + 0.000001.
    assert visit["revenue"] == [
        {"currency": "EUR", "amount": Decimal("21474837569978525163.530001")},
        {"currency": "SEK", "amount": Decimal("64418066958994581933.040942")},
    ]


def test_every_stream_has_a_key_without_nulls(shop: Shop) -> None:
    with shop.connect() as connection:
        found = connection.execute(
            "SELECT relname AS name, array_agg(attname::text ORDER BY place) AS key, bool_and(attnotnull) AS filled"
            " FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
            " CROSS JOIN unnest(indkey) WITH ORDINALITY AS column_(number, place)"
            " JOIN pg_attribute ON attrelid = indrelid AND attnum = number"
            " WHERE indisprimary AND relnamespace = 'commerce'::regnamespace GROUP BY relname"
        ).fetchall()
    keys = {row["name"]: row["key"] for row in found}

    assert {described.view: keys.get(described.view) for described in streams()} == {
        described.view: key_of(described) for described in streams()
    }
    assert all(row["filled"] for row in found)


def test_dimensions_are_looked_up_in_the_database(killed: Shop) -> None:
    checkouts = killed.table(topic("attributed_checkouts")).values()
    names = {row["user_id"]: row["user_name"] for row in checkouts}

    assert names == {user: f"Row of {user}" if _is_in_database(user) else "Unknown" for user in names}
    assert {_is_in_database(user) for user in names} == {True, False}
    assert {row["gender"] for row in killed.table(topic("buyers_by_gender")).values()} == {"Unknown"}
    rates = killed.table(topic("conversion_rates")).values()
    assert {row["category"] for row in rates if row["scope"] == "shop"} == {""}
    assert {"All of it"} <= {row["category"] for row in rates if row["scope"] == "category"} <= {"All of it", "Unknown"}


def test_creating_again_changes_nothing_and_brings_back_a_missing_column(killed: Shop) -> None:
    with killed.connect() as connection:
        connection.execute("CREATE SCHEMA older")
        connection.execute("CREATE TABLE older.unique_visitors (window_start timestamptz(3) PRIMARY KEY)")
        connection.execute("INSERT INTO older.unique_visitors VALUES ('2026-03-02 09:50:00Z')")

    assert "tables in schema older" in killed.run(
        *("postgres", "create"),
        ANALYTICS_SINKS="kafka,postgres",
        ANALYTICS_VIEWS="unique_visitors",
        ANALYTICS_POSTGRES_SCHEMA="older",
    )
    create_tables(killed.database, "older", [topic("unique_visitors")])

    with killed.connect() as connection:
        rows = connection.execute("SELECT * FROM older.unique_visitors").fetchall()
    assert rows == [{"window_start": START, "window_end": None, "visitors": None}]


def test_no_column_name_is_reserved(shop: Shop) -> None:
    names = {RENAMED.get(name, name) for described in streams() for name in described.field_names}
    with shop.connect() as connection:
        found = connection.execute("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')").fetchall()

    assert names & {row["word"] for row in found} == set()


def test_the_password_is_in_no_log_and_in_no_file_that_others_may_read(killed: Shop) -> None:
    data = killed.stack.layout.data
    mentions = [
        path
        for path in data.rglob("*")
        if path.is_file() and not path.is_symlink() and PASSWORD.replace("'", "") in _text(path)
    ]

    assert any("plan" in str(path.relative_to(data)) for path in mentions), "nothing was looked at"
    assert not [path for path in mentions if path.is_relative_to(data / "logs")]
    assert not [path for path in mentions if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)]


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace").replace("'", "")
