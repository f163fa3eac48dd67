"""Show answers: tables for people, one JSON object a line for programs."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console

from footfall_analytics.adhoc.runner import Answer, Columns, QueryError, Row
from footfall_analytics.reading.render import lines_of, table_of

PAGE = 1000
"""Rows of one table; its columns are as wide as they need."""
INSERTED = "+I"


def show_json(answers: Iterable[Answer], *, changes: bool) -> None:
    """Print each row as a JSON object; with `changes`, what happened to it comes first, as `op`."""
    names: tuple[str, ...] = ()
    for answer in answers:
        match answer:
            case Columns():
                names = answer.names
            case Row():
                row = dict(zip(names, answer.values, strict=True))
                print(json.dumps({"op": answer.change} | row if changes else row, ensure_ascii=False), flush=True)


def show_tables(console: Console, answers: Iterable[Answer], *, bounded: bool) -> None:
    """Print rows in tables: a bounded result in one, any other in a new one whenever there was a pause."""
    for names, rows, first in _pages(answers, bounded=bounded):
        if not rows:
            if first:
                console.print("no rows")
        elif len(names) == 1 and len(rows) == 1 and "\n" in str(rows[0].values[0]):
            console.print(rows[0].values[0], highlight=False, markup=False, soft_wrap=True)
        else:
            _print(console, names, rows)


def _pages(answers: Iterable[Answer], *, bounded: bool) -> Iterator[tuple[tuple[str, ...], list[Row], bool]]:
    """Yield the rows to print together with their columns, and whether they begin a result."""
    names: tuple[str, ...] | None = None
    rows: list[Row] = []
    first = True
    try:
        for answer in answers:
            match answer:
                case Columns():
                    if names is not None:
                        yield names, rows, first
                    names, rows, first = answer.names, [], True
                case Row():
                    rows.append(answer)
            if names is not None and (len(rows) >= PAGE or (answer is None and rows and not bounded)):
                yield names, rows, first
                rows, first = [], False
    except QueryError:
        # What had come by then was answered.
        if names is not None and rows:
            yield names, rows, first
        raise
    if names is not None:
        yield names, rows, first


def _print(console: Console, names: tuple[str, ...], rows: list[Row]) -> None:
    changes = any(row.change != INSERTED for row in rows)
    records: list[dict[str, Any]] = [
        ({"op": row.change} if changes else {}) | dict(zip(names, row.values, strict=True)) for row in rows
    ]
    table = table_of(None, records, names=list(records[0]))
    if table.__rich_measure__(console, console.options).maximum <= console.width:
        console.print(table)
        return
    for line in lines_of(records):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
