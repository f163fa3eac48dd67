"""Flink's compiled plan: what its one set of options for the whole job cannot say, said per operator. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from footfall_schemas.topics import Json

from footfall_analytics.planning.operator_ids import forgotten, tables_of, with_stable_numbers
from footfall_analytics.planning.sqltext import PlanError

_FIRST_COLUMN = re.compile(r"ROW<`(\w+)`")
_BUNDLE = {"table.exec.mini-batch.enabled": "true", "table.exec.mini-batch.size": "20000"}


def with_state_ttl(plan: Json, ttl: Mapping[str, str]) -> Json:
    """Return the plan with a time-to-live on every state that would otherwise grow for ever.

    Flink has one option for all state of a job, which would also forget the dimensions. Each operator that keeps state by
    key is recognised by the first column of its input.

    Args:
        plan: What COMPILE PLAN wrote.
        ttl: Lifetime by key column, as Flink writes durations.

    Raises:
        PlanError: An operator keeps state by a column that has no lifetime here.
    """
    inputs = _inputs(plan)
    return {**plan, "nodes": [_limited(node, inputs, ttl) for node in plan["nodes"]]}


def with_bundled_aggregates(plan: Json) -> Json:
    """Return the plan with updating aggregates that take their input in bundles.

    A bundle ends with every watermark and checkpoint, so nothing waits longer than for those; one change per key and
    bundle goes on instead of one per input row. Flink's option for the whole job would also make every deduplication look
    as if it took rows back, which time-ordered operators refuse.
    """
    return {**plan, "nodes": [_bundled(node) for node in plan["nodes"]]}


def assert_read_once(plan: Json) -> None:
    """See that no table is read, and so decoded, more than once.

    Raises:
        PlanError: The planner did not share a source between sinks.
    """
    scans = Counter(
        node["scanTableSource"]["table"]["identifier"]
        for node in plan["nodes"]
        if node["type"].startswith("stream-exec-table-source-scan")
    )
    if repeated := [f"{table} ({count} times)" for table, count in scans.items() if count > 1]:
        raise PlanError(f"read more than once: {', '.join(repeated)}")


def with_state_of(plan: Json, before: Json | None, *, forget: bool) -> tuple[Json, bool]:
    """Return the plan numbered so that it takes over the state of the plan before, and whether some of it is left behind.

    State of views that are no longer published may be left behind.

    Args:
        plan: What COMPILE PLAN wrote.
        before: The plan that the state belongs to; None if there is none.
        forget: Leave behind state of views that have changed, too.

    Raises:
        PlanError: A view that is still published would lose its state.
    """
    plan = with_stable_numbers(plan, before)
    if before is None:
        return plan, False
    published = tables_of(plan)
    lost = {what: tables & published for what, tables in forgotten(plan, before).items()}
    changed = {what: tables for what, tables in lost.items() if tables}
    if changed and not forget:
        found = "; ".join(f"{', '.join(sorted(tables))}: {what[:200]}" for what, tables in changed.items())
        raise PlanError(
            f"the stored state no longer fits the SQL ({found}). Restore the SQL, or set "
            f"ANALYTICS_ALLOW_NON_RESTORED_STATE=true for one start: these views then start from scratch"
        )
    return plan, bool({node["id"] for node in before["nodes"]} - {node["id"] for node in plan["nodes"]})


def _limited(node: Json, inputs: Mapping[int, Json], ttl: Mapping[str, str]) -> Json:
    if not node.get("state"):
        return node
    key = _first_column(inputs[node["id"]]["outputType"])
    if key not in ttl:
        raise PlanError(
            f"{node['description'][:120]}: keeps state by {key!r}; give that column a lifetime in options.py"
        )
    return {**node, "state": [{**state, "ttl": ttl[key]} for state in node["state"]]}


def _bundled(node: Json) -> Json:
    if not node["type"].startswith("stream-exec-group-aggregate"):
        return node
    return {**node, "configuration": node["configuration"] | _BUNDLE}


def _inputs(plan: Json) -> dict[int, Json]:
    nodes = {node["id"]: node for node in plan["nodes"]}
    return {edge["target"]: nodes[edge["source"]] for edge in plan["edges"]}


def _first_column(output_type: Any) -> str:
    """Return a row type's first column; the plan writes the type as text, or as an object if it has a time attribute."""
    if isinstance(output_type, str):
        match = _FIRST_COLUMN.match(output_type)
        return match[1] if match else ""
    return str(output_type["fields"][0]["name"])
