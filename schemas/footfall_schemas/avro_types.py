"""Avro schemas as objects, their names resolved. Pure.

What is a schema and what is none is decided as Avro's Java library does, which Flink's format parses with; names and
defaults of foreign producers are not judged.
"""

from dataclasses import dataclass, field
from typing import Any, TypeGuard

from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json

REFERENCES = "footfall.references"
"""Attribute of a writer's schema: the schemas that it names and does not define, in the order in which they can be read."""
MAX_DEPTH = 100
MOST_DIGITS = 154
"""More are in no number of a shop, and cost too much to look at."""
_PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
_RECORDS = {"record", "error"}
_NAMED = {"enum", "fixed", *_RECORDS}
_KINDS = {"decimal", "timestamp-millis", "timestamp-micros", "timestamp-nanos", "date"}


class SchemaError(PermanentError, ValueError):
    """This is no Avro schema."""


@dataclass
class Type:
    """One type; a record may hold itself."""

    kind: str
    """record, enum, fixed, array, map, union or a primitive."""
    name: str = ""
    """With its namespace."""
    logical: str = ""
    """As it is written."""
    meaning: str = ""
    """`logical` if it is known and right, `other` if there is another, else nothing."""
    precision: int = 0
    scale: int = 0
    size: int = 0
    symbols: tuple[str, ...] = ()
    default: str | None = None
    """Of an enum."""
    inner: list["Type"] = field(default_factory=list)
    """Branches of a union, the items of an array, the values of a map."""
    fields: list["Field"] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the type as reasons name it."""
        return f"{self.logical} ({self.kind})" if self.logical else self.kind


@dataclass
class Field:
    """A field of a record."""

    name: str
    type: Type
    aliases: tuple[str, ...]
    facts: Json
    """Footfall's own attribute: limits."""
    has_default: bool
    default: Any


def parse(schema: Any) -> Type:
    """Return the type that a schema describes.

    Raises:
        SchemaError: It describes none.
    """
    parser = _Parser()
    for reference in schema.get(REFERENCES, []) if isinstance(schema, dict) else []:
        parser.type(reference, "")
    return parser.type(schema, "")


class _Parser:
    def __init__(self) -> None:
        self._named: dict[str, Type] = {}
        self._depth = 0

    def type(self, schema: Any, space: str) -> Type:
        if self._depth == 4 * MAX_DEPTH:
            raise SchemaError("nested too deeply")
        self._depth += 1
        try:
            match schema:
                case str():
                    return Type(schema) if schema in _PRIMITIVES else self._known(schema, space)
                case list():
                    return self._union([self.type(branch, space) for branch in schema])
                case {"type": str()}:
                    return self._object(schema, space)
            raise SchemaError(f"no type: {str(schema)[:80]}")
        finally:
            self._depth -= 1

    def _known(self, name: str, space: str) -> Type:
        found = self._named.get(_full(name, space)) or self._named.get(name)
        if found is None:
            raise SchemaError(f"undefined name: {_full(name, space)}")
        return found

    def _union(self, branches: list[Type]) -> Type:
        names = [branch.name or branch.kind for branch in branches]
        if "union" in names or len(set(names)) < len(names):
            raise SchemaError(f"a union of {', '.join(names)}")
        return Type("union", inner=branches)

    def _object(self, schema: Json, space: str) -> Type:
        kind = schema["type"]
        if kind in _NAMED:
            return self._define(schema, space)
        match kind:
            case "array" | "map":
                key = "items" if kind == "array" else "values"
                if key not in schema:
                    raise SchemaError(f"{kind} without {key}")
                return _meant(Type(kind, inner=[self.type(schema[key], space)]), schema)
            case _ if kind in _PRIMITIVES:
                return _meant(Type(kind), schema)
        return self._known(kind, space)

    def _define(self, schema: Json, space: str) -> Type:
        name = schema.get("name")
        if not isinstance(name, str):
            raise SchemaError("no name in schema")
        own = schema.get("namespace")
        full = _full(name, own if isinstance(own, str) else space)
        if full in self._named:
            raise SchemaError(f"can't redefine: {full}")
        kind = "record" if schema["type"] in _RECORDS else schema["type"]
        defined = self._named[full] = Type(kind, name=full)
        match kind:
            case "enum":
                defined.symbols, defined.default = _symbols(schema), schema.get("default")
                if defined.default is not None and defined.default not in defined.symbols:
                    raise SchemaError(f"default {defined.default} is no symbol of {full}")
            case "fixed":
                if (size := _int(schema.get("size"))) < 0:
                    raise SchemaError(f"fixed {full} without a size")
                defined.size = size
            case _:
                defined.fields = self._fields(schema, full)
        return _meant(defined, schema)

    def _fields(self, schema: Json, full: str) -> list[Field]:
        written = schema.get("fields")
        if not isinstance(written, list):
            raise SchemaError(f"record {full} without fields")
        fields = [self._field(each, full) for each in written]
        if len({each.name for each in fields}) < len(fields):
            raise SchemaError(f"duplicate field in record {full}")
        return fields

    def _field(self, written: Any, full: str) -> Field:
        match written:
            case {"name": str(name), "type": type_}:
                return Field(
                    name,
                    self.type(type_, full.rpartition(".")[0]),
                    _aliases(written),
                    written.get("footfall", {}),
                    "default" in written,
                    written.get("default"),
                )
        raise SchemaError(f"record {full} has a field without name or type")


def _full(name: str, space: Any) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _aliases(written: Json) -> tuple[str, ...]:
    aliases = written.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise SchemaError(f"field {written['name']} has aliases that are no names")
    return tuple(aliases)


def _symbols(schema: Json) -> tuple[str, ...]:
    symbols = schema.get("symbols")
    if not isinstance(symbols, list) or len(set(map(str, symbols))) < len(symbols):
        raise SchemaError(f"enum {schema['name']} without symbols of their own")
    return tuple(map(str, symbols))


def _meant(type_: Type, schema: Json) -> Type:
    if (logical := schema.get("logicalType")) is None:
        return type_
    type_.logical = str(logical)
    type_.meaning = type_.logical if type_.logical in _KINDS else "other"
    if type_.meaning == "decimal":
        type_.precision, type_.scale = (_int(schema.get(name, 0)) for name in ("precision", "scale"))
        if not (0 <= type_.scale <= type_.precision and 0 < type_.precision <= MOST_DIGITS):
            type_.meaning = "other"
    return type_


def _int(value: Any) -> int:
    return value if _is_int(value) else -1


def _is_int(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
