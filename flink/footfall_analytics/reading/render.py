"""Rows of a topic as a table for people: times without what is always zero, money without empty decimals."""

import re

from footfall_schemas.topics import Json
from rich import box
from rich.table import Table

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(?:\.\d+)?)Z?")
_MONEY = re.compile(r"(-?\d+\.\d\d)(\d+)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def table_of(title: str | None, rows: list[Json], names: list[str] | None = None) -> Table:
    """Return the rows as a table of these columns; without names, of all but the end of a window whose start is shown."""
    names = names or [name for name in rows[0] if not (name == "window_end" and "window_start" in rows[0])]
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        is_number = all(_NUMBER.fullmatch(text_of(row.get(name))) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(text_of(row.get(name)) for name in names))
    return table


def lines_of(rows: list[Json]) -> list[str]:
    """Return each row as one line of names and values, for rows too wide for a table."""
    return ["  ".join(f"{name}={text_of(value)}" for name, value in row.items()) for row in rows]


def text_of(value: object) -> str:
    """Return one value as people read it."""
    match value:
        case None:
            return ""
        case list():
            return ", ".join(
                str(item.get("product_id", item)) if isinstance(item, dict) else str(item) for item in value
            )
        case str() if time := _TIME.fullmatch(value):
            seconds = "" if time[3] == ":00.000" else time[3].removesuffix(".000")
            return f"{time[1]} {time[2]}{seconds}"
        case str() if money := _MONEY.fullmatch(value):
            return money[1] + money[2].rstrip("0")
        case _:
            return str(value)
