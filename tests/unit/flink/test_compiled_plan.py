"""The compiled plan is given lifetimes and bundles, and refused when it would read twice or grow for ever."""

import itertools

import pytest
from footfall_analytics.planning.compiled_plan import assert_read_once, with_bundled_aggregates, with_state_ttl
from footfall_analytics.planning.sqltext import PlanError

TEXT_TYPE = "ROW<`product_id` VARCHAR(2147483647), `views` BIGINT>"
OBJECT_TYPE = {"type": "ROW", "fields": [{"name": "event_id", "fieldType": "VARCHAR(2147483647)"}]}


def node(number: int, kind: str, **more: object) -> dict[str, object]:
    return {"id": number, "type": kind, "description": kind, "configuration": {"other": "kept"}, **more}


def plan(*nodes: dict[str, object]) -> dict[str, object]:
    ids = [item["id"] for item in nodes]
    return {"nodes": list(nodes), "edges": [{"source": a, "target": b} for a, b in itertools.pairwise(ids)]}


def scan(number: int, table: str) -> dict[str, object]:
    kind = "stream-exec-table-source-scan_2"
    return node(number, kind, outputType=TEXT_TYPE, scanTableSource={"table": {"identifier": table}})


@pytest.mark.parametrize(("input_type", "expected"), [(TEXT_TYPE, "28 days"), (OBJECT_TYPE, "10 min")])
def test_state_lives_as_long_as_its_key_column_says(input_type: object, expected: str) -> None:
    states = [{"index": 0, "ttl": "0 ms", "name": "a"}, {"index": 1, "ttl": "0 ms", "name": "b"}]
    stateful = node(2, "stream-exec-deduplicate_1", outputType=TEXT_TYPE, state=states)

    limited = with_state_ttl(
        plan(node(1, "exchange", outputType=input_type), stateful), {"product_id": "28 days", "event_id": "10 min"}
    )

    assert [state["ttl"] for state in limited["nodes"][1]["state"]] == [expected, expected]


def test_state_without_a_lifetime_is_refused() -> None:
    stateful = node(2, "stream-exec-rank_1", outputType=TEXT_TYPE, state=[{"index": 0, "ttl": "0 ms", "name": "a"}])

    with pytest.raises(PlanError, match="'product_id'"):
        with_state_ttl(plan(node(1, "exchange", outputType=TEXT_TYPE), stateful), {"event_id": "10 min"})


def test_updating_aggregates_and_nothing_else_take_bundles() -> None:
    before = plan(node(1, "stream-exec-group-aggregate_1"), node(2, "stream-exec-deduplicate_1"))

    after = with_bundled_aggregates(before)["nodes"]

    assert after[0]["configuration"]["table.exec.mini-batch.enabled"] == "true"
    assert after[0]["configuration"]["other"] == "kept"
    assert after[1] == before["nodes"][1]  # type: ignore[index]


def test_a_table_that_is_read_twice_is_named() -> None:
    with pytest.raises(PlanError, match=r"clicks \(2 times\)"):
        assert_read_once(plan(scan(1, "clicks"), scan(2, "products"), scan(3, "clicks")))

    assert_read_once(plan(scan(1, "clicks"), scan(2, "products")))
