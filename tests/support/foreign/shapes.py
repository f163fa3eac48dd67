"""Records of other shapes: other names and orders, fields that are missing or added, optional ones and required ones."""

import json

from footfall_schemas.topics import topic

from support.events import checkout, click, inventory_update
from support.foreign.case import Referenced, Table, extended, renamed, retyped, without

CLICK = topic("clickstream").schema
CHECKOUT = topic("checkouts").schema
INVENTORY_UPDATE = topic("inventory-updates").schema
ACTIONS = ["page_view", "product_view", "share", "product_click", "impression"]
OPTIONALS = ("session_id", "page", "category_id", "channel", "user_agent", "recommendation_id")


def add(table: Table) -> None:
    """Add the cases."""
    _names(table)
    _missing(table)
    _optional(table)
    _symbols(table)
    _references(table)


def _names(table: Table) -> None:
    table.click("as-our-own", {})
    table.click("in-another-order", {}, schema=CLICK | {"fields": CLICK["fields"][::-1]})
    table.click("in-another-namespace", {}, schema=CLICK | {"namespace": "com.acme"})
    table.click("by-another-name", {}, schema=CLICK | {"name": "ShopEvent", "namespace": "com.acme"})
    table.checkout("by-another-name-too", {}, schema=CHECKOUT | {"name": "ShopEvent", "namespace": "com.acme"})
    table.inventory_update("by-no-namespace", {}, schema=INVENTORY_UPDATE | {"namespace": ""})
    table.click(
        "by-no-known-name",
        "schema footfall.events.Anything has no field user_id",
        schema=_neither(),
        record={"checkout_id": "both"},
    )
    stray = checkout("stray", table.now), inventory_update("stray", table.now, 3), click("stray", table.now)
    table.click("checkout-among-clicks", "has no field event_id", schema=CHECKOUT, record=stray[0])
    table.click("update-among-clicks", "has no field event_id", schema=INVENTORY_UPDATE, record=stray[1])
    table.checkout("click-among-checkouts", "has no field checkout_id", schema=CLICK, record=stray[2])
    table.inventory_update("click-among-inventory_updates", "has no field update_id", schema=CLICK, record=stray[2])
    aliased = renamed(CLICK, user_id="customer", event_time="occurred_at")
    table.click(
        "renamed-with-alias",
        {},
        schema=aliased,
        record={"customer": "u-renamed-with-alias", "occurred_at": table.now},
    )
    table.checkout("no-key", {}, has_key=False)
    table.click("no-key-either", {}, has_key=False)
    more = {
        "tags": {"type": "array", "items": "string"},
        "labels": {"type": "map", "values": ["null", "long"]},
        "seen": {"type": "record", "name": "Seen", "fields": [{"name": "ms", "type": "double"}]},
        "digest": {"type": "fixed", "name": "Digest", "size": 4},
        "flags": ["null", "boolean", "float"],
        "day": {"type": "int", "logicalType": "date"},
    }
    added = {
        "tags": ["a", "b"],
        "labels": {"x": 1},
        "seen": {"ms": 1.5},
        "digest": b"abcd",
        "flags": True,
        "day": 20_000,
    }
    table.click("more-fields", {}, schema=extended(CLICK, **more), record=added)


def _neither() -> dict[str, object]:
    fields = {field["name"]: field for field in (*CLICK["fields"], *CHECKOUT["fields"])}
    return CLICK | {"name": "Anything", "fields": [fields["event_id"], fields["checkout_id"], fields["event_time"]]}


def _missing(table: Table) -> None:
    nothing = dict.fromkeys(OPTIONALS)
    table.click("optional-fields-missing", nothing, schema=without(CLICK, *OPTIONALS))
    table.click("user-missing", "has no field user_id", schema=without(CLICK, "user_id"))
    table.checkout("quantity-missing", "has no field quantity", schema=without(CHECKOUT, "quantity"))
    table.checkout("currency-missing", "has no field currency", schema=without(CHECKOUT, "currency"))
    table.checkout("method-missing", "has no field payment_method", schema=without(CHECKOUT, "payment_method"))
    table.checkout("price-missing", {"unit_price": None}, schema=without(CHECKOUT, "unit_price"))
    table.inventory_update("change-missing", "has no field change", schema=without(INVENTORY_UPDATE, "change"))


