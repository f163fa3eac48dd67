"""A computation that would lose digits is found in the compiled plan."""

from typing import Any

import pytest
from footfall_analytics.planning.exact import losses

Json = dict[str, Any]
OUTPUT = "ROW<`currency` VARCHAR(3), `revenue` DECIMAL(38, 6)>"


def value(type_: object) -> Json:
    return {"kind": "INPUT_REF", "inputIndex": 0, "type": type_}


def call(name: str, result: str, *operands: object) -> Json:
    return {
        "kind": "CALL",
        "internalName": f"${name}$1",
        "operands": [value(type_) for type_ in operands],
        "type": result,
    }


def aggregate(name: str, result: str, column: str = "units") -> Json:
    return {"name": column, "internalName": f"${name}$1", "argList": [0], "filterArg": -1, "type": result}


def plan(*, output: object = OUTPUT, views: tuple[str, ...] = ("sales",), **node: object) -> Json:
    """A plan of one node that computes, read by the sinks of views."""
    sinks = [
        {
            "id": number,
            "type": "stream-exec-sink_2",
            "dynamicTableSink": {"table": {"identifier": f"`c`.`d`.`{view}_sink`"}},
        }
        for number, view in enumerate(views, 2)
    ]
    computes = {"id": 1, "type": "stream-exec-calc_1", "outputType": output} | node
    return {"nodes": [computes, *sinks], "edges": [{"source": 1, "target": sink["id"]} for sink in sinks]}


def found(computation: Json) -> list[str]:
    return [loss.what for loss in losses(plan(projection=[value("VARCHAR(3)"), computation]))]


@pytest.mark.parametrize(
    "computation",
    [
        call("*", "DECIMAL(23, 2) NOT NULL", "DECIMAL(12, 2) NOT NULL", "INT NOT NULL"),
        call("*", "DECIMAL(38, 6)", "DECIMAL(32, 2)", "DECIMAL(5, 4)"),
        call("*", "BIGINT", "INT", "BIGINT"),
        call("*", "DOUBLE", "DOUBLE", "DECIMAL(38, 6)"),
        call("-", "DECIMAL(38, 6)", "DECIMAL(38, 6)", "DECIMAL(38, 6)"),
        call("+", "DECIMAL(13, 2)", "DECIMAL(12, 2)", "DECIMAL(12, 2)"),
        call("+", "INT NOT NULL", "INT NOT NULL", "INT NOT NULL"),
        call("-", "TIMESTAMP(3) NOT NULL", "TIMESTAMP(3) NOT NULL", "INTERVAL SECOND(6) NOT NULL"),
        call("/", "DECIMAL(25, 13)", "DECIMAL(12, 2)", "INT"),
        call("CAST", "DECIMAL(38, 6)", "DECIMAL(29, 6) NOT NULL"),
        call("CAST", "DOUBLE", "DECIMAL(38, 6)"),
        call("CAST", "INT", "BIGINT"),
        call("CAST", "DECIMAL(16, 6)", {"type": "TIMESTAMP_WITHOUT_TIME_ZONE", "kind": "ROWTIME"}),
        call("CASE", "DECIMAL(29, 6)", "BOOLEAN", "DECIMAL(29, 6)", "INT NOT NULL"),
        call("COALESCE", "DECIMAL(12, 2) NOT NULL", "DECIMAL(12, 2)", "DECIMAL(1, 0) NOT NULL"),
        call("ROUND", "DECIMAL(13, 1)", "DECIMAL(38, 6)", "INT"),
    ],
)
def test_what_holds_its_result_passes(computation: Json) -> None:
    assert found(computation) == []


