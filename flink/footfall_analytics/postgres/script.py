"""Plan the job that keeps PostgreSQL equal to the published topics. Pure but for reading the files.

It reads what the other jobs have committed: a row that a crash takes back never gets there, and a database that is away
holds up nothing else (docs/decisions/0011).
"""

from footfall_schemas.topics import RECORDED, Topic

from footfall_analytics.database import Database
from footfall_analytics.planning.readable import readable, reading_options
from footfall_analytics.planning.script import Script
from footfall_analytics.planning.sqltext import SQL_ROOT, fill, read_folder
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
    writer = read_folder(SQL_ROOT / "sink")["postgres"]
    prefix = settings.topic_prefix + (RECORDED if recorded else "")
    bound = {"scan.bounded.mode": "latest-offset"} if recorded else {}
    group = f"{settings.topic_prefix}{settings.job_name}"
    return Script(
        tables={
            topic.view: readable(topic, settings, reading_options(settings, prefix + topic.name, group) | bound)
            for topic in topics
        }
        | {f"{topic.view}_table": _writer(topic, writer, settings) for topic in topics},
        views={},
        inserts={topic.view: _insert(topic) for topic in topics},
        # Flink cannot know that a table's key is the topic's; one task after another keeps a key's rows in order.
        options={"table.exec.sink.require-on-conflict": "false"},
        # The latest value of a key, to tell a change from a new row.
        ttl={topic.key[0]: "0 ms" for topic in topics if topic.cleanup == "compact"},
    )


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
