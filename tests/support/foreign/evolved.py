"""Readers that are none of ours yet: what aliases, defaults and wider types of a reader's schema mean."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from footfall_schemas.topics import Json

from support.foreign.case import Table, decimal, logical

SIZE = {"type": "enum", "name": "Size", "symbols": ["small", "big", "unknown"], "default": "unknown"}
STRICT = {"type": "enum", "name": "Strict", "symbols": ["small", "big"]}
PART = {
    "type": "record",
    "name": "Part",
    "fields": [{"name": "id", "type": "string"}, {"name": "share", "type": "double"}],
}


def add(table: Table) -> None:
    """Add the cases."""
    for name, given, wanted, written, outcome in _PAIRS:
        reader = (
            wanted
            if isinstance(wanted, dict) and "name" in wanted and "aliases" in wanted
            else {"name": "f", "type": wanted}
        )
        table.add(
            f"evolved-{name}",
            "clickstream",
            {},
            outcome if isinstance(outcome, str) else outcome[0],
            schema=_record([{"name": "f", "type": given}]),
            record={"f": written},
            reader=_record([reader]),
            live=False,
        )
    defaults: list[Json] = [
        {"name": "size", "type": SIZE, "default": "small"},
        {"name": "count", "type": "int", "default": 7},
        {"name": "total", "type": "long", "default": 8},
        {"name": "share", "type": "double", "default": 0.5},
        {"name": "open", "type": "boolean", "default": True},
        {"name": "price", "type": decimal(12, 2), "default": "\u0007Ï"},
        {"name": "moment", "type": logical("long", "timestamp-millis"), "default": 1000},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "text", "type": "string", "default": "none"},
    ]
    table.add(
        "evolved-defaults",
        "clickstream",
        {},
        {
            "f": "a",
            "size": "small",
            "count": 7,
            "total": 8,
            "share": 0.5,
            "open": True,
            "price": Decimal("19.99"),
            "moment": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
            "tags": [],
            "note": None,
            "text": "none",
        },
        schema=_record([{"name": "f", "type": "string"}]),
        record={"f": "a"},
        reader=_record([{"name": "f", "type": "string"}, *defaults]),
        live=False,
    )


def _record(fields: list[Json]) -> Json:
    return {"type": "record", "name": "Tried", "fields": fields}


def _array(items: Any) -> Json:
    return {"type": "array", "items": items}


_PAIRS: list[tuple[str, Any, Any, Any, Any]] = [
    ("int-to-long", "int", "long", 5, ({"f": 5},)),
    ("int-to-double", "int", "double", 5, ({"f": 5.0},)),
    ("long-to-double", "long", "double", (1 << 53) + 1, ({"f": float(1 << 53)},)),
    ("float-to-double", "float", "double", 0.1, ({"f": 0.10000000149011612},)),
    ("double-to-double", "double", "double", -2.5e-300, ({"f": -2.5e-300},)),
    ("double-to-long", "double", "long", 5.0, "f is double, which is no long"),
    ("long-to-int", "long", "int", -(1 << 31), ({"f": -(1 << 31)},)),
    ("boolean", "boolean", "boolean", True, ({"f": True},)),
    ("int-to-boolean", "int", "boolean", 1, "f is int, which is no boolean"),
    ("text-to-bytes", "string", "bytes", "é", ({"f": "é".encode()},)),
    ("bytes-to-text", "bytes", "string", "é".encode(), ({"f": "é"},)),
    ("bytes-that-are-no-text", "bytes", "string", b"\xff", "a string that is not UTF-8"),
    ("date", logical("int", "date"), logical("int", "date"), date(2024, 2, 29), ({"f": date(2024, 2, 29)},)),
    ("int-to-date", "int", logical("int", "date"), 19_782, ({"f": date(2024, 2, 29)},)),
    ("day-after-the-last", "int", logical("int", "date"), 2_932_897, "f is outside of the years 1 to 9999"),
    ("new-symbol-without-default", SIZE, STRICT, "unknown", "f is unknown, which is none of [small, big]"),
    ("new-text-without-default", "string", STRICT, "huge", "f is huge, which is none of [small, big]"),
    ("texts-of-an-array", _array(SIZE), _array("string"), ["big"], ({"f": ["big"]},)),
    ("optional-items", _array(["null", "string"]), _array("string"), ["a", None], "f is null"),
    (
        "records-of-an-array",
        _array(
            {
                "type": "record",
                "name": "P",
                "fields": [{"name": "share", "type": "int"}, {"name": "id", "type": "string"}],
            }
        ),
        _array(PART),
        [{"share": 1, "id": "a"}, {"share": 2, "id": "b"}],
        ({"f": [{"id": "a", "share": 1.0}, {"id": "b", "share": 2.0}]},),
    ),
    (
        "record-without-a-field",
        {"type": "record", "name": "P", "fields": [{"name": "id", "type": "string"}]},
        PART,
        {"id": "a"},
        "schema P has no field share",
    ),
    ("aliased", "string", {"name": "g", "type": "string", "aliases": ["f"]}, "a", ({"g": "a"},)),
    ("map", {"type": "map", "values": "string"}, "string", {"a": "b"}, "f is map, which is no string"),
    ("array-to-text", _array("string"), "string", ["a"], "f is array, which is no string"),
]
