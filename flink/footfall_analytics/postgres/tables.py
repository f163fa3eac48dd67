"""Make the tables in a real database."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from footfall_schemas.errors import TransientError
from footfall_schemas.topics import Topic
from psycopg.sql import SQL, Identifier

from footfall_analytics.database import Database
from footfall_analytics.postgres.ddl import statements
from footfall_analytics.postgres.reader import reader_statements
from footfall_analytics.postgres_settings import Reader

_LOCK = 0x666F6F7466616C6C
"""Two who create at once would meet at CREATE SCHEMA, which is not safe against itself."""


class DatabaseError(TransientError):
    """The database cannot be reached or refused a statement; the message names it."""


def create_tables(database: Database, schema: str, topics: Iterable[Topic]) -> list[str]:
    """Create these topics' tables as far as they are missing, all or nothing, and return their names.

    Raises:
        DatabaseError: It could not be done.
    """
    topics = list(topics)
    with _connected(database) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        for sql in statements(schema, topics):
            connection.execute(sql.encode())
    return [f"{schema}.{topic.view}" for topic in topics]


def make_reader(database: Database, schema: str, topics: Iterable[Topic], reader: Reader) -> None:
    """Make the role that only reads these topics' tables, or give it the rights that it has to have now, all or nothing.

    The server is told no password, but what it keeps of one.

    Raises:
        DatabaseError: It could not be done.
    """
    with _connected(database, f"role {reader.name} of ") as connection:
        secret = reader.password.get_secret_value().encode()
        verifier = connection.pgconn.encrypt_password(secret, reader.name.encode(), b"scram-sha-256").decode()
        connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        for sql in reader_statements(schema, topics, reader.name, verifier):
            connection.execute(sql.encode())


def empty_tables(database: Database, schema: str, topics: Iterable[Topic]) -> None:
    """Delete every row of these topics' tables, all or nothing.

    Raises:
        DatabaseError: It could not be done.
    """
    with _connected(database) as connection:
        for topic in topics:
            # Whoever may upsert rows may delete them, too; TRUNCATE would be a right of its own, and block readers.
            connection.execute(SQL("DELETE FROM {}").format(Identifier(schema, topic.view)))


@contextmanager
def _connected(database: Database, what: str = "") -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Return a connection for one transaction: the block's, all or nothing.

    Args:
        database: Where.
        what: Before its name in the error.

    Raises:
        DatabaseError: It could not be done.
    """
    try:
        with psycopg.connect(database.conninfo()) as connection:
            yield connection
    except (psycopg.Error, OSError) as error:
        raise DatabaseError(f"{what}Postgres at {database.place}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
