"""Decides, once per writer's and reader's schema, how a message is read as the reader's schema has it. Pure.

These are Avro's rules of resolution, with more patience where nothing can be misunderstood (text for an enum, a long that
fits an int, other scales and units) and less where something can (an int is no time and no money). Flink's format has the
same rules (flink/connector, `FieldReader`); tests/support/foreign is the table of cases both are held to.
"""

from decimal import Decimal
from typing import Any

from footfall_schemas import values
from footfall_schemas.avro_types import Field, Type
from footfall_schemas.body import Body, EncodingError
from footfall_schemas.limits import Limits
from footfall_schemas.values import Step
from footfall_schemas.whole import Whole, find


def resolve(writer: Type, reader: Type | None) -> Step:
    """Return what reads a record.

    Args:
        writer: What the message was written with.
        reader: What it is wanted as; None takes it as it was written.

    Raises:
        EncodingError: No record of the writer's can be one of the reader's; the message says why.
    """
    if writer.kind != "record":
        raise EncodingError(f"its schema is of type {writer}, not record")
    if reader is None:
        return Whole(meaningful=True).of(writer)
    return _record(writer, reader, Whole(meaningful=False))


def _record(writer: Type, reader: Type, whole: Whole) -> Step:
    read: dict[int, tuple[str | None, Step]] = {}
    defaults: dict[str, Any] = {}
    for field in reader.fields:
        defaults[field.name] = None
        if (place := find(writer.fields, field)) is not None:
            read[place] = field.name, _Resolver(field, whole).step(writer.fields[place].type, field.type)
        elif field.has_default:
            defaults[field.name] = default(field.type, field.default)
        else:
            raise EncodingError(f"schema {writer.name} has no field {field.name}")
    steps = [read.get(place) or (None, whole.of(field.type, field.name)) for place, field in enumerate(writer.fields)]

    if [name for name, _ in steps] == list(defaults):
        # Written as it is wanted, as nearly everything is.
        return lambda body: {key: value_of(body) for key, value_of in steps}
    # A list is everybody's own.
    lists = [name for name, value in defaults.items() if value == []]

    def step(body: Body) -> dict[str, Any]:
        record = defaults.copy()
        for each in lists:
            record[each] = []
        for name, value_of in steps:
            value = value_of(body)
            if name is not None:
                record[name] = value
        return record

    return step


class _Resolver:
    """Resolves one field of a reader's."""

    def __init__(self, field: Field, whole: Whole) -> None:
        self._name = field.name
        self._whole = whole
        self._limits = Limits(field)

    def step(self, writer: Type, reader: Type) -> Step:
        if writer.kind == "union":
            branches = [self._branch(branch, reader) for branch in writer.inner]
            return lambda body: branches[body.read_index(len(branches), "union branch")](body)
        wanted, nullable = _wanted(reader)
        if writer.kind == "null":
            if not nullable:
                raise EncodingError(f"{self._name} is null")
            return lambda _: None
        if (step := self._plain(writer, wanted)) is None:
            raise EncodingError(f"{self._name} is {writer}, which is no {wanted}")
        return step

    def _branch(self, branch: Type, reader: Type) -> Step:
        """A branch that does not fit is no reason to refuse the schema: only records that use it are unreadable."""
        try:
            return self.step(branch, reader)
        except EncodingError as error:
            misfit = error

        def refuse(_: Body) -> Any:
            raise misfit

        return refuse

    def _plain(self, writer: Type, reader: Type) -> Step | None:
        match reader.kind:
            case "string":
                return values.string(writer, self._limits)
            case "enum":
                return values.symbol(writer, reader, self._limits)
            case "boolean":
                return Body.read_boolean if writer.kind == "boolean" else None
            case "record":
                return _record(writer, reader, self._whole) if writer.kind == "record" else None
            case "array":
                return self._array(writer, reader) if writer.kind == "array" else None
        return self._number(writer, reader)

    def _number(self, writer: Type, reader: Type) -> Step | None:
        limits = self._limits
        match reader.kind, reader.meaning:
            case "int", "date":
                return values.day(writer, limits)
            case "long", "timestamp-millis":
                return values.time(writer, limits)
            case (("int" | "long"), _):
                return values.number(writer, limits, narrow=reader.kind == "int")
            case "double", _:
                return values.real(writer, limits)
            case "bytes", "decimal":
                return values.decimal(writer, reader, limits)
            case "bytes", _:
                return values.binary(writer, limits)
        return None

    def _array(self, writer: Type, reader: Type) -> Step:
        item = self.step(writer.inner[0], reader.inner[0])
        return lambda body: [item(body) for _ in body.read_blocks()]


def _wanted(reader: Type) -> tuple[Type, bool]:
    if reader.kind != "union":
        return reader, False
    branches = [branch for branch in reader.inner if branch.kind != "null"]
    if len(branches) != 1:
        raise TypeError(f"a reader's field may be one type or null, not one of {len(branches)}")
    return branches[0], len(reader.inner) > 1


def default(type_: Type, written: Any) -> Any:
    """Return what a reader's field is when its writer has none.

    Raises:
        TypeError: Defaults of this kind are not supported.
    """
    if written is None:
        return None
    type_, _ = _wanted(type_)
    match type_.kind, type_.meaning:
        case "bytes", "decimal":
            return Decimal(int.from_bytes(written.encode("latin-1"), signed=True)).scaleb(-type_.scale)
        case "bytes", _:
            return written.encode("latin-1")
        case "long", "timestamp-millis":
            return values.moment(written * 1000, "a default")
        case (("string" | "enum" | "int" | "long" | "double" | "boolean"), ""):
            return written
        case "array", _ if written == []:
            return []
    raise TypeError(f"a default {written!r} of {type_} is not supported")