def _optional(table: Table) -> None:
    nullable = retyped(CLICK, user_id=["null", "string"], event_time=["null", _millis()])
    table.click("required-made-optional", {}, schema=nullable)
    table.click("required-is-null", "user_id is null", schema=nullable, record={"user_id": None})
    table.click("time-is-null", "event_time is null", schema=nullable, record={"event_time": None})
    table.click("optional-made-required", {}, schema=retyped(CLICK, channel="string", category_id="string"))
    table.click("always-null", {"channel": None}, schema=retyped(CLICK, channel="null"), record={"channel": None})
    table.click("required-always-null", "source is null", schema=retyped(CLICK, source="null"), record={"source": None})
    table.click("null-last", {}, schema=retyped(CLICK, channel=["string", "null"]))
    wide = retyped(CLICK, product_id=["null", "long", "string"])
    table.click("one-branch-fits", {}, schema=wide)
    table.click("other-branch-does-not", "product_id is long", schema=wide, record={"product_id": 7})
    table.click(
        "no-branch-fits", "product_id is long", schema=retyped(CLICK, product_id=["long"]), record={"product_id": 7}
    )
    status = retyped(CHECKOUT, payment_method=["null", "string"])
    table.checkout("unread-field-is-null", "payment_method is null", schema=status, record={"payment_method": None})


def _millis() -> dict[str, str]:
    return {"type": "long", "logicalType": "timestamp-millis"}


def _symbols(table: Table) -> None:
    newer = retyped(CLICK, action=_enum(ACTIONS))
    table.click("newer-symbol", {"action": "unknown"}, schema=newer, record={"action": "share"})
    table.click(
        "symbols-in-another-order", {"action": "product_click"}, schema=newer, record={"action": "product_click"}
    )
    table.click("impression", {"action": "impression"}, schema=newer, record={"action": "impression"})
    as_text = retyped(CLICK, action="string", source="string")
    table.click("enums-as-text", {}, schema=as_text)
    table.click("impression-as-text", {"action": "impression"}, schema=as_text, record={"action": "impression"})
    table.click(
        "newer-symbols-as-text",
        {"action": "unknown", "source": "unknown"},
        schema=as_text,
        record={"action": "share", "source": "kiosk"},
    )
    table.click("enum-as-bytes", {}, schema=retyped(CLICK, action="bytes"), record={"action": b"product_view"})
    table.click(
        "enum-as-int", "action is int, which is no enum", schema=retyped(CLICK, action="int"), record={"action": 1}
    )
    table.click("text-as-enum", {}, schema=retyped(CLICK, channel=_enum(["email", "social"])))
    status = retyped(CHECKOUT, payment_status=_enum(["succeeded", "failed", "refunded"]))
    table.checkout("newer-status", {"payment_status": "unknown"}, schema=status, record={"payment_status": "refunded"})
    table.inventory_update(
        "newer-reason",
        {"reason": "unknown"},
        schema=retyped(INVENTORY_UPDATE, reason="string"),
        record={"reason": "theft"},
    )
    fewer, more = (retyped(CLICK, channel=_enum(symbols)) for symbols in (["a"], ["a", "b"]))
    table.click("symbol-beyond-the-last", "enum symbol 1 of 1", schema=fewer, like=more, record={"channel": "b"})


def _enum(symbols: list[str]) -> dict[str, object]:
    return {"type": "enum", "name": "Theirs", "symbols": symbols}


def _references(table: Table) -> None:
    source = Referenced(
        "acme-source",
        '{"type":"enum","name":"Where","namespace":"acme","symbols":["website","web"]}',
        name="acme.Where",
    )
    table.click(
        "reference",
        {},
        schema=json.dumps(retyped(CLICK, source="acme.Where")),
        references=(source,),
        like=retyped(CLICK, source=_enum(["website", "web"])),
    )
    place = Referenced(
        "acme-place",
        '{"type":"record","name":"Place","namespace":"acme","fields":[{"name":"where","type":"Where"}]}',
        (source,),
        name="acme.Place",
    )
    table.click(
        "reference-of-a-reference",
        {},
        schema=json.dumps(extended(CLICK, place="acme.Place")),
        references=(place,),
        like=CLICK,
        tail=b"\x00",
    )
    gone = Referenced("acme-gone", "", name="acme.Gone", is_there=False)
    table.click(
        "reference-that-is-gone",
        "referenced schema acme-gone version 1 is not in the registry",
        schema=json.dumps(retyped(CLICK, source="acme.Gone")),
        references=(gone,),
        body=b"\x02a",
        live=False,
    )
    proto = Referenced("acme-proto", 'syntax = "proto3";', name="acme.Proto")
    table.click(
        "reference-that-is-no-schema",
        "is no Avro schema",
        schema=json.dumps(retyped(CLICK, source="acme.Proto")),
        references=(proto,),
        body=b"\x02a",
        live=False,
    )
