"""What a field's schema says of its values, in its `footfall` attribute. Pure.

`minimum` and `maximum` bound a number; `min_bytes` and `max_bytes` a text in UTF-8, which with a longest length must be
without NUL; `pattern` is what a whole text looks like.
"""

import math
import re
from decimal import Decimal

from footfall_schemas.avro_types import Field
from footfall_schemas.body import EncodingError, as_text


class Limits:
    """The limits of one field.

    Args:
        field: The field of a reader's schema.
    """

    def __init__(self, field: Field) -> None:
        self.name = field.name
        facts = field.facts
        self._least, self._most = (_decimal(facts.get(name)) for name in ("minimum", "maximum"))
        self._shortest: int = facts.get("min_bytes", 0)
        self._longest: int | None = facts.get("max_bytes")
        self._pattern = re.compile(facts["pattern"]) if "pattern" in facts else None
        self.bound_texts = bool(self._shortest or self._longest is not None or self._pattern)
        """Whether there is any limit of texts."""
        self.bound_numbers = self._least is not None or self._most is not None
        """Whether there is any of numbers."""

    def text(self, data: bytes) -> str:
        """Return the text that these bytes are.

        Raises:
            EncodingError: They are none, or it is beyond a limit.
        """
        size = len(data)
        if size < self._shortest:
            raise EncodingError(
                f"{self.name} {'is empty' if not size else f'has {size} bytes, fewer than {self._shortest}'}"
            )
        if self._longest is not None and size > self._longest:
            raise EncodingError(f"{self.name} has {size} bytes, more than {self._longest}")
        text = as_text(data)
        if self._longest is not None and "\0" in text:
            raise EncodingError(f"{self.name} has a NUL character, which not every store can hold")
        if self._pattern and not self._pattern.fullmatch(text):
            raise EncodingError(f"{self.name} does not look like {self._pattern.pattern}")
        return text

    def number(self, value: int) -> int:
        """Return the number.

        Raises:
            EncodingError: It is beyond a limit.
        """
        if self.bound_numbers:
            self.decimal(Decimal(value))
        return value

    def real(self, value: float) -> float:
        """Return the number.

        Raises:
            EncodingError: It is beyond a limit.
        """
        if self.bound_numbers:
            if not math.isfinite(value):
                raise EncodingError(f"{self.name} is no finite number")
            self.decimal(Decimal(value))
        return value

    def decimal(self, value: Decimal) -> Decimal:
        """Return the number.

        Raises:
            EncodingError: It is beyond a limit.
        """
        if self._least is not None and value < self._least:
            raise EncodingError(f"{self.name} is {value:f}, less than {self._least:f}")
        if self._most is not None and value > self._most:
            raise EncodingError(f"{self.name} is {value:f}, more than {self._most:f}")
        return value


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
