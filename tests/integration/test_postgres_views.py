"""The views in a real Postgres: each holds what plain Python finds in the same rows, to the last digit."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, LiteralString

import psycopg
import pytest
from footfall_analytics.database import Database
from footfall_analytics.postgres.cli import postgres
from footfall_analytics.postgres.ddl import streams
from footfall_analytics.postgres.reader import personal_columns
from footfall_analytics.postgres.tables import DatabaseError, create_tables, make_reader
from footfall_analytics.postgres.views import VIEWS
from footfall_analytics.postgres_settings import Reader
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr
from typer.testing import CliRunner

from support.tabled import SCHEMA, Row, bare_postgres, connect, shop_rows

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

TABLES = shop_rows(datetime.now(UTC))


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with bare_postgres(TABLES) as database:
        yield database


def rows_of(database: Database, view: str) -> list[Row]:
    with connect(database) as connection:
        return connection.execute(SQL("SELECT * FROM {}").format(Identifier(SCHEMA, view))).fetchall()


def expected(view: str) -> list[Row]:
    """Return what a view must hold."""
    match view:
        case "conversion_by_hour":
            return [_conversion(row) for row in TABLES["conversion_rates"]]
        case "visitors_by_minute":
            return [
                {"time": row["window_end"], "during": during, "visitors": row["visitors"]}
                for table, during in (("unique_visitors", "1 minute"), ("active_visitors", "5 minutes"))
                for row in TABLES[table]
            ]
        case "low_stock":
            return _low_stock()
        case _:
            table = {
                "channels_by_minute": "channel_revenue",
                "money_by_minute": "revenue_per_minute",
                "categories_by_minute": "revenue_by_category",
                "failed_payments_by_minute": "payment_failures",
                "genders_by_minute": "buyers_by_gender",
            }[view]
            columns = {"window_start": "time"}
            left_out = {"window_end", *({"refunds", "failed_payments"} if view == "categories_by_minute" else ())}
            return [
                {columns.get(name, name): value for name, value in row.items() if name not in left_out}
                for row in TABLES[table]
            ]


def _conversion(row: Row) -> Row:
    return {
        "time": row["window_end"],
        "scope": row["scope"],
        "category": row["category"] or "whole shop",
        **{name: row[name] for name in ("viewers", "carters", "buyers")},
        "cart_rate": _share(row["carters"], row["viewers"]),
        "purchase_rate": _share(row["buyers"], row["viewers"]),
    }


def _share(part: int, whole: int) -> Decimal | None:
    if whole == 0:
        return None
    millionths = Fraction(part, whole) * 10**6
    return (Decimal(millionths.numerator) / millionths.denominator).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-6)


def _low_stock() -> list[Row]:
    gone = {(row["product_id"], row["warehouse_id"]): row["stockout_at"] for row in TABLES["stock_forecasts"]}
    found = []
    for row in TABLES["stock_levels"]:
        if row["quantity"] < row["threshold"]:
            when = gone.get((row["product_id"], row["warehouse_id"])) if row["quantity"] > 0 else None
            given = {name: value for name, value in row.items() if name != "event_time"}
            found.append(given | {"time": row["event_time"], "stockout_at": when})
    return found


def _in_order(rows: list[Row]) -> list[Any]:
    return sorted((sorted(row.items()) for row in rows), key=str)


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_a_view_holds_what_plain_python_finds(database: Database, view: str) -> None:
    assert _in_order(rows_of(database, view)) == _in_order(expected(view))


def test_nothing_is_floating_point_and_every_column_says_what_it_means(database: Database) -> None:
    with connect(database) as connection:
        found = connection.execute(
            "SELECT relname AS view, attname AS name, format_type(atttypid, NULL) AS type,"
            " col_description(attrelid, attnum) AS doc, obj_description(attrelid, 'pg_class') AS about"
            " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relkind = 'v' AND relnamespace = 'commerce'::regnamespace AND attnum > 0 ORDER BY relname, attnum"
        ).fetchall()

    assert {row["view"] for row in found} == {view.name for view in VIEWS}
    assert [row for row in found if row["type"] in {"double precision", "real"}] == []
    assert [row for row in found if not row["doc"] or not row["about"]] == []


def test_creating_again_changes_nothing(database: Database) -> None:
    before = rows_of(database, "money_by_minute")

    create_tables(database, SCHEMA, streams())

    assert rows_of(database, "money_by_minute") == before


READER = Reader("footfall_reader", SecretStr("a pass'word"))


@pytest.fixture(scope="module")
def reader(database: Database) -> str:
    """Return the connection of who only reads, made twice: said again, it changes nothing."""
    for _ in range(2):
        make_reader(database, SCHEMA, streams(), READER)
    return replace(database, user=READER.name, password=READER.password).conninfo()


def test_the_reader_reads_every_view_and_every_table(reader: str) -> None:
    with psycopg.connect(reader) as connection:
        for view in VIEWS:
            assert connection.execute(SQL("SELECT * FROM {}").format(Identifier(SCHEMA, view.name))).fetchall(), view
        for stream in streams():
            connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(SCHEMA, stream.view)))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM commerce.stock_levels",
        "UPDATE commerce.stock_levels SET quantity = 1",
        "INSERT INTO commerce.unique_visitors VALUES (now(), now(), 1)",
        "TRUNCATE commerce.stock_levels",
        "CREATE TABLE commerce.mine (number int)",
        "CREATE TABLE public.mine (number int)",
        "DROP VIEW commerce.low_stock",
        "CREATE ROLE another",
    ],
)
def test_the_reader_changes_nothing(reader: str, statement: LiteralString) -> None:
    with psycopg.connect(reader) as connection:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute(statement)
        connection.rollback()
        # Not the setting alone keeps it from that.
        connection.read_only = False
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_reader_sees_nothing_that_is_personal(reader: str) -> None:
    personal = {(stream.view, name) for stream in streams() for name in personal_columns(stream)}

    assert ("attributed_checkouts", "user_name") in personal
    assert ("dead_letters", "payload") in personal
    with psycopg.connect(reader, autocommit=True) as connection:
        for table, column in sorted(personal):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(SQL("SELECT {} FROM {}").format(Identifier(column), Identifier(SCHEMA, table)))
        shown = connection.execute(
            "SELECT table_name, column_name FROM information_schema.column_privileges"
            " WHERE grantee = 'footfall_reader' AND table_schema = 'commerce'"
        ).fetchall()
    assert not personal & set(shown)
    assert not {name for _, name in personal} & {name for view in VIEWS for name in view.columns}


def test_of_the_readers_password_the_server_keeps_what_scram_needs_and_logs_nothing(
    database: Database, reader: str
) -> None:
    with connect(database) as connection:
        (row,) = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'footfall_reader'").fetchall()
    assert row["rolpassword"].startswith("SCRAM-SHA-256$")

    wrong = replace(database, user=READER.name, password=SecretStr("footfall"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong.conninfo())
    assert READER.password.get_secret_value() in psycopg.conninfo.conninfo_to_dict(reader).values()


def test_an_account_that_may_make_no_role_is_told_so(database: Database, reader: str) -> None:
    mere = replace(database, user=READER.name, password=READER.password)

    with pytest.raises(DatabaseError, match=r"role somebody of Postgres at .*: "):
        make_reader(mere, SCHEMA, streams(), Reader("somebody", SecretStr("x")))


def test_the_command_makes_the_role_with_the_tables(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"HOST": database.host, "PORT": str(database.port), "USER": database.user, "DATABASE": database.name}
    told |= {"PASSWORD": database.password.get_secret_value(), "READER": "clerk", "READER_PASSWORD": "of the clerk"}
    for name, value in told.items():
        monkeypatch.setenv(f"ANALYTICS_POSTGRES_{name}", value)

    done = CliRunner().invoke(postgres, ["create"])

    assert done.exit_code == 0, done.output
    assert f"{database.place}: clerk reads them" in done.output
    clerk = replace(database, user="clerk", password=SecretStr("of the clerk"))
    with psycopg.connect(clerk.conninfo()) as connection:
        assert connection.execute("SELECT * FROM commerce.low_stock").fetchall()
