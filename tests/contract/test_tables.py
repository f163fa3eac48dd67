"""The SQL's tables against the Avro schemas, and the script they make; no JVM."""

import json
import re
import shutil
from pathlib import Path

import pytest
from footfall_analytics.planning.script import Script, build_script
from footfall_analytics.planning.sqltext import SQL_ROOT, PlanError
from footfall_analytics.planning.tables import UNREADABLE, Column, check_columns, columns_of_ddl, columns_of_schema
from footfall_analytics.postgres.columns import columns_of
from footfall_analytics.postgres.ddl import streams
from footfall_analytics.settings import AnalyticsSettings
from footfall_schemas.topics import Topic, load_topics
from sqlfluff.core.dialects import dialect_selector

BY_VIEW = {topic.view: topic for topic in load_topics().values()}
KINDS = ("intermediate", "published")
SOURCES = sorted((SQL_ROOT / "source").glob("*.sql"))

# Fields that no view needs. Each would cost its decoding on every event; a view that needs one takes it off this list.
UNREAD = {
    "clickstream": {"session_id", "page", "user_agent", "recommendation_id"},
    "checkouts": {"session_id", "payment_method"},
    "refunds": {"reason"},
    "inventory-updates": set(),
    "products": {"brand", "unit_price"},
    "categories": {"name"},
    "users": {"country", "registered_at"},
}


def topics_of(path: Path) -> list[Topic]:
    names = re.search(r"'topic' = '([^']+)'", path.read_text())
    assert names
    return [BY_VIEW[view] for view in re.findall(r"\$\{(\w+)\}", names[1])]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_source_columns_equal_the_avro_fields(path: Path) -> None:
    topics = topics_of(path)
    columns = columns_of_ddl(path.read_text())

    fields = {column.name for topic in topics for column in columns_of_schema(topic.schema)}
    unread = {
        name for name in fields if all(name in UNREAD[topic.name] for topic in topics if name in topic.field_names)
    }
    assert fields - unread == {column.name for column in columns} - set(UNREADABLE)
    check_columns(path.stem, columns, topics)


@pytest.fixture(scope="module")
def script() -> Script:
    return build_script(AnalyticsSettings())


def test_every_output_topic_but_the_supervisors_has_a_view_and_is_inserted_into(script: Script) -> None:
    outputs = {topic.view for topic in load_topics().values() if topic.is_output} - {"progress", "integrity"}

    assert outputs == script.inserts.keys()
    assert outputs <= script.views.keys()


def test_a_view_is_in_the_folder_of_published_ones_if_it_has_a_topic() -> None:
    topics = {topic.view for topic in load_topics().values() if topic.is_computed}
    folders = {
        kind: {path.stem.partition("__")[0] for path in (SQL_ROOT / "process" / kind).glob("*.sql")} for kind in KINDS
    }

    assert folders["published"] == topics
    assert folders["intermediate"].isdisjoint(topics)
    assert list((SQL_ROOT / "process").glob("*.sql")) == []


def test_two_files_of_one_name_are_refused(copied_sql: Path) -> None:
    (copied_sql / "process" / "intermediate" / "sessions.sql").write_text("CREATE TEMPORARY VIEW sessions AS SELECT 1")

    with pytest.raises(PlanError, match=r"intermediate/sessions\.sql and .*published/sessions\.sql have the same name"):
        build_script(AnalyticsSettings(), root=copied_sql)


def test_views_follow_what_they_read(script: Script) -> None:
    seen: set[str] = set(script.tables)
    for name, sql in script.views.items():
        words = set(re.findall(r"\w+", re.sub(r"--.*", "", sql)))
        assert words & (script.views.keys() - {name}) <= seen, name
        seen.add(name)


def test_each_topic_is_read_by_one_table(script: Script) -> None:
    """Dimensions are read a second time, as messages: their tables of versions cannot say what they leave out."""
    read = [
        topic
        for name, sql in script.tables.items()
        if not name.endswith("_sink") and name != "dimension_messages"
        for topic in re.findall(r"'topic' = '([^']+)'", sql)[0].split(";")
    ]

    assert sorted(read) == sorted(set(read))


