"""Lists as people write them in one variable: kafka, postgres."""

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

Item = TypeVar("Item")


def parts(text: str) -> tuple[str, ...]:
    """Return what stands between the commas, without blanks around it; nothing of a blank text."""
    return tuple(part.strip() for part in text.split(",")) if text.strip() else ()


def _filled(value: Any) -> Any:
    return tuple(filter(None, parts(value))) if isinstance(value, str) else value


CommaSeparated: TypeAlias = Annotated[tuple[Item, ...], NoDecode, BeforeValidator(_filled)]
"""A tuple that settings read from text; a comma too many does not count."""
