"""What the SQL of tables needs to know of the Avro schemas: column types and key formats. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Any

from footfall_schemas.topics import Json, Topic

_COLUMN = re.compile(r"^\s+`?(\w+)`?\s+([A-Z]+(?:\([\d, ]+\))?)( NOT NULL)?,?\s*$", re.MULTILINE)
_PRIMITIVES = {
    "string": "STRING",
    "long": "BIGINT",
    "int": "INT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "bytes": "BYTES",
}
UNREADABLE = ("decode_error", "raw_value")
"""Columns that format footfall-avro fills for messages it cannot read: the reason and the bytes."""


@dataclass(frozen=True)
class Column:
    """One physical column of a table."""

    name: str
    type: str
    nullable: bool

    def ddl(self) -> str:
        """Return the column as CREATE TABLE writes it."""
        return f"`{self.name}` {self.type}{'' if self.nullable else ' NOT NULL'}"


def columns_of_ddl(ddl: str) -> list[Column]:
    """Return the physical columns of a CREATE TABLE written one column a line (no METADATA, no computed ones)."""
    body = ddl.split("\n) WITH (", maxsplit=1)[0]
    return [Column(name, type_, not not_null) for name, type_, not_null in _COLUMN.findall(body)]


def columns_of_schema(schema: Json) -> list[Column]:
    """Return the columns that hold a record of this schema."""
    return [Column(field["name"], sql_type(field["type"]), is_nullable(field["type"])) for field in schema["fields"]]


def is_nullable(type_: Any) -> bool:
    """Tell whether an Avro type is a union with null."""
    return isinstance(type_, list) and "null" in type_


def sql_type(type_: Any) -> str:
    """Return the Flink SQL type of an Avro type, without its nullability.

    Raises:
        KeyError: Footfall's schemas do not use the type.
    """
    if isinstance(type_, list):
        return sql_type(next(branch for branch in type_ if branch != "null"))
    if isinstance(type_, str):
        return _PRIMITIVES[type_]
    match type_.get("logicalType"), type_["type"]:
        case "timestamp-millis", _:
            return "TIMESTAMP(3)"
        case "date", _:
            return "DATE"
        case "decimal", _:
            return f"DECIMAL({type_['precision']}, {type_['scale']})"
        case _, "enum":
            return "STRING"
        case _, "array":
            return f"ARRAY<{sql_type(type_['items'])} NOT NULL>"
        case _, "record":
            return f"ROW<{', '.join(column.ddl() for column in columns_of_schema(type_))}>"
        case _, inner:
            return sql_type(inner)


def check_columns(table: str, columns: list[Column], topics: list[Topic]) -> None:
    """See that every column is a field of the topics: of the same type, and nullable if a topic lacks it or may leave it out.

    Raises:
        ValueError: A column is not; the message names it.
    """
    for column in columns:
        if column.name in UNREADABLE:
            continue
        found = [item for topic in topics for item in columns_of_schema(topic.schema) if item.name == column.name]
        if not found:
            raise ValueError(f"{table}.{column.name} is a field of none of {', '.join(topic.name for topic in topics)}")
        nullable = len(found) < len(topics) or any(item.nullable for item in found)
        if any(item.type != column.type for item in found) or nullable != column.nullable:
            fits = Column(column.name, found[0].type, nullable)
            raise ValueError(f"{table}.{column.ddl()} does not fit its topics: {fits.ddl()} would")


def readers(topics: list[Topic]) -> str:
    """Return the schemas of these topics as format footfall-avro takes them: with their limits, without their docs."""
    return json.dumps([_without_docs(topic.reader) for topic in topics], separators=(",", ":"))


def key_format(topic: Topic) -> str:
    """Return the Flink format of the record key: one text field as it is, anything else as a JSON object."""
    if len(topic.key) > 1:
        return "json"
    types = {field["name"]: field["type"] for field in topic.schema["fields"]}
    return "raw" if sql_type(types[topic.key[0]]) == "STRING" else "json"


def _without_docs(schema: Any) -> Any:
    match schema:
        case dict():
            return {name: _without_docs(value) for name, value in schema.items() if name != "doc"}
        case list():
            return [_without_docs(item) for item in schema]
        case _:
            return schema
