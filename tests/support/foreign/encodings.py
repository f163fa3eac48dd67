"""What is no message at all, or costs more than it is worth: wire format, kinds of schemas, recursion, endless lists."""

import json

from footfall_schemas.topics import topic

from support.foreign.case import Table, encoded, extended, retyped

CLICK = topic("clickstream").schema
CHECKOUT = topic("checkouts").schema
NODE = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "label", "type": "string"}, {"name": "next", "type": ["null", "Node"], "default": None}],
}
ENDLESS = {"type": "record", "name": "Endless", "fields": [{"name": "again", "type": "Endless"}]}
DEEP, WIDE = 2_000, 40


def add(table: Table) -> None:
    """Add the cases."""
    _wire(table)
    _kinds(table)
    _recursion(table)
    _costs(table)
    _schemas(table)


def _wire(table: Table) -> None:
    body = encoded(
        CLICK, {"event_id": "a", "event_time": table.now, "user_id": "u", "action": "page_view", "source": "website"}
    )
    whole = {
        "tombstone": (None, "no value (a tombstone)"),
        "nothing-in-it": (b"", "0 bytes are too short"),
        "header-alone": (b"\0\0\0\0\1", "5 bytes are too short"),
        "json-text": (b'{"event_id": "a"}', "magic byte is 123, not 0"),
        "another-magic-byte": (b"\1\0\0\0\1" + body, "magic byte is 1, not 0"),
        "id-beyond-31-bits": (b"\0\xff\xff\xff\xff" + body, "schema id 4294967295 is not in the registry"),
        "oversized-noise": (b"\xff" * 900_000, "magic byte is 255, not 0"),
    }
    for name, (message, reason) in whole.items():
        table.click(name, reason, message=(message,))
    table.click("unknown-id", "is not in the registry", message=(b"\0\x70\0\0\0" + body,), registered=False)
    table.checkout("tombstone-with-a-key", "no value (a tombstone)", message=(None,))
    table.click("bytes-left-over", "2 bytes after the record", body=body + b"ab")
    table.click("cut-short", "the message ends within a value", body=body[:-1])
    table.click("not-utf-8", "a string that is not UTF-8", body=b"\x04\xc3\x28" + body[2:])
    table.click("length-beyond-the-end", "a length of 4294967295", body=b"\xfe\xff\xff\xff\x1f" + body)
    table.click("number-beyond-64-bits", "longer than 64 bits", body=b"\x80" * 9 + b"\x02" + body)


def _kinds(table: Table) -> None:
    document = {"type": "object", "properties": {"event_id": {"type": "string"}}}
    table.click(
        "json-schema", "is of type JSON, not AVRO", schema=json.dumps(document), kind="JSON", body=b'{"event_id":"a"}'
    )
    proto = 'syntax = "proto3";\npackage acme;\nmessage Click {\n  string event_id = 1;\n}\n'
    table.click("protobuf", "is of type PROTOBUF, not AVRO", schema=proto, kind="PROTOBUF", body=b"\x00\x0a\x01a")
    table.click("text-alone", "its schema is of type string, not record", schema='"string"', body=b"\x02a")
    table.click(
        "enum-alone",
        "its schema is of type enum, not record",
        schema='{"type":"enum","name":"E","symbols":["a"]}',
        body=b"\x00",
    )
    table.click("union-alone", "its schema is of type union, not record", schema='["null","string"]', body=b"\x00a")


def _recursion(table: Table) -> None:
    linked = extended(CLICK, origin=["null", NODE])
    table.click("recursive-extra", {}, schema=linked, record={"origin": {"label": "a", "next": {"label": "b"}}})
    still = b"\x02" + b"\x02a\x02" * 99 + b"\x02a\x00"
    table.click("recursive-and-not-too-deep", {}, schema=linked, like=CLICK, tail=still)
    deep = b"\x02" + b"\x02a\x02" * DEEP
    table.click("recursive-and-deep", "records nested deeper than 100", schema=linked, like=CLICK, tail=deep)
    endless = json.dumps(extended(CLICK, origin=ENDLESS))
    table.click("recursive-for-ever", "records nested deeper than 100", schema=endless, like=CLICK)
    table.click(
        "recursive-column",
        "product_id is record, which is no string",
        schema=json.dumps(retyped(CLICK, product_id=NODE)),
        body=b"\x02a",
    )
    tree = {
        "type": "record",
        "name": "Tree",
        "fields": [
            {"name": "children", "type": {"type": "array", "items": "Tree"}},
            {"name": "named", "type": {"type": "map", "values": ["null", "Tree"]}},
        ],
    }
    leaf: dict[str, object] = {"children": [], "named": {}}
    table.click(
        "tree",
        {},
        schema=extended(CLICK, tree=tree),
        record={"tree": {"children": [leaf, leaf], "named": {"a": leaf}}},
        live=False,
    )


