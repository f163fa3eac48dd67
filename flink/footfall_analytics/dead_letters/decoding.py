"""What the bytes of a message say, as far as it goes, and whether Footfall would read them now."""

from dataclasses import dataclass
from datetime import datetime

from footfall_schemas import avro_types
from footfall_schemas.body import Body, EncodingError
from footfall_schemas.codec import HEADER, PoisonMessageError, decode, schema_id_of
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json, Topic
from footfall_schemas.whole import Whole


@dataclass(frozen=True)
class Decoded:
    """What could be read."""

    record: Json
    """Values by field: the topic's fields if all of it could be read, else those of the writer before the mistake."""
    schema_id: int | None = None
    problem: str = ""
    """Why it ends there; empty if the record is whole, whatever its values."""


def decoded(payload: bytes | None, registry: SchemaRegistry, described: Topic) -> Decoded:
    """Read a message without its fields' limits, as far as it goes.

    Raises:
        RegistryUnavailableError: The writer's schema could not be looked up.
    """
    schema_id = None
    try:
        schema_id = schema_id_of(payload)
        writer = registry.schema(schema_id)
        return Decoded(decode(payload or b"", writer, described.schema), schema_id)
    except PoisonMessageError as error:
        problem = str(error)
    if schema_id is None or payload is None:
        return Decoded({}, None, problem)
    try:
        return Decoded(_begun(payload, registry.schema(schema_id)), schema_id, problem)
    except PoisonMessageError:
        return Decoded({}, schema_id, problem)


def refusal(payload: bytes | None, registry: SchemaRegistry, described: Topic, latest: datetime | None = None) -> str:
    """Return why Footfall would not read these bytes; empty if it would.

    Args:
        payload: Value of a message.
        registry: Where the writer's schema is.
        described: The topic.
        latest: The latest `event_time` that is no mistake; None for any.

    Raises:
        RegistryUnavailableError: The writer's schema could not be looked up.
    """
    try:
        record = decode(payload or b"", registry.schema(schema_id_of(payload)), described.reader)
    except PoisonMessageError as error:
        return str(error)
    return ahead(record, latest)


def ahead(record: Json, latest: datetime | None) -> str:
    """Return that an event lies too far in the future, if it does."""
    time = record.get("event_time")
    return (
        f"event_time is {time:%Y-%m-%dT%H:%M:%SZ}, which lies in the future"
        if time and latest and time > latest
        else ""
    )


def _begun(payload: bytes, writer: Json) -> Json:
    """Return the writer's own fields up to the first that cannot be read."""
    body, record = Body(payload, HEADER.size), {}
    try:
        type_ = avro_types.parse(writer)
        for field in type_.fields:
            record[field.name] = Whole(meaningful=True).of(field.type, field.name)(body)
    except (EncodingError, avro_types.SchemaError, RecursionError):
        pass
    return record
