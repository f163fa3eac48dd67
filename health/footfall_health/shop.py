"""Which jobs, tables and topics a shop has, and how long what may take: what is to be looked at of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal, TypeAlias

from footfall_chassis.durations import Duration
from footfall_chassis.settings import PartSettings
from footfall_schemas.topics import load_topics
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from footfall_health.watched import Limits, Watched

JobPart: TypeAlias = Literal["all", "shop", "stock"]

STOCK: JobPart = "stock"
JOBS: Mapping[str, str] = {"shop_events": "shop", "inventory_updates": STOCK}
"""The job that reads each table of events; consumer groups are named after the tables."""
READ_BY: Mapping[str, tuple[str, ...]] = {
    "shop_events": ("clickstream", "checkouts", "refunds"),
    "inventory_updates": ("inventory-updates",),
}
"""The topics that each of them is over: what its file in flink/sql/source says, for parts that come without those."""
ACCOUNTS = "event_accounting"
"""Topic of what became of the messages."""


class ShopSettings(PartSettings):
    """What whoever looks at the jobs must know of how they are run; every variable starts with ANALYTICS_."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_")

    flink_rest_url: str = Field("http://localhost:8081", validation_alias="FLINK_REST_URL")
    job_name: str = "footfall"
    job: JobPart = "all"
    """Which streams the job computes: all; those of shoppers; those of stock, whose alerts need not wait for the checkpoints
    of so much more state then (docs/decisions/0015)."""
    watermark_delay: Duration = timedelta(seconds=5)
    idle_timeout: Duration = timedelta(seconds=10)
    """How long a partition that has been read to its end must be without events to hold the watermark no more."""
    quiet_margin: Duration = timedelta(minutes=1)
    """How far behind the wall clock the watermark follows when every partition is read to its end and quiet, so that a quiet
    shop gets its last minutes; events older than that are late when they come after such a silence. Never less than the
    watermark delay."""
    checkpoint_interval: Duration = timedelta(seconds=1)
    stock_checkpoint_interval: Duration = timedelta(seconds=1)
    """That of job `stock`."""
    transaction_timeout: Duration = timedelta(minutes=15)
    """How long a crashed job's transactions wait for it; the broker's transaction.max.timeout.ms must allow it."""

    @property
    def name_in_flink(self) -> str:
        """What the cluster calls this job."""
        return f"{self.job_name}-{STOCK}" if self.job == STOCK else self.job_name

    @property
    def interval(self) -> timedelta:
        """Time between this job's checkpoints."""
        return self.stock_checkpoint_interval if self.job == STOCK else self.checkpoint_interval


def of(settings: ShopSettings, jobs: Sequence[JobPart] = ()) -> Watched:
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
    versions = [topic for topic in load_topics().values() if not topic.is_output and topic.cleanup == "compact"]
    return Watched(
        flink=settings.flink_rest_url,
        kafka=settings.librdkafka(),
        registry=settings.schema_registry_url,
        jobs={each.name_in_flink: each.interval.total_seconds() for each in chosen},
        inputs={prefix + topic: table for table in tables for topic in READ_BY[table]},
        groups={table: f"{settings.job_name}-{table}" for table in tables},
        outputs=tuple(prefix + topic.name for topic in load_topics().values() if topic.is_output),
        accounts=prefix + ACCOUNTS,
        transaction_timeout=settings.transaction_timeout.total_seconds(),
        quiet=waits.total_seconds(),
        limits=Limits.load_or_exit(),
        registry_login=(user, settings.schema_registry_password.get_secret_value()) if user else None,
        registry_ca=settings.registry_ca,
        versions={prefix + topic.name: topic.view for topic in versions},
    )
