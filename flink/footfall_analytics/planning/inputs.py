"""Which table reads which topics of events, as the files in sql/source say, and for which job. Pure but for reading them."""

import re
from functools import cache

from footfall_health.shop import JOBS
from footfall_schemas.topics import Topic, load_topics

from footfall_analytics.planning.sqltext import SQL_ROOT, PlanError, read_folder

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_TOPICS = re.compile(r"'topic' = '([^']+)'")


def topics_of(name: str, sql: str) -> list[Topic]:
    """Return the topics that a source table reads.

    Raises:
        PlanError: It has no option `topic`, or that names a topic without a schema.
    """
    if not (names := _TOPICS.search(sql)):
        raise PlanError(f"source/{name}.sql: no 'topic' option")
    by_view = {topic.view: topic for topic in load_topics().values()}
    views = _PLACEHOLDER.findall(names[1])
    if unknown := [view for view in views if view not in by_view]:
        raise PlanError(f"source/{name}.sql: unknown topic ${{{unknown[0]}}}; choose from {', '.join(sorted(by_view))}")
    return [by_view[view] for view in views]


@cache
def inputs() -> dict[str, tuple[str, ...]]:
    """Return the names of the topics of events by the table that reads them; consumer groups are named after the tables."""
    files = read_folder(SQL_ROOT / "source")
    return {table: tuple(topic.name for topic in topics_of(table, files[table])) for table in JOBS}
