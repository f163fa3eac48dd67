"""Options of the tables that analytics reads. Pure."""

from footfall_schemas.topics import Topic

from footfall_analytics.planning import tables
from footfall_analytics.planning.connections import connection_options, registry_options
from footfall_analytics.planning.sqltext import milliseconds, options_text
from footfall_analytics.settings import AnalyticsSettings


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
    common = _common_options(settings, f"{settings.job_name}-{name}")
    if bounded:
        common["scan.bounded.mode"] = "latest-offset"
    events = common | _event_options(settings, topics)
    return {
        "append_source": options_text(events | _clock_options(settings, is_replay=is_replay)),
        "version_source": options_text(common | _version_options(settings, topics)),
        "message_source": options_text(_message_options(events, is_replay=is_replay)),
    }


def _common_options(settings: AnalyticsSettings, group: str) -> dict[str, str]:
    return connection_options(settings) | {
        "properties.group.id": group,
        # Bigger polls cost a little memory and save much per-poll work when there is a backlog.
        "properties.max.poll.records": str(settings.max_poll_records),
        "properties.fetch.min.bytes": str(settings.fetch_min_bytes),
        # What a producer has taken back was never there.
        "properties.isolation.level": "read_committed",
        # An added partition's events must not be late because nobody knew of it.
        "scan.topic-partition-discovery.interval": "1 s",
        "watermark.interval": milliseconds(settings.clock_interval),
    }


def _event_options(settings: AnalyticsSettings, topics: list[Topic]) -> dict[str, str]:
    return format_options(settings, "footfall-avro", topics) | {
        "format": "footfall-avro",
        "footfall-avro.max-future-skew": milliseconds(settings.max_future_skew),
        "scan.startup.mode": "earliest-offset",
        "scan.parallelism": str(settings.source_parallelism),
    }


def _version_options(settings: AnalyticsSettings, topics: list[Topic]) -> dict[str, str]:
    return format_options(settings, "value.footfall-avro", topics) | {
        "key.format": "raw",
        "value.format": "footfall-avro",
        # One reader knows of every partition whether all is read.
        "scan.parallelism": "1",
    }


def _clock_options(settings: AnalyticsSettings, *, is_replay: bool) -> dict[str, str]:
    options = {"watermark.idle-timeout": milliseconds(settings.idle_timeout)}
    if not is_replay:
        # A recorded event may be of any time: a replay that pauses must not go on in the present.
        options["watermark.quiet-margin"] = milliseconds(max(settings.quiet_margin, settings.watermark_delay))
    return options


def _message_options(events: dict[str, str], *, is_replay: bool) -> dict[str, str]:
    # The next version of a product may well be valid from tomorrow on.
    options = {name: value for name, value in events.items() if name != "footfall-avro.max-future-skew"}
    # A replay shares the dimensions' topics with the job that has reported what is wrong in them.
    return options | ({"scan.startup.mode": "latest-offset"} if is_replay else {})
