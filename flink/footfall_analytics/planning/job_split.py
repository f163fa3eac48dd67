"""Which views belong to which job, and views that two jobs compute a part of. Pure.

A view belongs to the job of the events that it reads, directly or through other views. One that would need the events of two
jobs is written in parts instead, a file `<view>__<job>.sql` for each, and is the union of those that are there. What reads
such a union and no other events belongs to both jobs, each of which has its part.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from footfall_health.shop import JOBS

from footfall_analytics.planning.sqltext import PlanError

BETWEEN = "__"
_NO_NAME = re.compile(r"--[^\n]*|\$\{\w+\}|'[^']*'")
"""Comments, placeholders and texts: a topic may be named like a table."""


def of_job(views: Mapping[str, str], job: str) -> dict[str, str]:
    """Return the views of a job, unions of parts included.

    Args:
        views: CREATE TEMPORARY VIEW by name.
        job: `shop`, `stock`, or `all`, which takes every view.

    Raises:
        PlanError: A view needs the events of two jobs.
    """
    owners = _owners(dict(views) | _unions(views))
    mine = {name: sql for name, sql in views.items() if job == "all" or job in owners[name]}
    return mine | _unions(mine)


def graph(views: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which of the views each of them reads."""
    return {name: (words(sql) & views.keys()) - {name} for name, sql in views.items()}


def words(sql: str) -> set[str]:
    """Return the words of a statement that may be names of tables, views and columns."""
    return set(re.findall(r"\w+", _NO_NAME.sub(" ", sql)))


def _owners(views: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the jobs that compute each view."""
    unions, reads = _parts(views).keys(), graph(views)
    events: dict[str, set[str]] = {}
    of_both: set[str] = set(unions)
    for name in TopologicalSorter(reads).static_order():
        found = (words(views[name]) & JOBS.keys()).union(*(events[view] for view in reads[name]))
        events[name] = set() if name in unions else found
        if reads[name] & of_both:
            of_both.add(name)
    return {name: _owner(name, events[name], of_both) for name in views}


def _owner(name: str, events: set[str], of_both: set[str]) -> set[str]:
    owners = {JOBS[table] for table in events}
    if len(owners) > 1:
        tables = " and ".join(sorted(events))
        raise PlanError(
            f"process/{name}.sql reads {tables}; write it in parts, a file {name}{BETWEEN}<job>.sql for each"
        )
    part = name.partition(BETWEEN)[2]
    if owners or part:
        return owners or {part}
    return set(JOBS.values()) if name in of_both else {"shop"}


def _parts(views: Iterable[str]) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = defaultdict(list)
    for name in views:
        view, between, _ = name.partition(BETWEEN)
        if between:
            parts[view].append(name)
    return parts


def _unions(views: Iterable[str]) -> dict[str, str]:
    return {view: _union(view, names) for view, names in _parts(views).items()}


def _union(view: str, names: list[str]) -> str:
    selects = "\nUNION ALL\n".join(f"SELECT * FROM {name}" for name in sorted(names))  # noqa: S608
    return f"CREATE TEMPORARY VIEW {view} AS\n{selects}"
