"""Options of the tables the core reads. Pure."""

from footfall_schemas.topics import Topic

from footfall_flink import tables
from footfall_flink.connections import connection_options, registry_options
from footfall_flink.settings import AnalyticsSettings
from footfall_flink.sqltext import milliseconds, options_text


def format_options(settings: AnalyticsSettings, avro: str, topics: list[Topic]) -> dict[str, str]:
    """Return the options of format footfall-avro.

    Args:
        settings: Where the registry is.
        avro: Name of the format with the prefix it has in the table, such as `value.footfall-avro`.
        topics: What the table reads.
    """
    return registry_options(settings, avro) | {f"{avro}.readers": tables.readers(topics)}


def source_options(
    name: str, topics: list[Topic], settings: AnalyticsSettings, *, bounded: bool, is_replay: bool
) -> dict[str, str]:
    """Return what the placeholders of a source's connector stand for.

    Args:
        name: Of the table, after which its consumer group is called.
        topics: What it reads.
        settings: Where Kafka and the registry are, and how to read.
        bounded: Read what the topics hold now and end.
        is_replay: Read events from topics of their own.
    """
    group = f"{settings.job_name}-{name}"
    return {
        "append_source": options_text(_options(settings, group, topics, bounded=bounded, upsert=False)),
        "version_source": options_text(_options(settings, group, topics, bounded=bounded, upsert=True)),
        "message_source": options_text(_message_options(settings, group, topics, bounded=bounded, is_replay=is_replay)),
    }


def _options(
    settings: AnalyticsSettings, group: str, topics: list[Topic], *, bounded: bool, upsert: bool
) -> dict[str, str]:
    prefix = "value." if upsert else ""
    options = connection_options(settings) | {
        "properties.group.id": group,
        # Bigger polls cost a little memory and save much per-poll work when there is a backlog.
        "properties.max.poll.records": str(settings.max_poll_records),
        "properties.fetch.min.bytes": str(settings.fetch_min_bytes),
        f"{prefix}format": "footfall-avro",
        "scan.watermark.idle-timeout": milliseconds(settings.idle_timeout),
    }
    options |= format_options(settings, f"{prefix}footfall-avro", topics)
    if upsert:
        options["key.format"] = "raw"
    else:
        options |= {
            "scan.startup.mode": "earliest-offset",
            "scan.parallelism": str(settings.source_parallelism),
            "footfall-avro.max-ahead": milliseconds(settings.max_ahead),
        }
    if bounded:
        options["scan.bounded.mode"] = "latest-offset"
    return options


def _message_options(
    settings: AnalyticsSettings, group: str, topics: list[Topic], *, bounded: bool, is_replay: bool
) -> dict[str, str]:
    options = _options(settings, group, topics, bounded=bounded, upsert=False)
    # The next version of a product may well be valid from tomorrow on.
    del options["footfall-avro.max-ahead"]
    if is_replay:
        # It shares the dimensions' topics with the job that has reported what is wrong in them.
        options["scan.startup.mode"] = "latest-offset"
    return options
