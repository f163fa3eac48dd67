"""BigQuery's columns for Arrow's, rows as it loads them, and its SQL. Pure."""
# ruff: noqa: S608  names are the contract's and the settings'; what else is told goes as parameters

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from footfall_schemas.topics import Json

from footfall_exporter.batch import Batch
from footfall_exporter.streams import Stream

NUMERIC_SCALE, NUMERIC_WHOLE = 9, 29
"""Digits of a NUMERIC behind and before the point; BIGNUMERIC has 38 of each."""
MOST_CLUSTERED = 4
"""Columns."""
MOST_DESCRIBED = 1024
"""Characters of a column's description."""
PARTITION, OFFSET, DAY, KEY, DELETED = "kafka_partition", "kafka_offset", "kafka_day", "kafka_key", "kafka_deleted"
# Names that begin with _PARTITION are BigQuery's own.
PLACES = (
    pa.field(PARTITION, pa.int32(), metadata={"doc": "Partition of the topic."}),
    pa.field(OFFSET, pa.int64(), metadata={"doc": "Offset in the partition."}),
    pa.field(DAY, pa.date32(), metadata={"doc": "Day in UTC on which the broker appended the row."}),
)
CHANGES = (
    pa.field(KEY, pa.string(), metadata={"doc": "Record key: one row of the stream."}),
    pa.field(DELETED, pa.bool_(), metadata={"doc": "The row of this key was deleted."}),
)
_SIMPLE = {
    pa.string(): "STRING",
    pa.binary(): "BYTES",
    pa.bool_(): "BOOL",
    pa.int32(): "INT64",
    pa.int64(): "INT64",
    pa.float32(): "FLOAT64",
    pa.float64(): "FLOAT64",
    pa.date32(): "DATE",
}
_CLUSTERED = {"STRING", "INT64", "BOOL", "DATE", "TIMESTAMP", "NUMERIC", "BIGNUMERIC"}


@dataclass(frozen=True)
class Columns:
    """Columns of a stream's table.

    Args:
        stream: Whose.
        wide_as_text: Whether what NUMERIC cannot hold is text instead of BIGNUMERIC.
    """

    stream: Stream
    wide_as_text: bool = False

    @property
    def fields(self) -> list[pa.Field]:
        """The stream's columns, then where each row was, in Arrow's types."""
        return [*self.stream.columns, *PLACES, *(CHANGES if self.stream.is_upsert else ())]

    @property
    def described(self) -> list[Json]:
        """The columns as BigQuery's API describes them; all may be null, so that any version of a schema can write."""
        return [self._described(field) for field in self.fields]

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [field.name for field in self.fields]

    @property
    def clustered(self) -> list[str]:
        """Columns by which the table is clustered."""
        if self.stream.is_upsert:
            return [KEY]
        types = {column["name"]: column["type"] for column in self.described if column["mode"] != "REPEATED"}
        return [name for name in self.stream.topic.key if types.get(name) in _CLUSTERED][:MOST_CLUSTERED]

    def rows(self, batch: Batch) -> pa.Table:
        """Return a batch as it is loaded."""
        columns: list[pa.ChunkedArray | pa.Array] = [
            column.cast(self._loaded(column.type)) for column in batch.rows.columns
        ]
        columns += [
            pa.repeat(pa.scalar(batch.partition, pa.int32()), len(batch)),
            pa.array(batch.offsets, pa.int64()),
            pa.repeat(pa.scalar(batch.day, pa.date32()), len(batch)),
        ]
        if self.stream.is_upsert:
            columns += [pa.array(batch.keys, pa.string()), pa.array(batch.deleted, pa.bool_())]
        return pa.Table.from_arrays(columns, names=self.names)

    def _described(self, field: pa.Field) -> Json:
        mode, type_ = "NULLABLE", field.type
        if pa.types.is_list(type_):
            mode, type_ = "REPEATED", type_.value_type
        described: Json = {"name": field.name, "mode": mode}
        if pa.types.is_struct(type_):
            described |= {"type": "RECORD", "fields": [self._described(each) for each in type_]}
        else:
            described["type"] = self._type(type_)
        if doc := (field.metadata or {}).get(b"doc"):
            described["description"] = doc.decode()[:MOST_DESCRIBED]
        return described

    def _type(self, type_: pa.DataType) -> str:
        if pa.types.is_timestamp(type_):
            return "TIMESTAMP"
        if pa.types.is_decimal(type_):
            return "NUMERIC" if _is_numeric(type_) else "STRING" if self.wide_as_text else "BIGNUMERIC"
        return _SIMPLE[type_]

    def _loaded(self, type_: pa.DataType) -> pa.DataType:
        """Return the type in which a column is loaded."""
        if pa.types.is_list(type_):
            return pa.list_(pa.field("element", self._loaded(type_.value_type), type_.value_field.nullable))
        if pa.types.is_struct(type_):
            return pa.struct([pa.field(each.name, self._loaded(each.type), each.nullable) for each in type_])
        if pa.types.is_decimal(type_) and not _is_numeric(type_) and self.wide_as_text:
            return pa.string()
        return type_


