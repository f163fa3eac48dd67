"""One input of a foreign producer: what it is, and what every reader must make of it. Pure."""

import copy
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastavro
from footfall_schemas.codec import header
from footfall_schemas.topics import Json, topic

from support.events import checkout, click, inventory_update, refund
from support.oracle.rows import Row

BEGIN = datetime(2026, 1, 5, 10, tzinfo=UTC)
"""When the first case happens, unless somebody wants them at another time."""
APART = timedelta(minutes=2)
"""A case has a minute of its own, and what comes behind it the next."""


@dataclass(frozen=True)
class Referenced:
    """A schema registered under a subject of its own, as version 1."""

    subject: str
    text: str
    references: tuple["Referenced", ...] = ()
    name: str = ""
    """Of the type that is referred to."""
    is_there: bool = True


@dataclass(frozen=True)
class Case:
    """One message.

    `value` is the whole record as codec and format give it; without one, the message is a dead letter whose reason holds
    `reason`.
    """

    name: str
    topic: str
    text: str
    """The writer's schema as it is registered."""
    body: bytes
    value: Row | None
    reason: str = ""
    kind: str = "AVRO"
    references: tuple[Referenced, ...] = ()
    reader: Json | None = None
    """None is the topic's own."""
    message: tuple[bytes | None] | None = None
    """What is sent as it is, instead of a header and the body."""
    registered: bool = True
    """Whether the registry has the schema."""
    live: bool = True
    """Whether it goes through the live stack, too: a registry refuses some schemas, and some readers are none of ours."""
    has_key: bool = True

    def wire(self, schema_id: int) -> bytes | None:
        """Return the message as it lies in Kafka."""
        return self.message[0] if self.message else header(schema_id) + self.body

    @property
    def readers(self) -> dict[str, Json]:
        """Schemas of the Flink table that reads it, by topic: what shoppers do and get back is one table."""
        if self.reader is not None:
            return {self.topic: self.reader}
        shared = ("clickstream", "checkouts", "refunds")
        return {name: topic(name).reader for name in (shared if self.topic in shared else (self.topic,))}


@dataclass
class Table:
    """Cases in the order of their times."""

    begin: datetime = BEGIN
    cases: list[Case] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """When the next case happens."""
        return self.begin + APART * len(self.cases)

    def click(self, name: str, outcome: Row | str, **told: Any) -> None:
        """Add a click; see `add`."""
        own = {"user_id": f"u-{name}", "product_id": f"p-{name}", "category_id": "c-pans", "channel": "email"}
        self.add(name, "clickstream", click(name, self.now, **own), outcome, **told)

    def checkout(self, name: str, outcome: Row | str, **told: Any) -> None:
        """Add a checkout; see `add`."""
        own: Row = {"user_id": f"u-{name}", "product_id": f"p-{name}", "unit_price": Decimal("12.50")}
        self.add(name, "checkouts", checkout(name, self.now, **own), outcome, **told)

    def refund(self, name: str, outcome: Row | str, **told: Any) -> None:
        """Add a refund; see `add`."""
        own: Row = {"user_id": f"u-{name}", "product_id": f"p-{name}"}
        self.add(name, "refunds", refund(name, self.now, **own), outcome, **told)

    def inventory_update(self, name: str, outcome: Row | str, **told: Any) -> None:
        """Add a inventory update; see `add`."""
        own = {"product_id": f"p-{name}"}
        self.add(name, "inventory-updates", inventory_update(name, self.now, 3, **own), outcome, **told)

    def add(  # noqa: PLR0917
        self,
        name: str,
        to: str,
        own: Row,
        outcome: Row | str,
        schema: Any = None,
        record: Row | None = None,
        body: bytes | None = None,
        like: Any = None,
        tail: bytes = b"",
        **told: Any,
    ) -> None:
        """Add a case.

        Args:
            name: Of the case.
            to: Topic.
            own: The record as Footfall's own producer would have it.
            outcome: What the reader's record has otherwise than that, or why it is a dead letter.
            schema: Writer's schema; None is the topic's own.
            record: What the written record has otherwise.
            body: Encoded record, where it cannot be made of `record`.
            like: Schema that the record is encoded with, where it is another one than the registered.
            tail: Comes after the encoded record.
            told: Other fields of the case.
        """
        schema = topic(to).schema if schema is None else schema
        given = own | (record or {})
        self.cases.append(
            Case(
                name,
                to,
                schema if isinstance(schema, str) else json.dumps(without_docs(schema)),
                (encoded(like or schema, given) if body is None else body) + tail,
                None if isinstance(outcome, str) else own | outcome,
                outcome if isinstance(outcome, str) else "",
                **told,
            )
        )


def without_docs(schema: Any) -> Any:
    """Return the schema without what no program reads."""
    match schema:
        case dict():
            return {name: without_docs(value) for name, value in schema.items() if name != "doc"}
        case list():
            return [without_docs(item) for item in schema]
        case _:
            return schema


def encoded(schema: Any, record: Any) -> bytes:
    """Return a record's Avro body."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(copy.deepcopy(schema)), record)
    return out.getvalue()


def retyped(schema: Json, **types: Any) -> Json:
    """Return the schema with other types for some fields."""
    return schema | {
        "fields": [
            {"name": each["name"], "type": types[each["name"]]} if each["name"] in types else each
            for each in schema["fields"]
        ]
    }


def without(schema: Json, *names: str) -> Json:
    """Return the schema without some fields."""
    return schema | {"fields": [each for each in schema["fields"] if each["name"] not in names]}


def extended(schema: Json, **types: Any) -> Json:
    """Return the schema with fields added."""
    return schema | {"fields": [*schema["fields"], *({"name": name, "type": type_} for name, type_ in types.items())]}


def renamed(schema: Json, **names: str) -> Json:
    """Return the schema with fields called otherwise, their names kept as aliases."""
    return schema | {
        "fields": [
            each | {"name": names[each["name"]], "aliases": [each["name"]]} if each["name"] in names else each
            for each in schema["fields"]
        ]
    }


def decimal(precision: int, scale: int, **more: Any) -> Json:
    """Return a decimal's type; `size` makes it fixed."""
    kind = {"type": "fixed", "name": f"Fixed{more['size']}"} if "size" in more else {"type": "bytes"}
    return kind | {"logicalType": "decimal", "precision": precision, "scale": scale} | more


def logical(type_: str, meaning: str, **more: Any) -> Json:
    """Return a type with a meaning."""
    return {"type": type_, "logicalType": meaning} | more
