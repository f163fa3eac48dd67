"""Every topic as a table of its name, from the schemas alone. Pure."""

from footfall_schemas.topics import RECORDED, Topic, load_topics

from footfall_analytics.planning import tables
from footfall_analytics.planning.connections import connection_options
from footfall_analytics.planning.sources import format_options
from footfall_analytics.planning.sqltext import interval, milliseconds, options_text
from footfall_analytics.settings import AnalyticsSettings

GROUP = "footfall-sql"
METADATA = ("kafka_partition", "kafka_offset", "kafka_time")
"""Where and when Kafka has the row; named so because some streams have a partition and an offset of their own."""
_METADATA_DDL = (
    "`kafka_partition` INT METADATA FROM 'partition' VIRTUAL",
    "`kafka_offset` BIGINT METADATA FROM 'offset' VIRTUAL",
    "`kafka_time` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL",
)
_ORDERED_BY = ("watermark", "event_time", "session_end")
"""Times in whose order rows are written; any other stream is ordered by its first time."""
_LOG = "_log"


def declarations(settings: AnalyticsSettings, *, bounded: bool, recorded: bool = False) -> list[str]:
    """Return the statements that declare every topic as a table, or as a view of its name.

    Args:
        settings: Where the broker and the registry are.
        bounded: Read what the topics hold now, for batch mode; else go on with what comes.
        recorded: Of every output, take what replays have computed instead of what is live.
    """
    return [
        statement
        for topic in load_topics().values()
        for statement in declaration(topic, settings, bounded=bounded, recorded=recorded)
    ]


def declaration(topic: Topic, settings: AnalyticsSettings, *, bounded: bool, recorded: bool = False) -> list[str]:
    """Return the statements that declare one topic.

    A compacted topic is an upsert table. Batch mode cannot read those: there it is a view of the newest row per key.
    """
    source = _source(topic_name(topic, settings, recorded=recorded), settings)
    if topic.cleanup == "compact" and not bounded:
        return [_upserted(topic, settings, source)]
    ends = {"scan.bounded.mode": "latest-offset"} if bounded else {}
    if topic.cleanup == "compact":
        return [_log(topic, settings, source | ends), _newest(topic)]
    return [_appended(topic, settings, source | ends)]


def topic_name(topic: Topic, settings: AnalyticsSettings, *, recorded: bool) -> str:
    """Return the name of the Kafka topic behind a table: an input has but one."""
    return settings.topic_prefix + (RECORDED if recorded and topic.kind != "events" else "") + topic.name


def event_time_of(topic: Topic) -> str:
    """Return the column that is the table's event time: the time Kafka got the row when the row has none."""
    times = [
        column.name
        for column in tables.columns_of_schema(topic.schema)
        if column.type == "TIMESTAMP(3)" and not column.nullable
    ]
    return next((name for name in (*_ORDERED_BY, *times) if name in times), "kafka_time")


def _appended(topic: Topic, settings: AnalyticsSettings, source: dict[str, str]) -> str:
    return _table(
        topic.view,
        [
            *(column.ddl() for column in tables.columns_of_schema(topic.schema)),
            *_METADATA_DDL,
            _watermark(topic, settings),
        ],
        {
            "connector": "kafka",
            "format": "footfall-avro",
            "scan.startup.mode": "earliest-offset",
        }
        | format_options(settings, "footfall-avro", [topic])
        | source,
    )


def _upserted(topic: Topic, settings: AnalyticsSettings, source: dict[str, str]) -> str:
    key = ", ".join(f"`{name}`" for name in topic.key)
    return _table(
        topic.view,
        [
            *(column.ddl() for column in tables.columns_of_schema(topic.schema)),
            *_METADATA_DDL,
            _watermark(topic, settings),
            f"PRIMARY KEY ({key}) NOT ENFORCED",
        ],
        {
            "connector": "upsert-kafka",
            "key.format": tables.key_format(topic),
            "value.format": "footfall-avro",
        }
        | format_options(settings, "value.footfall-avro", [topic])
        | source,
    )


def _log(topic: Topic, settings: AnalyticsSettings, source: dict[str, str]) -> str:
    # The key is read from the record's key, for a deleted row has nothing else. Columns may be null for the same reason.
    columns = [f"`{column.name}` {column.type}" for column in tables.columns_of_schema(topic.schema)]
    return _table(
        topic.view + _LOG,
        [*columns, "`decode_error` STRING", "`raw_value` BYTES", *_METADATA_DDL],
        {
            "connector": "kafka",
            "key.format": tables.key_format(topic),
            "key.fields": ";".join(topic.key),
            "value.format": "footfall-avro",
            "value.fields-include": "EXCEPT_KEY",
            "scan.startup.mode": "earliest-offset",
        }
        | format_options(settings, "value.footfall-avro", [topic])
        | source,
    )


def _newest(topic: Topic) -> str:
    columns = ", ".join(f"`{name}`" for name in (*topic.field_names, *METADATA))
    key = ", ".join(f"`{name}`" for name in topic.key)
    # What cannot be read changes nothing, as in an upsert table; a message without a value deletes.
    return (
        f"CREATE VIEW `{topic.view}` AS\nSELECT {columns}\nFROM (\n"  # noqa: S608
        f"  SELECT *, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY `kafka_offset` DESC) AS `age`\n"
        f"  FROM `{topic.view}{_LOG}`\n  WHERE `decode_error` IS NULL OR `raw_value` IS NULL\n)\n"
        "WHERE `age` = 1 AND `decode_error` IS NULL"
    )


def _watermark(topic: Topic, settings: AnalyticsSettings) -> str:
    column = event_time_of(topic)
    return f"WATERMARK FOR `{column}` AS `{column}` - {interval(settings.watermark_delay)}"


def _source(name: str, settings: AnalyticsSettings) -> dict[str, str]:
    return connection_options(settings) | {
        "topic": name,
        "properties.group.id": GROUP,
        "properties.isolation.level": "read_committed",
        "scan.watermark.idle-timeout": milliseconds(settings.idle_timeout),
    }


def _table(name: str, columns: list[str], options: dict[str, str]) -> str:
    body = ",\n  ".join(columns)
    return f"CREATE TABLE `{name}` (\n  {body}\n) WITH (\n  {options_text(options)}\n)"