def _is_numeric(type_: pa.DataType) -> bool:
    return bool(type_.scale <= NUMERIC_SCALE and type_.precision - type_.scale <= NUMERIC_WHOLE)


def table_of(stream: Stream, prefix: str) -> str:
    """Return the name of the table that holds a stream's rows; those of upsert streams have deletions in them."""
    return f"{prefix}{stream.name}_all_keys" if stream.is_upsert else prefix + stream.name


def missing(there: Sequence[Json], wanted: Sequence[Json]) -> list[Json]:
    """Return the columns that a table lacks, in lists of structs, too: what it is to have, or nothing if it lacks none.

    Args:
        there: Its columns as BigQuery's API describes them.
        wanted: What a stream needs.
    """
    grown = _grown(there, wanted)
    return [] if _shape(grown) == _shape(there) else grown


def additions(table: str, there: Sequence[Json], grown: Sequence[Json]) -> list[str]:
    """Return the statements that add the columns that a table lacks; what lists of structs lack is no column.

    Args:
        table: In full.
        there: Its columns.
        grown: What it is to have.
    """
    known = {each["name"] for each in there}
    return [
        f"ALTER TABLE `{table}` ADD COLUMN IF NOT EXISTS `{each['name']}` {_in_ddl(each)}"
        for each in grown
        if each["name"] not in known
    ]


def _in_ddl(column: Json) -> str:
    type_ = column["type"]
    if fields := column.get("fields"):
        inner = ", ".join(f"`{each['name']}` {_in_ddl(each)}" for each in fields)
        type_ = f"STRUCT<{inner}>"
    return f"ARRAY<{type_}>" if column["mode"] == "REPEATED" else str(type_)


def _grown(there: Sequence[Json], wanted: Sequence[Json]) -> list[Json]:
    by_name = {each["name"]: each for each in wanted}
    grown = []
    for each in there:
        more = by_name.pop(each["name"], {})
        nested = _grown(each["fields"], more.get("fields", ())) if each.get("fields") else None
        grown.append(each | ({"fields": nested} if nested else {}))
    return grown + list(by_name.values())


def _shape(columns: Sequence[Json]) -> Any:
    return [(each["name"], _shape(each.get("fields", ()))) for each in columns]


def merge(table: str, staging: str, columns: Columns, batch: Batch, there: Sequence[Json]) -> str:
    """Return the statement that puts the rows of a staging table into a stream's: any number of times is once.

    Of an upsert stream the row with the greatest offset of each key stays, a deletion, too: what comes again late finds it.

    Args:
        table: In full.
        staging: In full.
        columns: Of the stream.
        batch: Whose rows are staged.
        there: Columns that the table has, as BigQuery's API describes them.
    """
    names = ", ".join(_quoted(columns.names))
    insert = (
        f"WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({', '.join(f's.{name}' for name in _quoted(columns.names))})"
    )
    if not columns.stream.is_upsert:
        # All offsets of a batch are of one day: only that day of the table is read.
        on = f"t.{PARTITION} = {batch.partition} AND t.{DAY} = DATE '{batch.day}' AND t.{OFFSET} = s.{OFFSET}"
        return f"MERGE `{table}` AS t USING `{staging}` AS s ON {on} {insert}"
    newest = (
        # QUALIFY alone is not everywhere allowed.
        f"SELECT {names} FROM `{staging}` WHERE TRUE "
        f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {KEY} ORDER BY {OFFSET} DESC) = 1"
    )
    known = set(columns.names)
    update = [f"{name} = s.{name}" for name in _quoted(columns.names)] + [
        f"`{each['name']}` = {'[]' if each['mode'] == 'REPEATED' else 'NULL'}"
        for each in there
        if each["name"] not in known
    ]
    return (
        f"MERGE `{table}` AS t USING ({newest}) AS s ON t.{KEY} = s.{KEY} "
        f"WHEN MATCHED AND s.{OFFSET} > t.{OFFSET} THEN UPDATE SET {', '.join(update)} {insert}"
    )


def latest_view(view: str, table: str, there: Iterable[Json]) -> str:
    """Return the statement that makes the view of an upsert stream: the latest row of each key that is not deleted."""
    hidden = {each.name for each in CHANGES}
    names = ", ".join(_quoted(each["name"] for each in there if each["name"] not in hidden))
    return f"CREATE OR REPLACE VIEW `{view}` AS SELECT {names} FROM `{table}` WHERE NOT {DELETED}"


def _quoted(names: Iterable[str]) -> list[str]:
    return [f"`{name}`" for name in names]
