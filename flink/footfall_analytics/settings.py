"""Settings of the Flink core (ANALYTICS_*)."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from footfall_chassis.durations import Duration
from footfall_chassis.lists import CommaSeparated
from footfall_chassis.time_zones import TimeZone
from footfall_health.shop import STOCK, ShopSettings
from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from footfall_analytics.postgres_settings import PostgresSettings

REPOSITORY = Path(__file__).resolve().parents[2]
BUCKET = timedelta(seconds=5)
"""Time after which the views of a shopper are put in order and paired (RecentViews.java)."""


class AnalyticsSettings(PostgresSettings, ShopSettings):
    """How the core's job is planned and run; durations read as `500ms`, `5s`, `10m`, `24h` or `7d`."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_")
    owns_prefix: ClassVar[bool] = True
    read_elsewhere: ClassVar[frozenset[str]] = frozenset({"ANALYTICS_STOCK_PORT"})

    host: str = "127.0.0.1"
    port: int = Field(8400, ge=1, le=65535)
    """Where `/health/ready` and `/metrics` of the core are answered."""
    parallelism: Annotated[int, Field(ge=1, le=256)] = 2
    source_parallelism: Annotated[int, Field(ge=1, le=256)] = 1
    """Readers of clickstream and checkouts, and of stock. With one, all partitions share one watermark; with more, every
    reader needs a partition in which something has happened (docs/decisions/0004)."""
    watermark_interval: Duration = timedelta(milliseconds=200)
    """How often the clocks of event time move on. Whatever waits for them, results are up to so much later; what waits is
    looked at each time."""
    max_future_skew: Duration = timedelta(hours=1)
    """How far ahead of the clock an event may lie. One that lies further ahead is unreadable: it would be counted in a
    window that nobody has asked for yet, and wait there."""
    stock_watermark_interval: Duration = timedelta(milliseconds=200)
    """That of job `stock`."""
    state_backend: Literal["hashmap", "mixed", "rocksdb"] = "hashmap"
    """Where state lives: on the heap, the long memory of shoppers and products on disk, or all of it on disk
    (docs/decisions/0014)."""
    max_poll_records: Annotated[int, Field(ge=1)] = 5000
    fetch_min_bytes: Annotated[int, Field(ge=1)] = 1
    """What a fetch waits for; more than 1 serves a backlog faster and the present later."""
    click_dedup_window: Duration = timedelta(minutes=10)
    checkout_dedup_window: Duration = timedelta(hours=24)
    attribution_window: Duration = timedelta(hours=1)
    """How long before a checkout a click may have happened to be its cause."""
    co_view_memory: Duration = timedelta(days=28)
    """How long a pair of products is remembered after it was last viewed together."""
    related_interval: Duration = Field(BUCKET, ge=BUCKET, le=timedelta(hours=1))
    """How often a product's related products are told at most, a multiple of five seconds. Longer costs less: one row for
    each product that was viewed in the time."""
    depleting_horizon: Duration = Field(timedelta(hours=24), ge=timedelta(minutes=1), le=timedelta(days=9))
    """How long before the forecast stock-out `inventory.depleting` is told; it is armed again when the forecast is half as
    far again beyond that (docs/forecasts.md)."""
    views: CommaSeparated[str] = ()
    """Publish only these, separated by commas; empty publishes all."""
    allow_non_restored_state: bool = False
    """Let views that have changed so that their state does not fit begin anew, instead of refusing to start."""
    time_zone: TimeZone = "UTC"
    data_dir: Path = Field(REPOSITORY / ".footfall" / "data", validation_alias="FOOTFALL_DATA_DIR")
    jars_dir: Path = Field(REPOSITORY / ".footfall" / "jars", validation_alias="FOOTFALL_JARS_DIR")

    @field_validator("related_interval")
    @classmethod
    def _is_whole_buckets(cls, interval: timedelta) -> timedelta:
        if interval % BUCKET:
            raise ValueError("must be a multiple of 5s")
        return interval

    @property
    def chosen_views(self) -> list[str] | None:
        """Names of the views to publish; None is all."""
        return list(self.views) or None

    @property
    def fills_postgres(self) -> bool:
        """Whether this process keeps PostgreSQL filled, from every topic: of two, the one that is not for stock."""
        return self.uses_postgres and self.job != STOCK

    @property
    def state_dir(self) -> Path:
        """Directory of checkpoints and savepoints, the same for this process and the cluster."""
        folder = self.data_dir.resolve() / "flink"
        return folder / STOCK if self.job == STOCK else folder

    @property
    def clock_interval(self) -> timedelta:
        """Time between the steps of this job's clock of event time."""
        return self.stock_watermark_interval if self.job == STOCK else self.watermark_interval
