"""Options of the tables the core reads. Pure."""

from footfall_flink.connections import connection_options, registry_options
from footfall_flink.settings import AnalyticsSettings
from footfall_flink.sqltext import milliseconds, options_text


def source_options(name: str, settings: AnalyticsSettings, *, bounded: bool, is_replay: bool) -> dict[str, str]:
    """Return what the placeholders of a source's connector stand for.

    Args:
        name: Of the table, after which its consumer group is called.
        settings: Where Kafka and the registry are, and how to read.
        bounded: Read what the topics hold now and end.
        is_replay: Read events from topics of their own.
    """
    group = f"{settings.job_name}-{name}"
    return {
        "append_source": options_text(_event_options(settings, group, bounded=bounded, is_replay=is_replay)),
        "version_source": options_text(_options(settings, group, bounded=bounded, upsert=True)),
        "message_source": options_text(_message_options(settings, group, bounded=bounded, is_replay=is_replay)),
    }


def _options(settings: AnalyticsSettings, group: str, *, bounded: bool, upsert: bool) -> dict[str, str]:
    prefix = "value." if upsert else ""
    options = connection_options(settings) | {
        "properties.group.id": group,
        # Bigger polls cost a little memory and save much per-poll work when there is a backlog.
        "properties.max.poll.records": str(settings.max_poll_records),
        "properties.fetch.min.bytes": str(settings.fetch_min_bytes),
        f"{prefix}format": "footfall-avro",
        # What a producer has taken back was never there.
        "properties.isolation.level": "read_committed",
        # An added partition's events must not be late because nobody knew of it.
        "scan.topic-partition-discovery.interval": "1 s",
        # An id or a name goes into every result about it.
        f"{prefix}footfall-avro.longest-text": "1000",
        "watermark.interval": milliseconds(settings.clock_interval),
    }
    options |= registry_options(settings, f"{prefix}footfall-avro")
    if upsert:
        # One reader knows of every partition whether all is read.
        options |= {"key.format": "raw", "scan.parallelism": "1"}
    else:
        options |= {
            "scan.startup.mode": "earliest-offset",
            "scan.parallelism": str(settings.source_parallelism),
            "footfall-avro.max-ahead": milliseconds(settings.max_ahead),
        }
    if bounded:
        options["scan.bounded.mode"] = "latest-offset"
    return options


def _event_options(settings: AnalyticsSettings, group: str, *, bounded: bool, is_replay: bool) -> dict[str, str]:
    options = _options(settings, group, bounded=bounded, upsert=False)
    options["watermark.idle-timeout"] = milliseconds(settings.idle_timeout)
    if not is_replay:
        # A recorded event may be of any time: a replay that pauses must not go on in the present.
        options["watermark.quiet-margin"] = milliseconds(max(settings.quiet_margin, settings.watermark_delay))
    return options


def _message_options(settings: AnalyticsSettings, group: str, *, bounded: bool, is_replay: bool) -> dict[str, str]:
    options = _options(settings, group, bounded=bounded, upsert=False)
    # The next version of a product may well be valid from tomorrow on.
    del options["footfall-avro.max-ahead"]
    if is_replay:
        # It shares the dimensions' topics with the job that has reported what is wrong in them.
        options["scan.startup.mode"] = "latest-offset"
    return options
