"""The statements that make the tables and the views over them; said again, they change nothing but what is missing. Pure."""

from collections.abc import Collection, Iterable

from footfall_schemas.topics import Topic, load_topics, topic

from footfall_analytics.postgres.columns import PostgresColumn, columns_of, key_of
from footfall_analytics.postgres.comments import comments
from footfall_analytics.postgres.views import view_statements
from footfall_analytics.settings import AnalyticsSettings


def streams(views: Collection[str] | None = None) -> list[Topic]:
    """Return what is kept as a table: every stream that Footfall publishes, or those of these views."""
    published = [topic for topic in load_topics().values() if topic.is_output]
    return published if views is None else [topic for topic in published if topic.view in views]


def wanted(settings: AnalyticsSettings) -> list[Topic]:
    """Return what needs a table by the settings: published streams, and dimensions that are looked up."""
    kept = streams(settings.chosen_views) if "postgres" in settings.sinks else []
    return [*kept, *(topic(name) for name in settings.postgres_dimensions)]


def statements(schema: str, topics: Iterable[Topic]) -> list[str]:
    """Return the DDL of these streams' tables, then of the views that need no others.

    Args:
        schema: The database's schema that holds them.
        topics: What to keep.
    """
    topics = list(topics)
    return [
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        *(sql for topic in topics for sql in _table(schema, topic)),
        *view_statements(schema, topics),
    ]


def _table(schema: str, topic: Topic) -> list[str]:
    name, columns, key = f"{schema}.{topic.view}", columns_of(topic), key_of(topic)
    body = ",\n  ".join([*(_ddl(column, key) for column in columns), f"PRIMARY KEY ({', '.join(key)})"])
    return [
        f"CREATE TABLE IF NOT EXISTS {name} (\n  {body}\n)",
        # Columns that a later version of the schema brings; older rows have no value there.
        *(
            f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {_ddl(column, key)}"
            for column in columns
            if column.name not in key
        ),
        *comments("TABLE", name, topic.schema.get("doc", ""), ((column.name, column.doc) for column in columns)),
    ]


def _ddl(column: PostgresColumn, key: list[str]) -> str:
    return f"{column.name} {column.type}{' NOT NULL' if column.name in key else ''}"
