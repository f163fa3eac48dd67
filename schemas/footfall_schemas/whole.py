"""Reads a writer's values as they were written, with no reader's schema, and over those that nobody reads. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from footfall_schemas import values
from footfall_schemas.avro_types import Field, Type
from footfall_schemas.body import MAX_DEPTH, Body, EncodingError
from footfall_schemas.values import Step


class Whole:
    """Makes the steps of a writer's types; those of a record are made once, for it may hold itself.

    Args:
        meaningful: Make times, dates and decimals of what is one; else only the encoding is looked at.
    """

    def __init__(self, *, meaningful: bool) -> None:
        self._meaningful = meaningful
        self._records: dict[str, _Record] = {}
        self._depth = 0

    def of(self, type_: Type, name: str = "a value") -> Step:
        """Return what reads a value.

        Raises:
            EncodingError: The schema is nested too deeply.
        """
        with self._nested():
            return (self._meaningful and _meant(type_, name)) or self._plain(type_, name)

    def _plain(self, type_: Type, name: str) -> Step:
        match type_.kind:
            case "null":
                return lambda _: None
            case "boolean" | "int" | "long" | "float" | "double" | "bytes":
                return getattr(Body, f"read_{type_.kind}")  # type: ignore[no-any-return]
            case "string":
                return Body.read_text
            case "fixed":
                return lambda body: body.read_fixed(type_.size)
            case "enum":
                return lambda body: type_.symbols[body.read_index(len(type_.symbols), "enum symbol")]
            case "union":
                branches = [self.of(branch, name) for branch in type_.inner]
                return lambda body: branches[body.read_index(len(branches), "union branch")](body)
            case "record":
                return self._record(type_)
        item = self.of(type_.inner[0], name)
        if type_.kind == "array":
            return lambda body: [item(body) for _ in body.read_blocks()]
        return lambda body: {body.read_text(): item(body) for _ in body.read_blocks()}

    def _record(self, type_: Type) -> Step:
        known = self._records.get(type_.name)
        if known is None:
            known = self._records[type_.name] = _Record()
            known.fields = [(field.name, self.of(field.type, field.name)) for field in type_.fields]
        return known

    @contextmanager
    def _nested(self) -> Iterator[None]:
        if self._depth == MAX_DEPTH:
            raise EncodingError(f"a schema nested deeper than {MAX_DEPTH}")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1


class _Record:
    fields: list[tuple[str, Step]]

    def __call__(self, body: Body) -> dict[str, Any]:
        body.enter_record()
        record = {name: step(body) for name, step in self.fields}
        body.leave_record()
        return record


def _meant(type_: Type, name: str) -> Step | None:
    match type_.meaning, type_.kind:
        case (("timestamp-millis" | "timestamp-micros" | "timestamp-nanos"), "long"):
            micros = {"timestamp-millis": (1000, 1), "timestamp-micros": (1, 1), "timestamp-nanos": (1, 1000)}
            times, per = micros[type_.meaning]
            return lambda body: values.moment(body.read_long() * times // per, name)
        case "date", "int":
            return lambda body: values.date_of(body.read_int(), name)
        case "decimal", "bytes":
            return lambda body: values.unscaled(body.read_bytes(), type_, name)
        case "decimal", "fixed":
            return lambda body: values.unscaled(body.read_fixed(type_.size), type_, name)
    return None


def find(written: list[Field], field: Field) -> int | None:
    """Return the place of what a reader's field is: of its name, of an alias of it, or with its name as alias."""
    names = [each.name for each in written]
    wanted = (field.name, *sorted(field.aliases))
    if (place := next((names.index(name) for name in wanted if name in names), None)) is not None:
        return place
    return next((place for place, each in enumerate(written) if set(each.aliases) & set(wanted)), None)
