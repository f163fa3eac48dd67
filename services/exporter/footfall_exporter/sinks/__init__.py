"""The sinks that there are: a new one is one file and one line here."""

from collections.abc import Callable, Mapping

from footfall_exporter.sink import Sink
from footfall_exporter.sinks.opensearch import OpenSearchSink
from footfall_exporter.sinks.parquet import ParquetSink

SINKS: Mapping[str, Callable[[], Sink]] = {
    "parquet": ParquetSink.from_environment,
    "opensearch": OpenSearchSink.from_environment,
}
"""By the name in EXPORTER_SINKS, what makes it of its own settings."""
