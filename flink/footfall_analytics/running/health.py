"""What is to be looked at of a shop with these settings."""

from collections.abc import Sequence
from typing import Literal

from footfall_health.watched import Limits, Watched
from footfall_schemas.topics import load_topics

from footfall_analytics.planning.inputs import JOBS, inputs
from footfall_analytics.reading.event_accounting import ACCOUNTS
from footfall_analytics.settings import AnalyticsSettings


def watched(jobs: Sequence[Literal["all", "shop", "stock"]] = ()) -> Watched:
    """Return what is there according to the environment.

    Args:
        jobs: Which jobs compute the streams; none: the one of the settings.
    """
    return of(AnalyticsSettings.load_or_exit(), jobs)


def of(settings: AnalyticsSettings, jobs: Sequence[Literal["all", "shop", "stock"]] = ()) -> Watched:
    """Return what is there according to the settings.

    Args:
        settings: Of analytics.
        jobs: Which jobs compute the streams; none: the one of the settings.
    """
    chosen = [settings.model_copy(update={"job": job}) for job in jobs or (settings.job,)]
    tables = [table for table, job in JOBS.items() if {job, "all"} & {each.job for each in chosen}]
    prefix = settings.topic_prefix
    waits = settings.quiet_margin + settings.idle_timeout + settings.watermark_delay
    user = settings.schema_registry_user
    versions = [topic for topic in load_topics().values() if topic.kind == "events" and topic.cleanup == "compact"]
    return Watched(
        flink=settings.flink_rest_url,
        kafka=settings.librdkafka(),
        registry=settings.schema_registry_url,
        jobs={each.name_in_flink: each.interval.total_seconds() for each in chosen},
        inputs={prefix + topic: table for table in tables for topic in inputs()[table]},
        groups={table: f"{settings.job_name}-{table}" for table in tables},
        outputs=tuple(prefix + topic.name for topic in load_topics().values() if topic.kind != "events"),
        accounts=prefix + ACCOUNTS,
        transaction_timeout=settings.transaction_timeout.total_seconds(),
        quiet=waits.total_seconds(),
        limits=Limits.load_or_exit(),
        registry_login=(user, settings.schema_registry_password.get_secret_value()) if user else None,
        registry_ca=settings.registry_ca,
        versions={prefix + topic.name: topic.view for topic in versions},
    )