def test_each_table_reads_with_the_schemas_of_its_topics_in_their_order(script: Script) -> None:
    for name, sql in script.tables.items():
        if name.endswith("_sink"):
            continue
        (written,) = re.findall(r"'(?:value\.)?footfall-avro\.readers' = '([^']+)'", sql)
        (names,) = re.findall(r"'topic' = '([^']+)'", sql)
        readers, topics = json.loads(written), [load_topics()[each] for each in names.split(";")]

        assert [reader["name"] for reader in readers] == [each.schema["name"] for each in topics]
        limits = [[field.get("footfall") for field in reader["fields"]] for reader in readers]
        assert limits == [[field.get("footfall") for field in each.reader["fields"]] for each in topics]


def test_a_replay_does_not_report_dimensions_again() -> None:
    live, replay = (
        build_script(AnalyticsSettings()),
        build_script(AnalyticsSettings(), bounded=True, input_prefix="replay-"),
    )

    assert "'scan.startup.mode' = 'earliest-offset'" in live.tables["dimension_messages"]
    assert "'scan.startup.mode' = 'latest-offset'" in replay.tables["dimension_messages"]


@pytest.mark.parametrize("prefix", ["", "t-"])
def test_a_replay_writes_to_topics_of_its_own_and_reads_the_live_dimensions(prefix: str) -> None:
    settings = AnalyticsSettings(topic_prefix=prefix)
    live, replay = build_script(settings), build_script(settings, bounded=True, input_prefix="replay-1-")

    def topics(script: Script, *, sinks: bool) -> set[str]:
        tables = [sql for name, sql in script.tables.items() if name.endswith("_sink") is sinks]
        return {each for sql in tables for each in re.findall(r"'topic' = '([^']+)'", sql)[0].split(";")}

    outputs = {each.name for each in load_topics().values() if each.is_computed}
    assert topics(live, sinks=True) == {prefix + name for name in outputs}
    assert topics(replay, sinks=True) == {f"{prefix}recorded-{name}" for name in outputs}
    events = {f"replay-1-{name}" for name in ("clickstream", "checkouts", "refunds", "inventory-updates")}
    assert topics(replay, sinks=False) == events | {prefix + name for name in ("products", "users", "categories")}
    subjects = [re.findall(r"'value.avro-confluent.subject' = '([^']+)'", script.text()) for script in (live, replay)]
    assert subjects[0] == subjects[1]


def test_every_sink_is_exactly_once_under_a_prefix_of_its_own(script: Script) -> None:
    sinks = [sql for name, sql in script.tables.items() if name.endswith("_sink")]
    prefixes = [re.findall(r"'sink.transactional-id-prefix' = '([^']+)'", sql)[0] for sql in sinks]

    assert all("'sink.delivery-guarantee' = 'exactly-once'" in sql for sql in sinks)
    assert len(set(prefixes)) == len(sinks)


def test_no_placeholder_is_left(script: Script) -> None:
    assert "${" not in script.text()


def test_one_view_alone_plans_only_what_it_needs() -> None:
    script = build_script(AnalyticsSettings(), views=["unique_visitors"])

    assert script.inserts.keys() == {"unique_visitors"}
    assert script.tables.keys() == {"shop_events", "unique_visitors_sink"}


def test_co_views_are_computed_for_those_who_read_them_alone(script: Script) -> None:
    assert "with_pairs => TRUE" in script.views["user_events"]
    assert "with_pairs => FALSE" in build_script(AnalyticsSettings(), views=["event_counts"]).views["user_events"]


