"""Results in a real Postgres: the tables equal the topics, also after a kill in the middle of the stream."""

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
from pathlib import Path
from typing import Any

import psycopg
import pytest
from footfall_flink.postgres.columns import RENAMED
from footfall_flink.postgres.ddl import streams
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Topic
from footfall_stack.testing import StackHandle
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from support.kafka import read_topic, wait_until

pytestmark = pytest.mark.stack

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
        self.run("generate", *seed, *size, *faults, *options)

    def connect(self) -> psycopg.Connection[dict[str, Any]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=int(self.stack.env["POSTGRES_PORT"]),
            dbname="footfall",
            user="footfall",
            password=PASSWORD,
            row_factory=dict_row,
        )

    def count(self, table: str) -> int:
        with self.connect() as connection:
            row = connection.execute(
                SQL("SELECT count(*) AS n FROM {}").format(Identifier("commerce", table))
            ).fetchone()
        assert row
        return int(row["n"])

    def table(self, topic: Topic) -> Rows:
        """Return what Postgres has, by primary key."""
        with self.connect() as connection:
            rows = connection.execute(SQL("SELECT * FROM {}").format(Identifier("commerce", topic.view))).fetchall()
        key = [RENAMED.get(name, name) for name in topic.row_key]
        return {tuple(row[name] for name in key): row for row in rows}

    def stream(self, topic: Topic) -> Rows:
        """Return what Kafka has: the newest committed row of each key, named as in Postgres."""
        rows: Rows = {}
        for message in read_topic(self.kafka, self.registry, topic.name):
            row = message.value
            rows[tuple(row[name] for name in topic.row_key)] = {
                RENAMED.get(name, name): value for name, value in row.items()
            }
        return rows


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    # Not pytest's own directory, which nobody else may enter: as root, Postgres runs as somebody else.
    data = Path(tempfile.mkdtemp(prefix="footfall-postgres-"))
    data.chmod(0o711)
    stack = StackHandle(data, {"POSTGRES_PASSWORD": PASSWORD})
    shop = Shop(stack)
    stack.start(["job", "postgres"])
    try:
        stack.wait_ready()
        yield shop
    finally:
        stack.stop()
        shutil.rmtree(data)


@pytest.fixture(scope="module")
def killed(shop: Shop) -> Shop:
    """A quarter of an hour of a shop, the TaskManager killed while its second part is being written."""
    shop.generate(0)
    wait_until(lambda: _count(shop, "event_counts") > 0, seconds=120, what="the first rows in Postgres")
    before = shop.count("late_events") + shop.count("event_counts")
    shop.generate(1, "--no-dimensions")
    wait_until(
        lambda: shop.count("late_events") + shop.count("event_counts") > before,
        seconds=60,
        what="more rows in Postgres",
    )
    shop.stack.kill("taskmanager", signal.SIGKILL)
    shop.generate(2, "--no-dimensions", "--close-windows", "--close-after", "2h")
    shop.stack.wait_restarted("taskmanager", 1)
    return shop


def _count(shop: Shop, table: str) -> int:
    try:
        return shop.count(table)
    except psycopg.Error:
        return 0


def test_tables_equal_the_topics_after_a_kill_in_the_middle(killed: Shop) -> None:
    newest = START + timedelta(minutes=15)
    topics = {topic.name: topic for topic in streams()}

    def settled() -> bool:
        counts = killed.stream(topics["event_counts"])
        return any(row["window_end"] >= newest for row in counts.values()) and all(
            killed.table(topic) == killed.stream(topic) for topic in topics.values()
        )

    deadline = time.monotonic() + 120
    while not settled() and time.monotonic() < deadline:
        time.sleep(1)

    found = {name: len(killed.table(topic)) for name, topic in topics.items()}
    assert {
        name for name in ("event_counts", "late-events", "dead-letters", "inventory-alerts") if not found[name]
    } == set()
    for topic in topics.values():
        assert killed.table(topic) == killed.stream(topic), topic.name


def test_creating_again_changes_nothing_and_brings_back_a_missing_column(killed: Shop) -> None:
    with killed.connect() as connection:
        connection.execute("CREATE SCHEMA older")
        connection.execute("CREATE TABLE older.unique_visitors (window_start timestamptz(3) PRIMARY KEY)")
        connection.execute("INSERT INTO older.unique_visitors VALUES ('2026-03-02 09:50:00Z')")

    for _ in range(2):
        assert "tables in schema older" in killed.run("postgres", "create", ANALYTICS_POSTGRES_SCHEMA="older")

    with killed.connect() as connection:
        rows = connection.execute("SELECT * FROM older.unique_visitors").fetchall()
    assert rows == [{"window_start": START, "window_end": None, "visitors": None}]


def test_no_column_name_is_reserved(shop: Shop) -> None:
    names = {RENAMED.get(name, name) for topic in streams() for name in topic.field_names}
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

    assert not [path for path in mentions if path.is_relative_to(data / "logs")]
    assert not [path for path in mentions if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)]


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace").replace("'", "")
