"""The role that only reads, for dashboards and people: every table and view but what is personal. Pure.

What it may read is said column by column: a column that nobody has thought about is none of its own.
"""

from collections.abc import Iterable

from footfall_schemas.personal import personal_fields
from footfall_schemas.topics import Topic

from footfall_analytics.postgres.columns import PostgresColumn, columns_of
from footfall_analytics.postgres.views import views_of

LONGEST = "30s"
"""After which a question of its own is given up: it must not hold up what is written."""


def reader_statements(schema: str, topics: Iterable[Topic], name: str, verifier: str = "") -> list[str]:
    """Return what makes the role and gives it its rights; said again, it has these rights and no others.

    Args:
        schema: Where the tables are.
        topics: Whose tables there are.
        name: The role's.
        verifier: What the server keeps of its password (SCRAM), never the password; empty: it is set elsewhere.
    """
    topics = list(topics)
    return [
        f"""DO $$ BEGIN
  -- There is no CREATE ROLE IF NOT EXISTS.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name} LOGIN; END IF;
END $$""",
        *([f"ALTER ROLE {name} PASSWORD '{verifier}'"] if verifier else []),
        f"ALTER ROLE {name} SET default_transaction_read_only = on",
        f"ALTER ROLE {name} SET statement_timeout = '{LONGEST}'",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        *(sql for topic in topics for sql in _table(schema, topic, name)),
        *(f"GRANT SELECT ON {schema}.{view.name} TO {name}" for view in views_of(topics)),
    ]


def personal_columns(topic: Topic) -> set[str]:
    """Return the columns that tell of people, and those of bytes that nobody could read: anything may be in them."""
    said = personal_fields(topic.reader)
    return {column.name for column in columns_of(topic) if column.name in said or _is_unread(column)}


def _is_unread(column: PostgresColumn) -> bool:
    return column.type == "bytea"


def _table(schema: str, topic: Topic, name: str) -> list[str]:
    table, hidden = f"{schema}.{topic.view}", personal_columns(topic)
    shown = ", ".join(column.name for column in columns_of(topic) if column.name not in hidden)
    # With the table's rights those of its columns go, too: what has become personal is readable no more.
    return [f"REVOKE ALL ON {table} FROM {name}", f"GRANT SELECT ({shown}) ON {table} TO {name}"]