@pytest.mark.parametrize(
    ("computation", "complaint"),
    [
        (
            call("*", "DECIMAL(38, 9)", "DECIMAL(38, 10)", "DECIMAL(5, 4)"),
            "DECIMAL(5, 4) needs 29 digits before the point and 14 after it, and Flink makes it DECIMAL(38, 9)",
        ),
        (call("*", "DECIMAL(38, 6)", "DECIMAL(34, 2)", "DECIMAL(5, 4)"), "needs 33 digits"),
        (
            call("-", "DECIMAL(38, 6)", "DECIMAL(38, 2)", "DECIMAL(38, 6)"),
            "DECIMAL(38, 2) - DECIMAL(38, 6) needs 36 digits",
        ),
        (call("+", "DECIMAL(38, 9)", "DECIMAL(38, 10)", "DECIMAL(38, 9)"), "10 after it"),
        (
            call("/", "DECIMAL(38, 6)", "DECIMAL(38, 6)", "DECIMAL(38, 6)"),
            "DECIMAL(38, 6) / DECIMAL(38, 6) needs 38 digits",
        ),
        (call("*", "INT NOT NULL", "INT NOT NULL", "INT"), "* of INT begins again below zero"),
        (
            call("CAST", "DECIMAL(5, 4)", "DECIMAL(15, 4) NOT NULL"),
            "DECIMAL(15, 4) becomes DECIMAL(5, 4), which has not 11",
        ),
        (call("TRY_CAST", "DECIMAL(12, 2)", "DECIMAL(12, 4)"), "becomes DECIMAL(12, 2)"),
        (call("CAST", "BIGINT", "DECIMAL(38, 6)"), "DECIMAL(38, 6) becomes BIGINT"),
        (call("CASE", "DECIMAL(38, 6)", "BOOLEAN", "DECIMAL(38, 2)", "DECIMAL(38, 6)"), "DECIMAL(38, 2) becomes"),
        (call("COALESCE", "DECIMAL(38, 9)", "DECIMAL(38, 10)", "DECIMAL(38, 9)"), "DECIMAL(38, 10) becomes"),
    ],
)
def test_what_is_cut_is_found(computation: Json, complaint: str) -> None:
    (what,) = found(computation)

    assert complaint in what


def test_what_is_computed_of_a_result_that_is_cut_is_looked_into() -> None:
    cut = call("*", "INT", "INT", "INT")

    assert len(found({"kind": "CALL", "internalName": "$ABS$1", "operands": [cut], "type": "INT"})) == 1


@pytest.mark.parametrize(
    "node",
    [
        {"aggCalls": [aggregate("SUM", "INT")]},
        {"over": {"groups": [{"aggCalls": [aggregate("$SUM0", "INT NOT NULL")]}]}},
    ],
)
def test_a_sum_of_int_is_found_wherever_it_stands(node: Json) -> None:
    (loss,) = losses(plan(**node))

    assert (loss.column, loss.what) == ("units", "SUM of INT begins again below zero")


@pytest.mark.parametrize(
    ("name", "result"), [("SUM", "BIGINT"), ("SUM", "DECIMAL(38, 6)"), ("COUNT", "BIGINT NOT NULL"), ("MAX", "INT")]
)
def test_other_aggregates_pass(name: str, result: str) -> None:
    assert losses(plan(aggCalls=[aggregate(name, result)])) == []


@pytest.mark.parametrize("output", [OUTPUT, {"type": "ROW", "fields": [{"name": "currency"}, {"name": "revenue"}]}])
def test_a_loss_names_every_view_that_depends_on_it_and_its_column(output: object) -> None:
    cut = call("*", "DECIMAL(38, 9)", "DECIMAL(38, 10)", "DECIMAL(5, 4)")

    (loss,) = losses(plan(output=output, views=("sales", "buyers"), projection=[value("VARCHAR(3)"), cut]))

    assert str(loss).startswith("buyers, sales, column revenue: DECIMAL(38, 10) * DECIMAL(5, 4) needs")
    assert "CAST the operands" in str(loss)


def test_a_condition_has_no_column_nor_has_what_flink_has_named_itself() -> None:
    cut = call("*", "INT", "INT", "INT")

    where = losses(plan(condition=cut))
    over = losses(plan(aggCalls=[aggregate("SUM", "INT", column="w0$o0")]))

    assert [loss.column for loss in (*where, *over)] == ["", ""]
    assert str(where[0]).startswith("sales: * of INT")


def test_the_two_halves_of_an_aggregate_are_one_loss() -> None:
    both = plan(aggCalls=[aggregate("SUM", "INT")])
    both["nodes"].insert(0, both["nodes"][0] | {"id": 9})
    both["edges"].append({"source": 9, "target": 1})

    assert len(losses(both)) == 1
