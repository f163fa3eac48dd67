"""What a compiled plan must be before a job may come of it, and the plan as it is submitted. Pure."""

from collections.abc import Iterable, Mapping

from footfall_schemas.topics import Json

from footfall_analytics.planning import exact, widths
from footfall_analytics.planning.compiled_plan import (
    assert_read_once,
    with_bundled_aggregates,
    with_state_of,
    with_state_ttl,
)
from footfall_analytics.planning.sql_errors import missing
from footfall_analytics.planning.sqltext import PlanError
from footfall_analytics.planning.sqltypes import columns_of_text


def finished(plan: Json, ttl: Mapping[str, str], before: Json | None, *, forget: bool) -> tuple[Json, bool]:
    """Return a compiled plan as it is submitted, and whether state is left behind.

    Args:
        plan: As Flink compiled it.
        ttl: Lifetimes by key column.
        before: The plan whose state the job takes over.
        forget: Leave behind state that does not fit any more.

    Raises:
        PlanError: The plan is not as it must be, or the state does not fit it.
    """
    assert_read_once(plan)
    _refuse(f"view {loss}" for loss in exact.losses(plan))
    return with_state_of(with_bundled_aggregates(with_state_ttl(plan, ttl)), before, forget=forget)


def assert_columns_hold(schemas: Mapping[str, tuple[str, str]]) -> None:
    """See that each topic's columns are there and hold what its view selects; Flink would cast it to them.

    Args:
        schemas: By view, its own schema and its topic's, both as Flink prints them.

    Raises:
        PlanError: A column is missing or narrower; the message names it, both types and the cure.
    """
    columns = {view: (columns_of_text(has), columns_of_text(wants)) for view, (has, wants) in sorted(schemas.items())}
    if absent := [line for view, (has, wants) in columns.items() for line in missing(view, wants, has)]:
        raise PlanError("\n".join(absent))
    _refuse(f"view {view}, {misfit}" for view, pair in columns.items() for misfit in widths.misfits(*pair))


def column_names(schema: str) -> set[str]:
    """Return the names of a schema's columns, as Flink prints it."""
    return set(columns_of_text(schema))


def _refuse(complaints: Iterable[str]) -> None:
    if found := list(complaints):
        raise PlanError("numbers would be rounded or rows dropped silently:\n" + "\n".join(found))
