"""The sinks that there are: a new one is one file and one line here."""

from collections.abc import Callable, Mapping

from footfall_exporter.sink import Sink
from footfall_exporter.sinks.clickhouse import ClickHouseSink
from footfall_exporter.sinks.opensearch import OpenSearchSink
from footfall_exporter.sinks.parquet import ParquetSink


def _bigquery() -> Sink:
    # Its client takes a second and 60 MiB, of those who use it alone.
    from footfall_exporter.sinks.bigquery import BigQuerySink  # noqa: PLC0415

    return BigQuerySink.from_environment()


SINKS: Mapping[str, Callable[[], Sink]] = {
    "bigquery": _bigquery,
    "clickhouse": ClickHouseSink.from_environment,
    "opensearch": OpenSearchSink.from_environment,
    "parquet": ParquetSink.from_environment,
}
"""By the name in EXPORTER_SINKS, what makes it of its own settings."""
