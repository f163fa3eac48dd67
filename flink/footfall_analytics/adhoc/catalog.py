"""Every topic as a table of its name, from the schemas alone. Pure."""

from footfall_schemas.topics import RECORDED, Topic, load_topics

from footfall_analytics.planning.readable import event_time_of, readable, readable_log, reading_options, watermark
from footfall_analytics.settings import AnalyticsSettings

GROUP = "footfall-sql"
METADATA = ("kafka_partition", "kafka_offset", "kafka_time")
"""Where and when Kafka has the row; named so because some streams have a partition and an offset of their own."""
_METADATA_DDL = (
    "`kafka_partition` INT METADATA FROM 'partition' VIRTUAL",
    "`kafka_offset` BIGINT METADATA FROM 'offset' VIRTUAL",
    "`kafka_time` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL",
)
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
    time_ddl, time_options = watermark(event_time_of(topic, otherwise="kafka_time"), settings)
    options = reading_options(settings, topic_name(topic, settings, recorded=recorded), GROUP) | time_options
    if bounded:
        options["scan.bounded.mode"] = "latest-offset"
    if bounded and topic.cleanup == "compact":
        return [readable_log(topic.view + _LOG, topic, settings, options, _METADATA_DDL), _newest(topic)]
    return [readable(topic, settings, options, [*_METADATA_DDL, time_ddl])]


def topic_name(topic: Topic, settings: AnalyticsSettings, *, recorded: bool) -> str:
    """Return the name of the Kafka topic behind a table: an input has but one."""
    return settings.topic_prefix + (RECORDED if recorded and topic.is_output else "") + topic.name


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
