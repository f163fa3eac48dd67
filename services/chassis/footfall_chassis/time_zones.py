"""Time zones as people name them in a variable."""

from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _known(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is not a time zone; use one such as UTC or Europe/Berlin") from error
    return value


TimeZone: TypeAlias = Annotated[str, AfterValidator(_known)]
"""The name of a zone that there is."""
