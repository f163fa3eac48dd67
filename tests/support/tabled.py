"""An hour of an invented shop as rows of its tables, and a bare Postgres that holds them: no Flink, no Kafka."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from footfall_analytics.database import Database
from footfall_analytics.postgres.ddl import streams
from footfall_analytics.postgres.tables import create_tables
from footfall_stack.testing import StackHandle
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier, Placeholder

Row = dict[str, Any]
SCHEMA = "commerce"
CURRENCIES = ("EUR", "SEK")
CHANNELS = ("search", "social", "Unknown")
CATEGORIES = ("Home", "Garden", "Toys")
REASONS = ("insufficient_funds", "card_expired")
GENDERS = ("female", "male", "Unknown")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MINUTES = 75
"""More than an hour, so that a panel of the last hour has something to leave out."""


@contextmanager
def bare_postgres(tables: dict[str, list[Row]]) -> Iterator[Database]:
    """Run a Postgres with every table and view, these rows by table, and nothing else."""
    # Not pytest's own directory, which nobody else may enter: as root, Postgres runs as somebody else.
    data = Path(tempfile.mkdtemp(prefix="footfall-tables-"))
    data.chmod(0o711)
    stack = StackHandle(data)
    try:
        stack.start(["postgres"])
        stack.wait_ready()
        settings = stack.settings
        database = Database(
            settings.postgres_host,
            settings.postgres_port,
            settings.postgres_db,
            settings.postgres_user,
            settings.postgres_password,
        )
        create_tables(database, SCHEMA, streams())
        with connect(database) as connection:
            insert(connection, tables)
        yield database
    finally:
        stack.stop()
        shutil.rmtree(data)


def connect(database: Database) -> psycopg.Connection[Row]:
    """Return a connection whose rows are dicts and whose times are UTC."""
    return psycopg.connect(database.conninfo(), row_factory=dict_row, options="-c timezone=UTC")


def insert(connection: psycopg.Connection[Row], tables: dict[str, list[Row]]) -> None:
    """Insert rows, by table."""
    for table, rows in tables.items():
        names = list(rows[0])
        statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(
            Identifier(SCHEMA, table),
            SQL(", ").join(map(Identifier, names)),
            SQL(", ").join(map(Placeholder, names)),
        )
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)
    connection.commit()


def shop_rows(now: datetime, seed: int = 1) -> dict[str, list[Row]]:
    """Return rows of the tables that the views read, of the 75 minutes up to now."""
    draw = random.Random(seed)
    end = now.replace(second=0, microsecond=0)
    windows = [
        {"window_start": end - MINUTE * back, "window_end": end - MINUTE * (back - 1)} for back in range(1, MINUTES)
    ]
    in_currencies = [window | {"currency": currency} for window in windows for currency in CURRENCIES]
    return {
        "channel_revenue": [at | {"channel": channel} | _bought(draw) for at in in_currencies for channel in CHANNELS],
        "revenue_per_minute": [at | _money(draw) for at in in_currencies],
        "revenue_by_category": [
            at | {"category": category} | _money(draw) for at in in_currencies for category in CATEGORIES
        ],
        "payment_failures": [
            window | {"reason": reason, "failures": draw.randint(1, 4)} for window in windows for reason in REASONS
        ],
        "buyers_by_gender": [
            at | {"gender": gender, "buyers": draw.randint(1, 9), "revenue": _amount(draw)}
            for at in in_currencies
            for gender in GENDERS
        ],
        "unique_visitors": [window | {"visitors": draw.randint(0, 90)} for window in windows],
        "active_visitors": [
            {"window_start": window["window_end"] - 5 * MINUTE, "window_end": window["window_end"]}
            | {"visitors": draw.randint(0, 300)}
            for window in windows
        ],
        "cumulative_visitors": [_visitors_of_the_day(window, number) for number, window in enumerate(windows[::10])],
        "conversion_rates": _funnels(draw, end),
        **_stock(draw, end),
    }


def _amount(draw: random.Random) -> Decimal:
    return Decimal(draw.randint(0, 10**9)).scaleb(-6)


def _bought(draw: random.Random) -> Row:
    purchases = draw.randint(0, 9)
    profit = Decimal(draw.randint(-(10**9), 10**12)).scaleb(-10)
    return {
        "checkouts": purchases + draw.randint(0, 3),
        "purchases": purchases,
        "revenue": _amount(draw),
        "profit": profit,
    }


def _money(draw: random.Random) -> Row:
    revenue, refunds = _amount(draw), _amount(draw)
    orders = draw.randint(0, 9)
    return {
        "revenue": revenue,
        "refunds": refunds,
        "net_revenue": revenue - refunds,
        "profit": Decimal(draw.randint(-(10**9), 10**12)).scaleb(-10),
        "orders": orders,
        "units": orders * 2,
        "failed_payments": draw.randint(0, 3),
    }


def _visitors_of_the_day(window: Row, number: int) -> Row:
    start = window["window_start"]
    return {
        "window_start": start,
        "window_end": start + 10 * MINUTE,
        "date": start.date(),
        "visitors": 900 - 10 * number,
    }


def _funnels(draw: random.Random, end: datetime) -> list[Row]:
    rows = []
    for back in range(14):
        closed = end - 5 * MINUTE * back
        for scope, category in [("shop", ""), *(("category", name) for name in CATEGORIES)]:
            viewers = draw.choice([0, 3, 7, 450])
            carters, buyers = (draw.randint(0, viewers) for _ in range(2))
            rows.append(
                {"window_start": closed - HOUR, "window_end": closed, "scope": scope, "category": category}
                | {"viewers": viewers, "carters": carters, "buyers": buyers}
            )
    return rows


def _stock(draw: random.Random, end: datetime) -> dict[str, list[Row]]:
    levels: list[Row] = []
    for number, level in enumerate(["enough", "low", "out"] * 4):
        quantity = {"enough": 50, "low": 5, "out": 0}[level]
        levels.append(
            {"product_id": f"P{number}", "warehouse_id": "W1", "product_name": f"Mug {number}", "quantity": quantity}
            | {"threshold": 10, "level": level, "event_time": end - MINUTE * number}
        )
    forecasts: list[Row] = [
        {"product_id": row["product_id"], "warehouse_id": "W1", "stockout_at": end + HOUR * draw.randint(1, 9)}
        for row in levels[:8]
    ]
    return {"stock_levels": levels, "stock_forecasts": forecasts}
