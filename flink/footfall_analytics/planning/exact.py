"""Where a compiled plan computes with fewer digits than its numbers have. Pure.

Flink gives every result a type of at most 38 digits. Where it would need more, it takes decimal places away, and what has
more digits than are left before the point is NULL; a sum of INT is INT and begins again below zero. Neither is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footfall_schemas.topics import Json

from footfall_analytics.planning.operator_ids import Identities
from footfall_analytics.planning.sqltypes import type_of
from footfall_analytics.planning.widths import Digits, digits_of

_ARITHMETIC = {"$*$1": "*", "$/$1": "/", "$+$1": "+", "$-$1": "-"}
_CONVERSIONS = {"$CAST$1", "$TRY_CAST$1", "$CASE$1", "$COALESCE$1", "$IF$1", "$IFNULL$1"}
"""What gives values another type: one by asking for it, the others to bring several to a common one."""
_TOTALS = {"$SUM$1": "SUM", "$$SUM0$1": "SUM", "$*$1": "*"}
_CALLS = _ARITHMETIC.keys() | _CONVERSIONS | _TOTALS.keys()
_EXACT = ("DECIMAL(", "TINYINT", "SMALLINT", "INT", "BIGINT")
_SMALL = {"TINYINT", "SMALLINT", "INT"}


@dataclass(frozen=True)
class Loss:
    """A computation whose result may not hold what comes out.

    Args:
        views: Published views that depend on it.
        column: Where it stands; empty if that is no column.
        what: The computation with its types.
        cure: What to write instead.
    """

    views: frozenset[str]
    column: str
    what: str
    cure: str

    def __str__(self) -> str:
        """Return it as a complaint."""
        place = f", column {self.column}" if self.column else ""
        return f"{', '.join(sorted(self.views))}{place}: {self.what}; {self.cure}"


@dataclass(frozen=True)
class _Number:
    text: str
    digits: Digits

    @property
    def is_decimal(self) -> bool:
        return self.text.startswith("DECIMAL")


def losses(plan: Json) -> list[Loss]:
    """Return every computation of the plan that may lose digits.

    A sum or difference of two numbers that have all 38 digits may need one more to carry. That is let pass, as SUM itself is:
    no column could hold such a total, and money does not come near it. So is what divides: SQL rounds it by definition.

    Args:
        plan: What COMPILE PLAN wrote.
    """
    found = [(node, place, *loss) for node in plan["nodes"] for place, call in _calls(node) if (loss := _loss(call))]
    sinks = Identities(plan).sinks if found else {}
    return list(
        dict.fromkeys(Loss(sinks[node["id"]], _column(node, place), what, cure) for node, place, what, cure in found)
    )


def _loss(call: Json) -> tuple[str, str] | None:
    """Return what a call may lose and the cure, if it may lose anything."""
    name, result, operands = call["internalName"], _number(call), [_number(each) for each in call.get("operands", ())]
    if result is None:
        return None
    if name in _TOTALS and result.text in _SMALL:
        return f"{_TOTALS[name]} of {result.text} begins again below zero", "CAST what goes in to BIGINT, or COUNT"
    match operands:
        case [_Number() as left, _Number() as right] if name in _ARITHMETIC and result.is_decimal:
            needed = _needed(_ARITHMETIC[name], left.digits, right.digits)
            if not result.digits.hold(needed):
                what = f"{left.text} {_ARITHMETIC[name]} {right.text} needs {needed}, and Flink makes it {result.text}"
                return what, "CAST the operands to the digits that they really have, or compute with less before"
        case _ if name in _CONVERSIONS:
            for each in operands:
                if each and each.is_decimal and not result.digits.hold(each.digits):
                    what = f"{each.text} becomes {result.text}, which has not {each.digits}"
                    return what, "CAST to a type that holds it, or compute with less before"
    return None


def _needed(sign: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a result as SQL wants them, the carry of a sum left out."""
    match sign:
        case "*":
            return Digits(left.before + right.before, left.after + right.after)
        case "/":
            return Digits(left.before + right.after, max(6, left.after + right.before + right.after + 1))
        case _:
            return Digits(max(left.before, right.before), max(left.after, right.after))


def _number(expression: Json) -> _Number | None:
    text = expression.get("type")
    # Time attributes are objects, and other types have no digits.
    if not isinstance(text, str) or not text.startswith(_EXACT):
        return None
    type_ = type_of(text)
    digits = digits_of(type_)
    return _Number(type_.bare, digits) if digits else None


def _calls(node: Json) -> Iterator[tuple[int | str, Json]]:
    """Return the calls of a node with their column: its place, if the node selects columns, else its name."""
    for place, value in enumerate(node.get("projection") or ()):
        yield from ((place, call) for call in _within(value))
    for name, value in node.items():
        if name != "projection":
            yield from ((call.get("name") or "", call) for call in _within(value))


def _within(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if value.get("internalName") in _CALLS:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _within(item)


def _column(node: Json, place: int | str) -> str:
    if isinstance(place, str):
        # What Flink has made up a name for is no column of anybody's.
        return "" if "$" in place else place
    output = node["outputType"]
    if isinstance(output, str):
        return type_of(output).parts[place][0]
    return str(output["fields"][place]["name"])
