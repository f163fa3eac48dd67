"""Turn the SQL files and the settings into the job's complete script. Pure but for reading the files."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path

from footfall_schemas.topics import RECORDED, Topic, load_topics

from footfall_analytics.planning import tables
from footfall_analytics.planning.connections import connection_options, registry_options, without_secrets
from footfall_analytics.planning.dimensions import lookup_name, lookup_values, with_lookups
from footfall_analytics.planning.inputs import topics_of
from footfall_analytics.planning.job_split import graph, of_job, words
from footfall_analytics.planning.sources import source_options
from footfall_analytics.planning.sqltext import (
    SQL_ROOT,
    PlanError,
    bigint_millis,
    fill,
    interval,
    options_text,
    read_folder,
)
from footfall_analytics.settings import AnalyticsSettings

CO_VIEWS = "co_views"
"""A view that nobody else needs and that costs much: the pass over the shoppers leaves its rows out if it is not read."""
REARMED_BEYOND = 1.5
"""Horizons that a forecast stock-out must be away for the next alert: one that comes and goes by a sale is one alert."""
_VIEW = re.compile(r"^CREATE TEMPORARY VIEW \w+ AS\s", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """Statements in the order in which Flink must see them."""

    tables: dict[str, str]
    views: dict[str, str]
    inserts: dict[str, str]
    functions: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    """Flink options this script needs besides those of every job."""
    ttl: dict[str, str] = field(default_factory=dict)
    """Lifetimes of its state besides those of every job, by key column."""

    def reads(self, view: str) -> set[str]:
        """Return the tables and views that a view reads."""
        return (words(self.views[view]) & (self.tables.keys() | self.views.keys())) - {view}

    @property
    def declarations(self) -> list[str]:
        """Everything that comes before the inserts."""
        return [*self.functions.values(), *self.tables.values(), *self.views.values()]

    @property
    def statement_set(self) -> str:
        """All inserts as one job."""
        return "EXECUTE STATEMENT SET\nBEGIN\n" + "\n".join(f"{sql};" for sql in self.inserts.values()) + "\nEND"

    def text(self) -> str:
        """Return the script as Flink's SQL client takes it, passwords left out."""
        return without_secrets(";\n\n".join([*self.declarations, self.statement_set]) + ";\n")


def build_script(
    settings: AnalyticsSettings,
    *,
    views: list[str] | None = None,
    bounded: bool = False,
    input_prefix: str | None = None,
    own_dimensions: Collection[str] = (),
    root: Path = SQL_ROOT,
) -> Script:
    """Plan the job.

    Args:
        settings: What fills the placeholders.
        views: Publish only these; None leaves it to the settings, which publish every view with a schema of its name unless
            they name some.
        bounded: Read what the topics hold now and end, instead of running for ever.
        input_prefix: Makes it a replay: put before the names of the event topics (clickstream, checkouts, refunds,
            inventory-updates), while its results go to topics of recorded results. None is the live job.
        own_dimensions: Topics of dimensions that have that prefix, too; the others are the shop's.
        root: Directory with function/, source/, process/ (intermediate/, published/) and sink/.

    Raises:
        PlanError: A file uses an unknown placeholder, name or column, or two depend on each other.
    """
    files = {kind: read_folder(root / kind) for kind in ("function", "source", "process", "sink")}
    written = of_job(files["process"], settings.job)
    published = _published(written, settings, settings.chosen_views if views is None else views)
    order = _ordered(written, wanted={topic.view for topic in published})
    values = _values(settings, input_prefix, own_dimensions)
    values["with_pairs"] = str(CO_VIEWS in order).upper()
    processes = {name: _process(name, sql, settings, values) for name, sql in written.items()}
    sources = {
        name: _source(name, sql, settings, values, bounded=bounded, is_replay=input_prefix is not None)
        for name, sql in files["source"].items()
    }
    sources |= _lookups(files, settings)
    output_prefix = settings.topic_prefix + ("" if input_prefix is None else RECORDED)
    sinks = {f"{topic.view}_sink": _sink(topic, files["sink"], settings, output_prefix) for topic in published}
    used = {word for name in order for word in words(processes[name])}
    return Script(
        tables={name: sql for name, sql in sources.items() if name in used} | sinks,
        views={name: processes[name] for name in order},
        inserts={topic.view: _insert(topic) for topic in published},
        functions={name: sql for name, sql in files["function"].items() if name in used},
    )


def _published(views: Collection[str], settings: AnalyticsSettings, chosen: list[str] | None) -> list[Topic]:
    outputs = [topic for topic in load_topics().values() if topic.is_computed]
    names = ", ".join(sorted(topic.view for topic in outputs))
    if unknown := set(chosen or ()) - {topic.view for topic in outputs}:
        raise PlanError(f"unknown view {', '.join(sorted(unknown))}; choose from {names}")
    published = [topic for topic in outputs if topic.view in views and (chosen is None or topic.view in chosen)]
    if not published:
        raise PlanError(f"job {settings.job} has none of the chosen views; choose from {names}")
    return published


