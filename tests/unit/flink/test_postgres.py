"""Results in Postgres: settings, tables and the job that fills them; no database."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from footfall_analytics.database import Database
from footfall_analytics.planning.dimensions import with_lookups
from footfall_analytics.planning.script import build_script
from footfall_analytics.postgres.columns import columns_of, key_of
from footfall_analytics.postgres.ddl import statements, streams, wanted
from footfall_analytics.postgres.reader import reader_statements
from footfall_analytics.postgres.script import build_postgres_script
from footfall_analytics.postgres.views import VIEWS
from footfall_analytics.postgres.writer import job_settings
from footfall_analytics.postgres_settings import PostgresSettings, Reader
from footfall_analytics.settings import AnalyticsSettings
from footfall_chassis.settings import SettingsError
from footfall_schemas.topics import topic
from pydantic import SecretStr

SECRET = "it's se/cret"
SETTINGS = AnalyticsSettings(postgres_password=SecretStr(SECRET))


def database(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Database:
    for name, value in variables.items():
        monkeypatch.setenv(f"ANALYTICS_POSTGRES_{name}", value)
    return Database.of(PostgresSettings.load())


def test_a_url_says_all_there_is_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    found = database(monkeypatch, URL="postgresql://me:p%40ss@db.example:6543/shop?sslmode=require&user=x", HOST="no")

    assert (found.host, found.port, found.name, found.user) == ("db.example", 6543, "shop", "me")
    assert found.password.get_secret_value() == "p@ss"
    assert "sslmode=require" in found.jdbc_url()
    assert "user=x" not in found.jdbc_url()
    assert "p%40ss" not in found.jdbc_url()


def test_a_file_with_the_password_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")

    found = database(monkeypatch, PASSWORD="variable", PASSWORD_FILE=str(tmp_path / "secret"))

    assert found.password.get_secret_value() == "from the file"


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("ANALYTICS_SINKS", "postgres", "must name kafka"),
        ("ANALYTICS_SINKS", "kafka,mysql", "'kafka' or 'postgres'"),
        ("ANALYTICS_POSTGRES_URL", "mysql://u:hush@h/d", "must read postgresql://"),
        ("ANALYTICS_POSTGRES_URL", "postgresql://u:hush@h", "must read postgresql://"),
        ("ANALYTICS_POSTGRES_URL", "postgresql://u:hush@h:port/d", "must read postgresql://"),
        ("ANALYTICS_POSTGRES_PASSWORD_FILE", "/no/such/file", "cannot be read"),
        ("ANALYTICS_POSTGRES_SCHEMA", 'a"; drop', "match pattern"),
        ("ANALYTICS_POSTGRES_READER", 'a"; drop', "match pattern"),
        ("ANALYTICS_POSTGRES_READER", "somebody", "for ANALYTICS_POSTGRES_READER=somebody"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as caught:
        AnalyticsSettings.load()

    assert str(caught.value).startswith(variable)
    assert complaint in str(caught.value)
    assert "hush" not in str(caught.value)


def test_sinks_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICS_SINKS", "kafka, postgres")

    assert AnalyticsSettings.load().sinks == ("kafka", "postgres")


def test_the_script_has_the_password_and_its_text_has_not() -> None:
    script = build_postgres_script(SETTINGS)

    assert "'password' = 'it''s se/cret'" in script.tables["sessions_table"]
    assert "se/cret" not in script.text()
    assert script.text().count("'password' = '***'") == len(script.inserts)
    assert "se/cret" not in repr(Database.of(SETTINGS))


def test_every_published_stream_is_read_once_and_written_to_its_table() -> None:
    script = build_postgres_script(SETTINGS)

    assert script.inserts.keys() == {described.view for described in streams()}
    assert len(script.tables) == 2 * len(script.inserts)
    for described in streams():
        reader, writer = script.tables[described.view], script.tables[f"{described.view}_table"]
        assert "'properties.isolation.level' = 'read_committed'" in reader
        assert f"'topic' = '{described.name}'" in reader
        assert f"'table-name' = 'commerce.{described.view}'" in writer
    assert "${" not in script.text()


def test_the_job_has_a_name_state_and_slot_of_its_own() -> None:
    own = job_settings(SETTINGS)

    assert own.job_name == "footfall-postgres"
    assert own.parallelism == own.source_parallelism == 1
    assert own.state_dir != SETTINGS.state_dir
    assert SETTINGS.state_dir not in own.state_dir.parents


def test_of_two_jobs_supervisor_one_fills_postgres() -> None:
    filling = [
        SETTINGS.model_copy(update={"job": job, "sinks": ("kafka", "postgres")}).fills_postgres
        for job in ("all", "shop", "stock")
    ]

    assert filling == [True, True, False]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("attributed_checkouts", ["checkout_id"]),
        ("trading_volume", ["date", "hour", "window_start"]),
        ("inventory-alerts", ["alert_id"]),
        ("late-events", ["topic", "kafka_partition", "kafka_offset"]),
        ("dead-letters", ["topic", "kafka_partition", "kafka_offset"]),
    ],
)
def test_a_table_is_keyed_by_what_tells_its_rows_apart(name: str, key: list[str]) -> None:
    assert key_of(topic(name)) == key
    (create,) = [sql for sql in statements("commerce", [topic(name)]) if sql.startswith("CREATE TABLE")]
    assert f"PRIMARY KEY ({', '.join(key)})" in create


def test_columns_take_the_types_of_the_schema() -> None:
    types = {
        column.name: column.type
        for name in ("attributed_checkouts", "sessions", "conversion_rates", "cumulative_visitors", "related-products")
        for column in columns_of(topic(name))
    } | {column.name: column.type for column in columns_of(topic("dead-letters"))}

    assert types["checkout_id"] == "text"
    assert types["click_time"] == "timestamptz(3)"
    assert types["profit"] == "numeric(38, 10)"
    assert types["revenue"] == "jsonb"  # of sessions: an amount for each currency
    assert types["quantity"] == "integer"
    assert types["actions"] == "bigint"
    assert types["abandoned_cart"] == "boolean"
    assert types["cart_rate"] == "double precision"
    assert types["date"] == "date"
    assert types["related"] == "jsonb"
    assert types["payload"] == "bytea"


def test_creating_can_be_repeated_and_adds_columns_of_a_newer_schema() -> None:
    described = topic("unique_visitors")
    field = {"name": "sessions", "type": ["null", "long"], "default": None, "doc": "The visitors' sessions."}
    newer = replace(described, schema=described.schema | {"fields": [*described.schema["fields"], field]})

    sql = statements("commerce", [newer])

    assert "ALTER TABLE commerce.unique_visitors ADD COLUMN IF NOT EXISTS sessions bigint" in sql
    assert "COMMENT ON COLUMN commerce.unique_visitors.sessions IS 'The visitors'' sessions.'" in sql
    assert all("IF NOT EXISTS" in one or one.startswith("COMMENT") for one in sql)


def test_a_view_comes_after_its_tables_and_only_with_all_of_them() -> None:
    def views(*names: str) -> list[str]:
        made = statements("older", [topic(name) for name in names])
        return [re.split(r"\s+", sql)[4] for sql in made if sql.startswith("CREATE OR REPLACE VIEW")]

    assert views("unique_visitors") == []
    assert views("unique_visitors", "active_visitors") == ["older.visitors_by_minute"]
    assert set(views(*(described.name for described in streams()))) == {f"older.{view.name}" for view in VIEWS}
    last_table = max(n for n, sql in enumerate(statements("older", streams())) if sql.startswith("CREATE TABLE"))
    assert all("VIEW" not in sql for sql in statements("older", streams())[:last_table])


def test_a_view_says_what_each_of_its_columns_means_and_has_the_name_of_no_stream() -> None:
    assert {view.name for view in VIEWS} & {described.view for described in streams()} == set()
    assert all(set(view.reads) <= {described.view for described in streams()} for view in VIEWS)


def test_times_beyond_what_postgres_writes_are_infinite() -> None:
    (time,) = [column for column in columns_of(topic("late-events")) if column.name == "event_time"]

    assert re.search(r"'-infinity'.*'infinity'.*\|\| 'Z' END", time.expression)


LEFT_JOINS = """CREATE TEMPORARY VIEW v AS
SELECT a.x
FROM base AS a
LEFT JOIN categories FOR SYSTEM_TIME AS OF a.event_time AS c ON a.category_id = c.category_id
LEFT JOIN users FOR SYSTEM_TIME AS OF a.event_time AS u ON a.user_id = u.user_id;"""


def test_a_dimension_of_the_database_is_joined_as_of_now_and_the_others_as_of_the_event() -> None:
    sql = with_lookups("v", LEFT_JOINS, ["users"])

    assert "FROM (SELECT *, PROCTIME() AS looked_up_at FROM base) AS a" in sql
    assert "LEFT JOIN users_of_v FOR SYSTEM_TIME AS OF a.looked_up_at AS u" in sql
    assert "LEFT JOIN categories FOR SYSTEM_TIME AS OF a.event_time AS c" in sql


def test_without_dimensions_in_the_database_views_stay_as_they_are() -> None:
    assert with_lookups("v", LEFT_JOINS, []) == LEFT_JOINS
    assert with_lookups("v", LEFT_JOINS, ["products"]) == LEFT_JOINS


def test_a_join_that_cannot_be_turned_into_a_lookup_is_refused() -> None:
    with pytest.raises(ValueError, match="users cannot be looked up"):
        with_lookups("v", LEFT_JOINS.replace("LEFT JOIN users", "JOIN users"), ["users"])


def test_every_join_of_the_core_can_be_a_lookup_with_a_bounded_cache() -> None:
    dimensions = ("products", "users", "categories")
    script = build_script(AnalyticsSettings(postgres_dimensions=dimensions, postgres_password=SecretStr(SECRET)))

    assert not script.tables.keys() & set(dimensions)
    tables = [sql for name, sql in script.tables.items() if "_of_" in name]
    assert len(tables) >= len(dimensions)
    assert all("'lookup.partial-cache.max-rows' = '5000'" in sql for sql in tables)
    assert all("'lookup.partial-cache.expire-after-write' = '600000 ms'" in sql for sql in tables)
    assert "se/cret" not in script.text()
    assert not re.search(r"JOIN (products|users|categories) FOR", script.text())


def test_tables_are_made_for_what_the_settings_use() -> None:
    assert wanted(AnalyticsSettings()) == []
    assert wanted(AnalyticsSettings(postgres_dimensions=("users",))) == [topic("users")]
    both = AnalyticsSettings(sinks=("kafka", "postgres"), views="sessions", postgres_dimensions=("users",))
    assert wanted(both) == [topic("sessions"), topic("users")]


def test_nobody_only_reads_unless_asked_for() -> None:
    assert PostgresSettings.load().reader is None


def test_who_only_reads_has_a_password_of_its_own_on_a_database_of_yours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICS_POSTGRES_READER", "somebody")
    monkeypatch.setenv("ANALYTICS_POSTGRES_READER_PASSWORD", "footfall")
    assert PostgresSettings.load().reader == Reader("somebody", SecretStr("footfall"))

    monkeypatch.setenv("ANALYTICS_POSTGRES_URL", "postgresql://me:mine@db.example/shop")
    assert PostgresSettings.load().reader is None

    monkeypatch.setenv("ANALYTICS_POSTGRES_READER_PASSWORD", SECRET)
    assert PostgresSettings.load().reader == Reader("somebody", SecretStr(SECRET))


def test_who_only_reads_gets_columns_by_name_and_no_password() -> None:
    said = reader_statements("commerce", [topic("attributed_checkouts"), topic("dead-letters")], "somebody")

    granted = [sql for sql in said if sql.startswith("GRANT SELECT (")]
    assert len(granted) == 2
    assert not re.search("user_name|payload", " ".join(granted))
    assert [sql for sql in said if "PASSWORD" in sql] == []
