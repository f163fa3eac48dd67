"""Plan the job that keeps PostgreSQL equal to the published topics. Pure but for reading the files.

It reads what the other jobs have committed: a row that a crash takes back never gets there, and a database that is away
holds up nothing else (docs/decisions/0011).
"""

from footfall_schemas.topics import RECORDED, Topic

from footfall_analytics.planning import tables
from footfall_analytics.planning.connections import connection_options
from footfall_analytics.planning.database import Database
from footfall_analytics.planning.script import SQL_ROOT, Script
from footfall_analytics.planning.sources import format_options
from footfall_analytics.planning.sqltext import fill, options_text, read_folder
from footfall_analytics.postgres.columns import columns_of, key_of
from footfall_analytics.postgres.ddl import streams
from footfall_analytics.settings import AnalyticsSettings


def build_postgres_script(settings: AnalyticsSettings, *, recorded: bool = False) -> Script:
    """Plan the job: one insert for each published stream, which it reads once.

    Args:
        settings: Those of the job; their schema is where the tables are.
        recorded: Read what the topics of recorded results hold now, and end.
    """
    topics = streams(settings.chosen_views)
    readers = read_folder(SQL_ROOT / "postgres")
    writer = read_folder(SQL_ROOT / "sink")["postgres"]
    prefix = settings.topic_prefix + (RECORDED if recorded else "")
    connection = connection_options(settings) | ({"scan.bounded.mode": "latest-offset"} if recorded else {})
    return Script(
        tables={topic.view: _reader(topic, readers, settings, prefix + topic.name, connection) for topic in topics}
        | {f"{topic.view}_table": _writer(topic, writer, settings) for topic in topics},
        views={},
        inserts={topic.view: _insert(topic) for topic in topics},
        # Flink cannot know that a table's key is the topic's; one task after another keeps a key's rows in order.
        options={"table.exec.sink.require-on-conflict": "false"},
        # The latest value of a key, to tell a change from a new row.
        ttl={topic.key[0]: "0 ms" for topic in topics if topic.cleanup == "compact"},
    )


def _reader(
    topic: Topic, templates: dict[str, str], settings: AnalyticsSettings, name: str, connection: dict[str, str]
) -> str:
    upsert = topic.cleanup == "compact"
    columns = tables.columns_of_schema(topic.schema)
    template = "upserted" if upsert else "appended"
    values = {
        "table": topic.view,
        "columns": ",\n  ".join(column.ddl() for column in columns),
        "primary_key": ", ".join(f"`{name}`" for name in topic.key),
        "topic": name,
        "connection": options_text(connection),
        "group_id": f"{settings.topic_prefix}{settings.job_name}",
        "key_format": tables.key_format(topic),
        "registry": options_text(
            format_options(settings, "value.footfall-avro" if upsert else "footfall-avro", [topic])
        ),
    }
    return fill(template, templates[template], values)


def _writer(topic: Topic, template: str, settings: AnalyticsSettings) -> str:
    values = Database.of(settings).placeholders() | {
        "table": f"{topic.view}_table",
        "columns": ",\n  ".join(f"`{column.name}` {column.flink_type}" for column in columns_of(topic)),
        "primary_key": ", ".join(f"`{name}`" for name in key_of(topic)),
        "postgres_table": f"{settings.postgres_schema}.{topic.view}",
    }
    return fill("sink/postgres", template, values)


def _insert(topic: Topic) -> str:
    columns = columns_of(topic)
    names = ", ".join(f"`{column.name}`" for column in columns)
    values = ",\n  ".join(f"{column.expression} AS `{column.name}`" for column in columns)
    return f"INSERT INTO {topic.view}_table ({names}) SELECT\n  {values}\nFROM {topic.view}"