def _values(
    settings: AnalyticsSettings, input_prefix: str | None = None, own_dimensions: Collection[str] = ()
) -> dict[str, str]:
    prefix = settings.topic_prefix if input_prefix is None else input_prefix
    events = {
        topic.view: (prefix if topic.cleanup == "delete" or topic.name in own_dimensions else settings.topic_prefix)
        + topic.name
        for topic in load_topics().values()
        if not topic.is_output
    }
    return events | {
        "watermark_delay": interval(settings.watermark_delay),
        "time_zone": settings.time_zone,
        "click_dedup_window": bigint_millis(settings.click_dedup_window),
        "attribution_window": bigint_millis(settings.attribution_window),
        "co_view_memory": bigint_millis(settings.co_view_memory),
        "related_interval": bigint_millis(settings.related_interval),
        "checkout_dedup_window": bigint_millis(settings.checkout_dedup_window),
        "depleting_horizon": interval(settings.depleting_horizon),
        "depleting_rearm": interval(settings.depleting_horizon * REARMED_BEYOND),
    }


def query_of(view: str) -> str:
    """Return the query of a CREATE TEMPORARY VIEW.

    Raises:
        PlanError: It is none.
    """
    if not (head := _VIEW.search(view)):
        raise PlanError(f"no CREATE TEMPORARY VIEW … AS: {view[:80]!r}")
    return view[head.end() :]


def fill_source(name: str, sql: str, settings: AnalyticsSettings, *, bounded: bool) -> str:
    """Return the CREATE TABLE of a source with its placeholders filled, as `build_script` fills it.

    Raises:
        PlanError: It uses an unknown placeholder or column.
    """
    return _source(name, sql, settings, _values(settings), bounded=bounded, is_replay=False)


def _process(name: str, sql: str, settings: AnalyticsSettings, values: dict[str, str]) -> str:
    try:
        view = with_lookups(name, sql, settings.postgres_dimensions)
    except ValueError as error:
        raise PlanError(f"process/{name}.sql: {error}") from error
    return fill(name, view, values)


def _lookups(files: dict[str, dict[str, str]], settings: AnalyticsSettings) -> dict[str, str]:
    template = read_folder(SQL_ROOT / "postgres")["looked_up"]
    return {
        lookup_name(dimension, view): fill(
            "looked_up",
            template,
            lookup_values(dimension, view, tables.columns_of_ddl(files["source"][dimension]), settings),
        )
        for dimension in settings.postgres_dimensions
        for view in files["process"]
    }


def _source(
    name: str, sql: str, settings: AnalyticsSettings, values: dict[str, str], *, bounded: bool, is_replay: bool
) -> str:
    topics = topics_of(name, sql)
    try:
        tables.check_columns(name, tables.columns_of_ddl(sql), topics)
    except ValueError as error:
        raise PlanError(f"source/{name}.sql: {error}") from error
    return fill(name, sql, values | source_options(name, topics, settings, bounded=bounded, is_replay=is_replay))


def _sink(topic: Topic, templates: dict[str, str], settings: AnalyticsSettings, prefix: str) -> str:
    upsert = topic.cleanup == "compact"
    key = tables.key_format(topic)
    value_format = registry_options(settings, "value.avro-confluent") | {
        "value.avro-confluent.subject": topic.subject,
        "value.avro-confluent.schema": json.dumps(topic.schema),
    }
    if key == "json":
        value_format["key.json.timestamp-format.standard"] = "ISO-8601"
    values = {
        "table": f"{topic.view}_sink",
        "columns": ",\n  ".join(column.ddl() for column in tables.columns_of_schema(topic.schema)),
        "primary_key": ", ".join(f"`{name}`" for name in topic.key),
        "topic": prefix + topic.name,
        "connection": options_text(connection_options(settings)),
        "key_format": key,
        "key_fields": ";".join(topic.key),
        "value_format": options_text(value_format),
        "transactional_id_prefix": f"{settings.topic_prefix}{settings.name_in_flink}-{topic.name}",
        "transaction_timeout_ms": str(int(settings.transaction_timeout.total_seconds() * 1000)),
    }
    template = "upsert-kafka" if upsert else "kafka"
    return fill(template, templates[template], values)


def _insert(topic: Topic) -> str:
    columns = ", ".join(f"`{name}`" for name in topic.field_names)
    return f"INSERT INTO {topic.view}_sink SELECT {columns} FROM {topic.view}"  # noqa: S608


def _ordered(views: dict[str, str], wanted: set[str]) -> list[str]:
    reads = graph(views)
    needed: set[str] = set()
    frontier = set(wanted)
    while frontier:
        needed |= frontier
        frontier = {name for view in frontier for name in reads[view]} - needed
    return [name for name in TopologicalSorter(reads).static_order() if name in needed]
