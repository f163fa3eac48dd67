"""Flink's types as it prints them, in a resolved schema or in a compiled plan. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

_TOKEN = re.compile(r"`(?:[^`]|``)*`|'(?:[^']|'')*'|\*\w+\*|\w+|\S")
_MORE = {"WITH", "WITHOUT", "LOCAL", "TIME", "ZONE", "TO", "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}
"""Words by which the name of a type goes on."""
_UNLIMITED = 2**31 - 1
_SHORT = {"STRING": "VARCHAR", "BYTES": "VARBINARY"}
_LONG = {name: short for short, name in _SHORT.items()}


@dataclass(frozen=True)
class SqlType:
    """A type; `numbers` are its length, or precision and scale, and `parts` what it is made of, named if it is a row."""

    name: str
    numbers: tuple[int, ...] = ()
    parts: tuple[tuple[str, "SqlType"], ...] = ()
    nullable: bool = True

    def __str__(self) -> str:
        """Return the type as SQL writes it."""
        return self.bare + ("" if self.nullable else " NOT NULL")

    @property
    def bare(self) -> str:
        """The type without its nullability."""
        if self.numbers == (_UNLIMITED,) and self.name in _LONG:
            return _LONG[self.name]
        if self.parts:
            return f"{self.name}<{', '.join(f'`{name}` {part}' if name else str(part) for name, part in self.parts)}>"
        if not self.numbers:
            return self.name
        first, _, rest = self.name.partition(" ")
        return f"{first}({', '.join(map(str, self.numbers))}){' ' * bool(rest)}{rest}"


def type_of(text: str) -> SqlType:
    """Return the type that Flink prints like this.

    Raises:
        ValueError: It is none.
    """
    return _Reader(text).type()


def columns_of_text(text: str) -> dict[str, SqlType]:
    """Return the columns of a resolved schema as it prints itself; expressions, watermarks and constraints are left out.

    Raises:
        ValueError: It is no schema.
    """
    return dict(_Reader(text).columns())


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = [*_TOKEN.findall(text), ""]
        self._place = 0

    def columns(self) -> Iterator[tuple[str, SqlType]]:
        self._expect("(")
        while self._next not in (")", ""):
            if self._next.startswith("`"):
                yield _unquoted(self._take()), self.type()
            self._skip_item()
            self._skip(",")
        self._expect(")")

    def type(self) -> SqlType:
        name, numbers, parts = self._word(), self._numbers(), self._parts()
        while self._next in _MORE:
            name += f" {self._take()}"
            if more := self._numbers():
                name += f"({more[0]})"
        if name in _SHORT:
            name, numbers = _SHORT[name], (_UNLIMITED,)
        nullable = not (self._skip("NOT") and self._skip("NULL"))
        while self._next.startswith(("*", "'")):
            self._take()
        return SqlType(name, numbers, parts, nullable)

    def _numbers(self) -> tuple[int, ...]:
        if not self._skip("("):
            return ()
        inside = list(takewhile(lambda token: token not in (")", ""), iter(self._take, "")))
        return tuple(int(token) for token in inside if token.isdigit())

    def _parts(self) -> tuple[tuple[str, SqlType], ...]:
        parts = []
        if self._skip("<"):
            while self._next not in (">", ""):
                # What an inlined class is called stands where a row has its first field.
                if self._next.startswith("'"):
                    self._take()
                else:
                    name = _unquoted(self._take()) if self._next.startswith("`") else ""
                    parts.append((name, self.type()))
                self._skip(",")
            self._expect(">")
        return tuple(parts)

    def _skip_item(self) -> None:
        depth = 0
        while self._next and (depth or self._next not in (",", ")")):
            depth += {"(": 1, ")": -1}.get(self._take(), 0)

    @property
    def _next(self) -> str:
        return self._tokens[self._place]

    def _take(self) -> str:
        token = self._next
        self._place += 1
        return token

    def _skip(self, token: str) -> bool:
        if self._next != token:
            return False
        self._place += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._skip(token):
            raise ValueError(f"{token!r} is missing before {self._next!r} in {self._text[:200]!r}")

    def _word(self) -> str:
        if not re.fullmatch(r"[A-Z]\w*", self._next):
            raise ValueError(f"no type begins with {self._next!r} in {self._text[:200]!r}")
        return self._take()


def _unquoted(name: str) -> str:
    return name[1:-1].replace("``", "`")
