"""A topic as a table that can be read, for ad-hoc SQL and for the job that fills PostgreSQL. Pure."""

from collections.abc import Iterable, Mapping

from footfall_schemas.topics import Topic

from footfall_analytics.planning import tables
from footfall_analytics.planning.connections import connection_options
from footfall_analytics.planning.sources import format_options
from footfall_analytics.planning.sqltext import interval, milliseconds, options_text
from footfall_analytics.settings import AnalyticsSettings

_ORDERED_BY = ("watermark", "event_time", "session_end")
"""Times in whose order rows are written; any other stream is ordered by its first time."""


def reading_options(settings: AnalyticsSettings, name: str, group: str) -> dict[str, str]:
    """Return the options of whoever reads the committed rows of a topic.

    Args:
        settings: Where the broker is.
        name: The topic's whole name.
        group: Its consumer group.
    """
    return connection_options(settings) | {
        "topic": name,
        "properties.group.id": group,
        "properties.isolation.level": "read_committed",
    }


def readable(topic: Topic, settings: AnalyticsSettings, options: Mapping[str, str], more: Iterable[str] = ()) -> str:
    """Return the table of a topic, called after its view: of a compacted topic, the latest row per key.

    Args:
        topic: What it reads.
        settings: Where the registry is.
        options: How Kafka is read.
        more: Columns besides those of the schema, and a watermark.
    """
    columns = [*(column.ddl() for column in tables.columns_of_schema(topic.schema)), *more]
    if topic.cleanup == "compact":
        columns.append(f"PRIMARY KEY ({_quoted(topic.key)}) NOT ENFORCED")
        connector = {
            "connector": "upsert-kafka",
            "key.format": tables.key_format(topic),
            "value.format": "footfall-avro",
        } | format_options(settings, "value.footfall-avro", [topic])
    else:
        connector = {
            "connector": "kafka",
            "format": "footfall-avro",
            "scan.startup.mode": "earliest-offset",
        } | format_options(settings, "footfall-avro", [topic])
    return _table(topic.view, columns, connector | dict(options))


def readable_log(
    name: str, topic: Topic, settings: AnalyticsSettings, options: Mapping[str, str], more: Iterable[str]
) -> str:
    """Return the table of every message of a compacted topic, those that delete and those that cannot be read among them.

    Args:
        name: Of the table.
        topic: What it reads.
        settings: Where the registry is.
        options: How Kafka is read.
        more: Columns besides those of the schema.
    """
    # The key is read from the record's key, for a deleted row has nothing else. Columns may be null for the same reason.
    columns = [f"`{column.name}` {column.type}" for column in tables.columns_of_schema(topic.schema)]
    connector = {
        "connector": "kafka",
        "key.format": tables.key_format(topic),
        "key.fields": ";".join(topic.key),
        "value.format": "footfall-avro",
        "value.fields-include": "EXCEPT_KEY",
        "scan.startup.mode": "earliest-offset",
    } | format_options(settings, "value.footfall-avro", [topic])
    return _table(name, [*columns, "`decode_error` STRING", "`raw_value` BYTES", *more], connector | dict(options))


def event_time_of(topic: Topic, otherwise: str) -> str:
    """Return the column that is the table's event time.

    Args:
        topic: What the table reads.
        otherwise: The column if its rows have no time.
    """
    times = [
        column.name
        for column in tables.columns_of_schema(topic.schema)
        if column.type == "TIMESTAMP(3)" and not column.nullable
    ]
    return next((name for name in (*_ORDERED_BY, *times) if name in times), otherwise)


def watermark(column: str, settings: AnalyticsSettings) -> tuple[str, dict[str, str]]:
    """Return a table's watermark and the options that belong to it.

    Args:
        column: Its event time.
        settings: How long to wait for what comes late, and for partitions in which nothing comes.
    """
    ddl = f"WATERMARK FOR `{column}` AS `{column}` - {interval(settings.watermark_delay)}"
    return ddl, {"scan.watermark.idle-timeout": milliseconds(settings.idle_timeout)}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(name: str, columns: Iterable[str], options: Mapping[str, str]) -> str:
    body = ",\n  ".join(columns)
    return f"CREATE TABLE `{name}` (\n  {body}\n) WITH (\n  {options_text(dict(options))}\n)"
