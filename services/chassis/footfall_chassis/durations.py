"""Durations as people write them: 500ms, 5s, 10m, 24h, 7d."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)\s*")


def parse_duration(value: Any) -> Any:
    """Return the timedelta a text stands for; anything but text is returned as it is.

    Raises:
        ValueError: The text is no number with a unit.
    """
    if not isinstance(value, str):
        return value
    if not (match := _DURATION.fullmatch(value)):
        raise ValueError(f"{value!r} is no duration; write a number and a unit, such as 500ms, 5s, 10m, 24h or 7d")
    return timedelta(**{UNITS[match[2]]: float(match[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A timedelta that settings read from text."""