def _costs(table: Table) -> None:
    nulls = extended(CLICK, nulls={"type": "array", "items": "null"})
    table.click(
        "endless-list",
        "more than 100000 items",
        schema=nulls,
        like=CLICK,
        tail=b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00",
    )
    lists = extended(CLICK, lists={"type": "array", "items": {"type": "array", "items": "null"}})
    many = b"\x50" + b"\xa0\x8d\x06\x00" * 40 + b"\x00"
    table.click("lists-of-lists", "more than 100000 items", schema=lists, like=CLICK, tail=many)
    doubling: object = {"type": "record", "name": f"D{WIDE}", "fields": []}
    for level in range(WIDE - 1, -1, -1):
        fields = [{"name": "a", "type": doubling}, {"name": "b", "type": f"D{level + 1}"}]
        doubling = {"type": "record", "name": f"D{level}", "fields": fields}
    table.click(
        "records-without-bytes", "more than 100000 items", schema=json.dumps(extended(CLICK, d=doubling)), like=CLICK
    )
    nested: object = "string"
    for _ in range(150):
        nested = {"type": "array", "items": nested}
    table.click(
        "nested-schema",
        "a schema nested deeper than 100",
        schema=json.dumps(extended(CLICK, nested=nested)),
        like=CLICK,
        tail=b"\x00",
    )


def _schemas(table: Table) -> None:
    """Add what a registry should have refused, and some do not."""
    twice = {"type": "record", "name": "Click", "namespace": "footfall.events", "fields": []}
    broken: dict[str, object] = {
        "no-schema": "{",
        "no-schema-but-json": '{"no": "type"}',
        "undefined-type": retyped(CLICK, source="acme.Nowhere"),
        "type-defined-twice": extended(CLICK, again=twice),
        "field-defined-twice": CLICK | {"fields": [*CLICK["fields"], CLICK["fields"][0]]},
        "symbols-twice": retyped(CLICK, source={"type": "enum", "name": "S", "symbols": ["a", "a"]}),
        "default-that-is-no-symbol": retyped(
            CLICK, source={"type": "enum", "name": "S", "symbols": ["a"], "default": "b"}
        ),
        "union-in-a-union": retyped(CLICK, source=["null", ["string"]]),
        "branch-twice": retyped(CLICK, source=["string", "string"]),
        "fixed-without-size": extended(CLICK, digest={"type": "fixed", "name": "F"}),
        "fixed-of-less-than-nothing": extended(CLICK, digest={"type": "fixed", "name": "F", "size": -1}),
        "aliases-that-are-none": CLICK | {"fields": [CLICK["fields"][0] | {"aliases": 5}, *CLICK["fields"][1:]]},
        "type-of-a-type": retyped(CLICK, source={"type": {"type": "string"}}),
        "record-without-fields": {"type": "record", "name": "Click"},
    }
    for name, schema in broken.items():
        table.click(
            name,
            "is no Avro schema",
            schema=schema if isinstance(schema, str) else json.dumps(schema),
            body=b"\x02a" * 8,
            live=False,
        )
    inner = {"type": "enum", "name": "Own", "namespace": None, "symbols": ["website"]}
    named = retyped(CLICK, source=inner, channel=["null", "footfall.events.Own"])
    own = retyped(CLICK, source={"type": "enum", "name": "Own", "symbols": ["website"]}, channel=["null", "Own"])
    table.click(
        "namespace-null",
        {"channel": "website"},
        schema=json.dumps(named),
        like=own,
        record={"channel": "website"},
        live=False,
    )
    odd = {"name": "user-agent", "type": "string", "default": 7}
    schema = json.dumps(CLICK | {"fields": [*CLICK["fields"], odd]})
    table.click("odd-name-and-default", {}, schema=schema, like=CLICK, tail=b"\x02a", live=False)
