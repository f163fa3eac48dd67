"""What a column of a stream is in PostgreSQL, and how it gets there through JDBC. Pure."""

from dataclasses import dataclass

from footfall_schemas.topics import Topic

from footfall_analytics.planning.tables import Column, columns_of_schema

RENAMED = {"offset": "kafka_offset", "partition": "kafka_partition"}
"""Flink's dialect writes names without quotes, where OFFSET is a reserved word."""
_TYPES = {
    "STRING": "text",
    "BIGINT": "bigint",
    "INT": "integer",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "BYTES": "bytea",
    "DATE": "date",
    "TIMESTAMP(3)": "timestamptz(3)",
}


@dataclass(frozen=True)
class PostgresColumn:
    """One column of a table in PostgreSQL."""

    name: str
    type: str
    """As PostgreSQL names it."""
    flink_type: str
    """As the sink declares it; text where JDBC has no value of the type, for the server to read."""
    expression: str
    """Flink SQL for its value, from the stream's own column."""
    doc: str = ""


def columns_of(topic: Topic) -> list[PostgresColumn]:
    """Return the columns of a stream's table."""
    docs = {field["name"]: field.get("doc", "") for field in topic.schema["fields"]}
    return [_column(column, docs[column.name]) for column in columns_of_schema(topic.schema)]


def key_of(topic: Topic) -> list[str]:
    """Return the columns of the primary key."""
    return [RENAMED.get(name, name) for name in topic.row_key]


def _column(column: Column, doc: str) -> PostgresColumn:
    name, source = RENAMED.get(column.name, column.name), f"`{column.name}`"
    if column.type.startswith(("ARRAY", "ROW")):
        # PostgreSQL's text cannot hold the character zero, as such (below) or escaped.
        json = f"REPLACE(JSON_STRING({source}), '\\u0000', '\\ufffd')"
        return PostgresColumn(name, "jsonb", "STRING", json, doc)
    if column.type.startswith("DECIMAL"):
        return PostgresColumn(name, column.type.replace("DECIMAL", "numeric"), column.type, source, doc)
    match column.type:
        case "STRING":
            return PostgresColumn(name, "text", "STRING", f"REGEXP_REPLACE({source}, '\\x00', '\ufffd')", doc)
        case "TIMESTAMP(3)":
            # As text with its zone: JDBC's own way goes through the zone of the JVM.
            return PostgresColumn(name, _TYPES[column.type], "STRING", _utc(source), doc)
        case other:
            return PostgresColumn(name, _TYPES[other], other, source, doc)


def _utc(source: str) -> str:
    return (
        f"CASE WHEN {source} < TIMESTAMP '0001-01-01 00:00:00' THEN '-infinity' "
        f"WHEN {source} > TIMESTAMP '9999-12-31 23:59:59' THEN 'infinity' "
        f"ELSE CAST({source} AS STRING) || 'Z' END"
    )
