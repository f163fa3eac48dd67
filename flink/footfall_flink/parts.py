"""Which views belong to which job, and views that two jobs compute a part of. Pure.

A view belongs to the job of the events that it reads, directly or through other views. One that would need the events of two
jobs is written in parts instead, a file `<view>__<job>.sql` for each, and is the union of those that are there.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from footfall_flink.sqltext import PlanError

SOURCES = {"shop_events": "shop", "inventory_movements": "stock"}
"""The job that reads each table of events."""
BETWEEN = "__"
_COMMENT = re.compile(r"--[^\n]*")


def of_job(views: Mapping[str, str], job: str) -> dict[str, str]:
    """Return the views of a job, unions of parts included.

    Args:
        views: CREATE TEMPORARY VIEW by name.
        job: `shop`, `stock`, or `all`, which takes every view.

    Raises:
        PlanError: A view needs the events of two jobs.
    """
    owners = {name: _owner(name, views) for name in views}
    mine = {name: sql for name, sql in views.items() if job in {"all", owners[name]}}
    return mine | _unions(mine)


def words(sql: str) -> set[str]:
    """Return the words of a statement, comments left out."""
    return set(re.findall(r"\w+", _COMMENT.sub("", sql)))


def _owner(name: str, views: Mapping[str, str]) -> str:
    read = _events_of(name, views)
    owners = {SOURCES[table] for table in read}
    if len(owners) > 1:
        tables = " and ".join(sorted(read))
        raise PlanError(
            f"process/{name}.sql reads {tables}; write it in parts, a file {name}{BETWEEN}<job>.sql for each"
        )
    return next(iter(owners), "shop")


def _events_of(name: str, views: Mapping[str, str]) -> set[str]:
    used = words(views[name]) - {name}
    return (used & SOURCES.keys()).union(*(_events_of(view, views) for view in used & views.keys()))


def _unions(views: Mapping[str, str]) -> dict[str, str]:
    parts: dict[str, list[str]] = defaultdict(list)
    for name in views:
        view, between, _ = name.partition(BETWEEN)
        if between:
            parts[view].append(name)
    return {view: _union(view, names) for view, names in parts.items()}


def _union(view: str, names: list[str]) -> str:
    selects = "\nUNION ALL\n".join(f"SELECT * FROM {name}" for name in sorted(names))  # noqa: S608
    return f"CREATE TEMPORARY VIEW {view} AS\n{selects}"
