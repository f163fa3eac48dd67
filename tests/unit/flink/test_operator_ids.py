"""Operators keep their numbers, and with them their state, when views come, go and change."""

from typing import Any

import pytest
from footfall_analytics.planning.compiled_plan import with_state_of
from footfall_analytics.planning.operator_ids import forgotten, with_stable_numbers
from footfall_analytics.planning.sqltext import PlanError

Plan = dict[str, Any]


class Builder:
    """Makes plans as COMPILE PLAN does: nodes counted in the order in which they are made."""

    def __init__(self, first: int = 1) -> None:
        self.nodes: list[Plan] = []
        self.edges: list[Plan] = []
        self._first = first

    def add(self, kind: str, *inputs: int, **more: Any) -> int:
        number = self._first + len(self.nodes)
        self.nodes.append(
            {"id": number, "type": f"stream-exec-{kind}_1", "description": f"{kind} {number}", "outputType": "T"} | more
        )
        self.edges += [{"source": source, "target": number, "shuffle": "x"} for source in inputs]
        return number

    def scan(self, table: str, connector: str = "footfall-kafka", **options: str) -> int:
        resolved = {"options": {"connector": connector} | options}
        return self.add(
            "table-source-scan", scanTableSource={"table": {"identifier": table, "resolvedTable": resolved}}
        )

    def aggregate(self, source: int, by: str, *, where: str = "") -> int:
        return self.add("group-aggregate", self.add("calc", source, where=where), grouping=by)

    def sink(self, source: int, table: str) -> int:
        return self.add("sink", source, dynamicTableSink={"table": {"identifier": f"`c`.`d`.`{table}_sink`"}})

    def plan(self) -> Plan:
        return {"flinkVersion": "2.3", "nodes": self.nodes, "edges": self.edges}


def shop(*views: str, first: int = 1, filters: dict[str, str] | None = None, **options: str) -> Plan:
    """Return a plan in which each view is an aggregate by the letter it is called."""
    build = Builder(first)
    events = build.scan("events", **options)
    for view in views:
        build.sink(build.aggregate(events, view, where=(filters or {}).get(view, "")), view)
    return build.plan()


def numbers(plan: Plan) -> dict[str, int]:
    """Return the numbers of scans, aggregates and sinks by what they are."""
    found = {}
    for node in plan["nodes"]:
        what = node.get("grouping") or str(node.get("scanTableSource") or node.get("dynamicTableSink") or "")
        if what:
            found[what] = node["id"]
    return found


def test_one_more_view_leaves_the_others_their_numbers() -> None:
    before = with_stable_numbers(shop("b", "c"), None)

    after = with_stable_numbers(shop("a", "b", "c", "d", first=40), before)

    assert numbers(before).items() <= numbers(after).items()
    assert forgotten(after, before) == {}
    assert len({node["id"] for node in after["nodes"]}) == len(after["nodes"])


def test_edges_follow_their_nodes() -> None:
    plan = shop("a")

    renamed = with_stable_numbers(plan, None)

    new = {old["id"]: node["id"] for old, node in zip(plan["nodes"], renamed["nodes"], strict=True)}
    assert [(edge["source"], edge["target"]) for edge in renamed["edges"]] == [
        (new[edge["source"]], new[edge["target"]]) for edge in plan["edges"]
    ]


def test_the_same_plan_has_the_same_numbers_without_one_before() -> None:
    assert with_stable_numbers(shop("a", "b"), None)["nodes"] == with_stable_numbers(shop("a", "b"), None)["nodes"]


def test_settings_of_a_table_do_not_matter() -> None:
    before = with_stable_numbers(shop("a", broker="one:9092"), None)

    after = with_stable_numbers(shop("a", broker="two:9092"), before)

    assert [node["id"] for node in after["nodes"]] == [node["id"] for node in before["nodes"]]


def test_a_plan_that_was_numbered_otherwise_is_followed() -> None:
    before = shop("a", "b", first=7)

    after = with_stable_numbers(shop("b", "a"), before)

    assert numbers(after)["a"] == numbers(before)["a"]
    assert numbers(after)["b"] == numbers(before)["b"]


def test_a_changed_filter_leaves_an_aggregate_its_state() -> None:
    before = with_stable_numbers(shop("a", "b"), None)

    after = with_stable_numbers(shop("a", "b", filters={"a": "paid"}), before)

    assert numbers(after)["a"] == numbers(before)["a"]


def test_a_new_view_never_takes_over_the_state_of_one_that_is_gone() -> None:
    build = Builder()
    build.sink(build.aggregate(build.scan("events"), "same"), "gone")
    before = with_stable_numbers(build.plan(), None)
    build = Builder()
    build.sink(build.aggregate(build.scan("events"), "same", where="other"), "new")

    after = with_stable_numbers(build.plan(), before)

    assert numbers(after)["same"] != numbers(before)["same"]


def joined(*views: str) -> Plan:
    """Return a plan in which each view joins the events with versions of products in its own way."""
    build = Builder()
    events, products = build.scan("events"), build.scan("products", "footfall-upsert-kafka")
    for view in views:
        versions = build.add("exchange", build.add("calc", products, columns=view))
        build.sink(build.add("temporal-join", events, versions, joinSpec=view), view)
    return build.plan()


def scan_number(plan: Plan, table: str) -> int:
    scans = [node for node in plan["nodes"] if "scanTableSource" in node]
    number: int = next(node["id"] for node in scans if node["scanTableSource"]["table"]["identifier"] == table)
    return number


def test_versions_are_read_anew_for_a_join_that_does_not_know_them() -> None:
    before = with_stable_numbers(joined("a"), None)

    same, more = with_stable_numbers(joined("a"), before), with_stable_numbers(joined("a", "b"), before)

    assert scan_number(same, "products") == scan_number(before, "products")
    assert scan_number(more, "products") != scan_number(before, "products")
    assert scan_number(more, "events") == scan_number(before, "events")
    assert with_state_of(joined("a", "b"), before, forget=False)[1]


def test_state_of_a_view_that_is_gone_is_left_behind() -> None:
    before = with_stable_numbers(shop("a", "b"), None)

    plan, leaves_state = with_state_of(shop("a"), before, forget=False)

    assert leaves_state
    assert numbers(plan).items() <= numbers(before).items()


def test_nothing_is_left_behind_when_nothing_changes() -> None:
    assert not with_state_of(shop("a"), with_stable_numbers(shop("a"), None), forget=False)[1]
    assert not with_state_of(shop("a"), None, forget=False)[1]


def test_a_view_that_would_lose_its_state_is_refused_unless_that_is_wanted() -> None:
    before = with_stable_numbers(shop("a", "b"), None)
    build = Builder()
    events = build.scan("events")
    build.sink(build.aggregate(events, "other"), "a")
    build.sink(build.aggregate(events, "b"), "b")

    with pytest.raises(PlanError, match=r"\(a: group-aggregate .*ANALYTICS_ALLOW_NON_RESTORED_STATE=true"):
        with_state_of(build.plan(), before, forget=False)
    assert with_state_of(build.plan(), before, forget=True)[1]
