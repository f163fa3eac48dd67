"""Settings of the exporter."""

from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, ClassVar, Self

from footfall_chassis.durations import Duration
from footfall_chassis.lists import CommaSeparated
from footfall_chassis.secret_files import SUFFIX
from footfall_chassis.settings import PartSettings
from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import SettingsConfigDict

from footfall_exporter.held import Limits
from footfall_exporter.sinks import SINKS
from footfall_exporter.sinks.bigquery_settings import BigQuerySettings
from footfall_exporter.sinks.clickhouse import ClickHouseSettings
from footfall_exporter.sinks.opensearch import OpenSearchSettings
from footfall_exporter.sinks.parquet import ParquetSettings
from footfall_exporter.streams import Stream, choose

MIB = 1 << 20
ADAPTERS = (ParquetSettings, OpenSearchSettings, BigQuerySettings, ClickHouseSettings)
"""Settings of the sinks, which have variables of their own; a secret may be in a file."""


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in SINKS:
            close = get_close_matches(name, SINKS, n=1)
            raise ValueError(
                f"there is no sink {name!r}: {f'did you mean {close[0]}?' if close else ''} known: {', '.join(SINKS)}"
            )
    if not names:
        raise ValueError(f"name a sink; known: {', '.join(SINKS)}")
    return tuple(dict.fromkeys(names))


def _streams(names: tuple[str, ...]) -> tuple[str, ...]:
    choose(names)
    return names


def _a_broker_takes(timeout: timedelta) -> timedelta:
    if not timedelta(seconds=6) <= timeout <= timedelta(minutes=30):
        raise ValueError("a broker takes 6s to 30m")
    return timeout


StreamNames = Annotated[CommaSeparated[str], AfterValidator(_streams)]


class ExporterSettings(PartSettings):
    """What the exporter can be told; every variable starts with EXPORTER_."""

    model_config = SettingsConfigDict(env_prefix="EXPORTER_")
    owns_prefix: ClassVar[bool] = True
    read_elsewhere: ClassVar[frozenset[str]] = frozenset(
        name + end for part in ADAPTERS for name in part.variables() for end in ("", SUFFIX)
    )

    host: str = "127.0.0.1"
    port: int = Field(8300, ge=1, le=65535)
    sinks: Annotated[CommaSeparated[str], AfterValidator(_known)] = ("parquet",)
    """Stores to carry to, with commas between them."""
    parquet_streams: StreamNames = ()
    """Streams that become Parquet files; none are all."""
    opensearch_streams: StreamNames = ()
    """Streams that are written to OpenSearch; none are all."""
    bigquery_streams: StreamNames = ()
    """Streams that become BigQuery's tables; none are all."""
    clickhouse_streams: StreamNames = ()
    """Streams that become ClickHouse's tables; none are all."""
    batch_rows: int = Field(100_000, ge=1, le=1_000_000)
    """Rows of one partition that are written together."""
    batch_mib: int = Field(16, ge=1, le=1024)
    """Mebibytes of one partition that are written together."""
    batch_time: Duration = timedelta(minutes=1)
    """How long a row waits at most for others to be written with."""
    session_timeout: Annotated[Duration, AfterValidator(_a_broker_takes)] = timedelta(seconds=45)
    """After how much silence of an instance the others take over its partitions; brokers take 6 s to 30 min."""
    memory_mib: int = Field(64, ge=1)
    """Mebibytes of messages that are held for each sink; more are not read."""

    @model_validator(mode="after")
    def _has_room_for_a_batch(self) -> Self:
        if self.memory_mib < self.batch_mib:
            raise ValueError("EXPORTER_MEMORY_MIB must not be less than EXPORTER_BATCH_MIB")
        return self

    @property
    def limits(self) -> Limits:
        """When rows are written."""
        return Limits(self.batch_rows, self.batch_mib * MIB, self.batch_time.total_seconds(), self.memory_mib * MIB)

    def streams_of(self, sink: str) -> list[Stream]:
        """Return what goes into a sink."""
        return choose(getattr(self, f"{sink}_streams"), self.topic_prefix)
