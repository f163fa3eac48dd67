"""Whether a column holds all that is written to it. Pure.

Flink does not ask: it casts a wider type to the column's, which rounds what has more decimal places, makes NULL of what has
more digits, and cuts texts and times. A NULL in a column that is NOT NULL then takes the whole row away.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from footfall_analytics.planning.sqltypes import SqlType

_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}
_BINARY_DIGITS = {"FLOAT": 6, "DOUBLE": 15}
"""Decimal digits that a binary fraction holds without rounding."""
_FIXED = {"CHAR": "VARCHAR", "BINARY": "VARBINARY"}


@dataclass(frozen=True)
class Digits:
    """Decimal digits before and after the point."""

    before: int
    after: int

    def __str__(self) -> str:
        """Return them as people read them."""
        return f"{self.before} digits before the point and {self.after} after it"

    def hold(self, other: "Digits") -> bool:
        """Tell whether every number of so many digits is one of these, too."""
        return self.before >= other.before and self.after >= other.after


@dataclass(frozen=True)
class Misfit:
    """A column that does not hold all that is written to it.

    Args:
        path: The column, and from there the field of its row, or `[]` for the items of its array.
        written: The type of what is written.
        column: The type of what it is written to.
        cure: What to write instead.
    """

    path: str
    written: SqlType
    column: SqlType
    cure: str

    def __str__(self) -> str:
        """Return it as a complaint."""
        return f"column {self.path} is {self.written}, and its schema has {self.column}; {self.cure}"


def digits_of(type_: SqlType) -> Digits | None:
    """Return the digits of an exact number's type; None if it is no exact number."""
    if type_.name == "DECIMAL":
        precision, scale = type_.numbers
        return Digits(precision - scale, scale)
    return Digits(_DIGITS[type_.name], 0) if type_.name in _DIGITS else None


def misfits(written: Mapping[str, SqlType], columns: Mapping[str, SqlType]) -> list[Misfit]:
    """Return which columns do not hold what is written under their names.

    Args:
        written: Types by column of what is selected; what has no column is not written.
        columns: Types by column of the table; Flink itself refuses one for which nothing is selected.
    """
    both = ((name, written[name], column) for name, column in columns.items() if name in written)
    return [misfit for each in both for misfit in _compare(*each)]


def _compare(path: str, written: SqlType, column: SqlType) -> Iterator[Misfit]:
    if written.nullable and not column.nullable:
        yield Misfit(path, written, column, "COALESCE it in the view, or let the schema have null")
    if written.name == column.name and written.parts and len(written.parts) == len(column.parts):
        for (_, part), (name, wanted) in zip(written.parts, column.parts, strict=True):
            yield from _compare(f"{path}.{name}" if name else f"{path}[]", part, wanted)
    elif not _holds(column, written):
        yield Misfit(path, written, column, _cure(written, column))


def _holds(column: SqlType, written: SqlType) -> bool:
    has, wanted = digits_of(column), digits_of(written)
    if has and wanted:
        return has.hold(wanted)
    if wanted and column.name in _BINARY_DIGITS:
        return wanted.before + wanted.after <= _BINARY_DIGITS[column.name]
    if (written.name, column.name) == ("FLOAT", "DOUBLE"):
        return True
    if column.name == _FIXED.get(written.name):
        return column.numbers >= written.numbers
    if written.name != column.name or len(written.parts) != len(column.parts):
        return False
    # A text of a fixed length is filled up with blanks.
    return column.numbers == written.numbers if column.name in _FIXED else column.numbers >= written.numbers


def _cure(written: SqlType, column: SqlType) -> str:
    wanted, has = digits_of(written), digits_of(column)
    if not wanted or not has:
        return "give the schema's field a type that holds it"
    if wanted.after < has.after:
        return f"CAST to {has.after} decimal places what is added, since a sum has those and 38 digits in all"
    return f"give the schema's field {wanted}"