def test_two_jobs_share_what_one_would_do(script: Script) -> None:
    shop, stock = (build_script(AnalyticsSettings(job=job)) for job in ("shop", "stock"))
    shared = {"late_events", "dead_letters", "event_accounting"}

    assert shop.inserts.keys() | stock.inserts.keys() == script.inserts.keys()
    assert shop.inserts.keys() & stock.inserts.keys() == shared
    assert stock.inserts.keys() == shared | {"inventory_alerts", "stock_forecasts", "stock_levels"}
    assert "inventory_updates" not in shop.tables
    assert "shop_events" not in stock.tables
    both = [sql for job in (shop, stock) for name, sql in job.tables.items() if name == "late_events_sink"]
    assert len({re.findall(r"'sink.transactional-id-prefix' = '([^']+)'", sql)[0] for sql in both}) == 2


def test_views_of_the_other_job_are_not_unknown() -> None:
    assert build_script(AnalyticsSettings(job="stock", views="event_counts,late_events")).inserts.keys() == {
        "late_events"
    }
    with pytest.raises(PlanError, match="job stock has none of the chosen views"):
        build_script(AnalyticsSettings(job="stock", views="event_counts"))


@pytest.mark.parametrize("view", ["trading_volume", "cumulative_visitors", "user_events"])
def test_hours_and_days_are_left_to_the_rules_of_the_zone(view: str) -> None:
    kolkata, berlin = (
        build_script(AnalyticsSettings(time_zone=zone)).views[view] for zone in ("Asia/Kolkata", "Europe/Berlin")
    )

    assert kolkata.replace("Asia/Kolkata", "Europe/Berlin") == berlin


@pytest.fixture
def copied_sql(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SQL_ROOT, tmp_path / "sql"))


def test_an_unknown_placeholder_names_the_file(copied_sql: Path) -> None:
    (copied_sql / "process" / "intermediate" / "odd.sql").write_text("CREATE TEMPORARY VIEW odd AS SELECT ${nothing}")

    with pytest.raises(PlanError, match=r"odd\.sql: unknown placeholder \$\{nothing\}"):
        build_script(AnalyticsSettings(), root=copied_sql)


def test_a_column_that_no_schema_has_names_the_table(copied_sql: Path) -> None:
    path = copied_sql / "source" / "categories.sql"
    path.write_text(path.read_text().replace("parent_category_name STRING", "parent STRING"))

    with pytest.raises(PlanError, match=r"source/categories\.sql: categories\.parent is a field of none"):
        build_script(AnalyticsSettings(), root=copied_sql)


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("unit_price DECIMAL(12, 2)", "unit_price DECIMAL(10, 2)", r"`unit_price` DECIMAL\(12, 2\) would"),
        ("product_id STRING,", "product_id STRING NOT NULL,", r"`product_id` STRING would"),
        ("user_id STRING NOT NULL", "user_id STRING", r"`user_id` STRING NOT NULL would"),
    ],
)
def test_a_column_that_does_not_fit_its_topics_is_named(
    copied_sql: Path, written: str, instead: str, complaint: str
) -> None:
    path = copied_sql / "source" / "shop_events.sql"
    assert written in path.read_text()
    path.write_text(path.read_text().replace(written, instead))

    with pytest.raises(PlanError, match=complaint):
        build_script(AnalyticsSettings(), root=copied_sql)


def test_columns_are_read_from_ddl_without_computed_and_metadata_ones() -> None:
    ddl = """CREATE TABLE t (
  a STRING NOT NULL,
  `b` DECIMAL(12, 2),
  c BIGINT NOT NULL METADATA VIRTUAL,
  d AS PROCTIME(),
  WATERMARK FOR e AS e - x
) WITH (
  'k' = 'v'
)"""

    assert columns_of_ddl(ddl) == [Column("a", "STRING", nullable=False), Column("b", "DECIMAL(12, 2)", nullable=True)]


@pytest.mark.parametrize("described", streams(), ids=lambda described: str(described.name))
def test_no_column_of_a_stream_is_a_reserved_word_of_postgres(described: Topic) -> None:
    """Its tables could not be made: names are written without quotes, for Flink's dialect writes them so."""
    reserved = dialect_selector("postgres").sets("reserved_keywords")

    assert not {column.name for column in columns_of(described) if column.name.upper() in reserved}
