"""Tables of the ad-hoc catalog against the schemas; no JVM."""

import re

import pytest
from footfall_analytics.adhoc.catalog import METADATA, declaration, declarations
from footfall_analytics.planning.readable import event_time_of
from footfall_analytics.planning.tables import columns_of_schema
from footfall_analytics.settings import AnalyticsSettings
from footfall_schemas.topics import Topic, load_topics, topic

ALL = list(load_topics().values())
COMPACTED = [each for each in ALL if each.cleanup == "compact"]
SETTINGS = AnalyticsSettings(watermark_delay="5s", topic_prefix="t-")


def name_of(topic: Topic) -> str:
    return topic.name


@pytest.mark.parametrize("topic", ALL, ids=name_of)
def test_a_stream_is_one_table_of_its_name_with_every_field(topic: Topic) -> None:
    (sql,) = declaration(topic, SETTINGS, bounded=False)

    assert sql.startswith(f"CREATE TABLE `{topic.view}` (")
    for column in columns_of_schema(topic.schema):
        assert f"\n  {column.ddl()},\n" in sql
    assert f"'topic' = 't-{topic.name}'" in sql


@pytest.mark.parametrize("bounded", [False, True])
def test_only_committed_rows_are_read(*, bounded: bool) -> None:
    tables = [sql for sql in declarations(SETTINGS, bounded=bounded) if sql.startswith("CREATE TABLE")]

    assert len(tables) == len(ALL)
    assert all("'properties.isolation.level' = 'read_committed'" in sql for sql in tables)


def test_in_batch_mode_every_table_ends_and_none_is_an_upsert_table() -> None:
    tables = [sql for sql in declarations(SETTINGS, bounded=True) if sql.startswith("CREATE TABLE")]

    assert all("'scan.bounded.mode' = 'latest-offset'" in sql for sql in tables)
    assert not any("upsert-kafka" in sql for sql in tables)


@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("topic", ALL, ids=name_of)
def test_recorded_outputs_are_asked_for_by_the_same_names_and_inputs_stay(topic: Topic, *, bounded: bool) -> None:
    live, recorded = (declaration(topic, SETTINGS, bounded=bounded, recorded=each) for each in (False, True))

    name = f"recorded-{topic.name}" if topic.is_output else topic.name
    assert [sql.replace(f"'t-{topic.name}'", f"'t-{name}'") for sql in live] == recorded
    assert f"'topic' = 't-{name}'" in recorded[0]


def test_a_stream_without_end_has_no_bound() -> None:
    assert not any("scan.bounded.mode" in sql for sql in declarations(SETTINGS, bounded=False))


@pytest.mark.parametrize("topic", COMPACTED, ids=name_of)
def test_a_compacted_topic_is_an_upsert_table_and_in_batch_mode_a_view(topic: Topic) -> None:
    (table,) = declaration(topic, SETTINGS, bounded=False)
    _, view = declaration(topic, SETTINGS, bounded=True)

    assert "'connector' = 'upsert-kafka'" in table
    assert view.startswith(f"CREATE VIEW `{topic.view}` AS\nSELECT `{topic.field_names[0]}`, ")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("clickstream", "event_time"),
        ("attributed_checkouts", "checkout_time"),
        ("revenue_per_minute", "window_start"),
        ("users", "updated_at"),
        # Written when it is over, so its start says nothing of the order of rows.
        ("sessions", "session_end"),
        # What is late is in no order by its own time.
        ("late-events", "watermark"),
        ("dead-letters", "kafka_time"),
        ("top_categories", "kafka_time"),
    ],
)
def test_event_time_is_what_a_stream_is_ordered_by(name: str, column: str) -> None:
    assert event_time_of(topic(name), otherwise="kafka_time") == column


def test_windows_wait_for_disorder_as_long_as_the_core_does() -> None:
    (sql,) = declaration(topic("clickstream"), SETTINGS, bounded=False)

    assert re.search(r"WATERMARK FOR `event_time` AS `event_time` - INTERVAL '0 00:00:05\.000' DAY TO SECOND\(3\)", sql)


def test_no_field_has_the_name_of_a_metadata_column() -> None:
    assert not {name for each in ALL for name in each.field_names} & {*METADATA, "decode_error", "raw_value", "age"}
