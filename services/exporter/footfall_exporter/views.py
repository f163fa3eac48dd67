"""DuckDB's SQL over Parquet files: a view for each stream, with the latest row of each key. Pure."""

from collections.abc import Iterable

from footfall_exporter.streams import Stream


def view_of(stream: Stream, place: str) -> str:
    """Return the statement that makes a stream's view.

    Args:
        stream: The stream.
        place: Its folder, as DuckDB is to reach it.
    """
    files = f"{place}/*/*.parquet".replace("'", "''")
    # Files written before a column was there have no such column.
    source = f"read_parquet('{files}', union_by_name = true, hive_partitioning = true, hive_types_autocast = true)"
    columns = ",\n  ".join(f'"{name}"' for name in stream.columns.names)
    if not stream.is_upsert:
        rows = f"SELECT\n  {columns},\n  day AS _day, _partition, _offset\nFROM {source}"
    else:
        newest = "row_number() OVER (PARTITION BY _key ORDER BY _offset DESC)"
        changes = f"SELECT *, {newest} AS _newest FROM {source}"  # noqa: S608  names are the contract's, the place is quoted
        rows = f"SELECT\n  {columns}\nFROM (\n  {changes}\n) WHERE _newest = 1 AND NOT _deleted"
    return f'CREATE OR REPLACE VIEW "{stream.name}" AS {rows};'


def views(streams: Iterable[Stream], root: str) -> str:
    """Return a script with a view for each stream.

    Args:
        streams: Those that have files: DuckDB refuses a view of none.
        root: Folder of the streams' folders.
    """
    return "\n\n".join(view_of(stream, f"{root.rstrip('/')}/{stream.name}") for stream in streams)
