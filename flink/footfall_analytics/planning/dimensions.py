"""Dimensions that live in PostgreSQL: the tables they are looked up in, and joins as of now. Pure."""

import re
from collections.abc import Collection
from dataclasses import replace

from footfall_analytics.database import Database
from footfall_analytics.planning.tables import Column
from footfall_analytics.postgres_settings import PostgresSettings

_JOINED = re.compile(
    r"FROM (?P<table>\w+) AS (?P<left>\w+)"
    r"(?P<joins>(?:\s+LEFT JOIN \w+ FOR SYSTEM_TIME AS OF (?P=left)\.event_time AS \w+ ON [^\n;]+)+)"
)
_VERSIONED = re.compile(r"JOIN (\w+) FOR SYSTEM_TIME AS OF \w+\.event_time")
NOW = "looked_up_at"
"""Column that a lookup needs on the left: the time of the machine."""


def lookup_name(dimension: str, view: str) -> str:
    """Return the name of the table in which a view looks a dimension up.

    Each view has its own: a table that two of them read would be planned as read whole, once for both.
    """
    return f"{dimension}_of_{view}"


def lookup_values(dimension: str, view: str, columns: list[Column], settings: PostgresSettings) -> dict[str, str]:
    """Return what fills the template of a looked-up table: the columns of its source, without the version's time."""
    kept = [column for column in columns if column.name != "updated_at"]
    # Whatever the shop's own tables leave empty is as good as unknown.
    ddl = [replace(column, nullable=column is not kept[0]).ddl() for column in kept]
    return Database.of(settings).placeholders() | {
        "table": lookup_name(dimension, view),
        "columns": ",\n  ".join(ddl),
        "primary_key": f"`{kept[0].name}`",
        "postgres_table": f"{settings.postgres_schema}.{dimension}",
        "cache_rows": str(settings.postgres_cache_rows),
        "cache_time": f"{int(settings.postgres_cache_time.total_seconds() * 1000)} ms",
    }


def with_lookups(name: str, view: str, dimensions: Collection[str]) -> str:
    """Return a view with its joins of these dimensions as of the present.

    Flink looks rows up as of a column of the left side, so that side gets one.

    Raises:
        ValueError: A join of such a dimension is not written as the other views write theirs.
    """

    def looked_up(match: re.Match[str]) -> str:
        left, joins = match["left"], match["joins"]
        for dimension in dimensions:
            versioned = f"JOIN {dimension} FOR SYSTEM_TIME AS OF {left}.event_time"
            present = f"JOIN {lookup_name(dimension, name)} FOR SYSTEM_TIME AS OF {left}.{NOW}"
            joins = joins.replace(versioned, present)
        if joins == match["joins"]:
            return match[0]
        return f"FROM (SELECT *, PROCTIME() AS {NOW} FROM {match['table']}) AS {left}{joins}"  # noqa: S608

    changed = _JOINED.sub(looked_up, view)
    if left_over := set(_VERSIONED.findall(changed)) & set(dimensions):
        raise ValueError(
            f"{', '.join(sorted(left_over))} cannot be looked up: "
            "write FROM view AS x LEFT JOIN dimension FOR SYSTEM_TIME AS OF x.event_time AS y ON …, each join on one line"
        )
    return changed
