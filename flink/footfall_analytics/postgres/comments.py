"""Comments in a database, by which its own tools show what tables, views and columns mean. Pure."""

from collections.abc import Iterable, Iterator

from footfall_analytics.planning.sqltext import literal


def comments(kind: str, name: str, doc: str, columns: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the statements that comment on one relation and its columns.

    Args:
        kind: `TABLE` or `VIEW`.
        name: The relation's, with its schema.
        doc: What it is.
        columns: Name and meaning of each.
    """
    yield f"COMMENT ON {kind} {name} IS '{literal(doc)}'"
    for column, meaning in columns:
        yield f"COMMENT ON COLUMN {name}.{column} IS '{literal(meaning)}'"
