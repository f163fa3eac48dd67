"""What `footfall generate` understands in its options."""

from datetime import UTC, datetime, timedelta

import typer
from footfall_chassis.durations import parse_duration
from footfall_chassis.settings import check_topic_prefix

from footfall_generator.events.clock import EARLIEST_MS, LATEST_MS, millis
from footfall_generator.events.currencies import split_codes

MAX = "max"
MAX_SHOP_RATE = 10_000_000.0


def duration(text: str) -> timedelta:
    """Read 500ms, 5s, 10m, 24h, 7d.

    Raises:
        typer.BadParameter: It is no duration above zero.
    """
    try:
        value: timedelta = parse_duration(text)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(str(error)) from error
    if value < timedelta(milliseconds=1):
        raise typer.BadParameter(f"{text!r} must be at least 1ms")
    return value


def rate(text: str) -> float:
    """Read events per second; `max` is infinite.

    Raises:
        typer.BadParameter: It is neither a number in range nor `max`.
    """
    if text == MAX:
        return float("inf")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= MAX_SHOP_RATE:
        raise typer.BadParameter(f"{text!r} is neither {MAX!r} nor a number above 0 up to {MAX_SHOP_RATE:,.0f}")
    return value


def share(value: float) -> float:
    """Check a share, 0 to 1.

    Raises:
        typer.BadParameter: It is none.
    """
    if not 0 <= value <= 1:
        raise typer.BadParameter(f"{value} is not between 0 and 1", param_hint="--refund-share")
    return value


def currencies(text: str) -> tuple[str, ...]:
    """Read EUR,SEK.

    Raises:
        typer.BadParameter: It is no list of different currencies.
    """
    try:
        return split_codes(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--currencies") from error


def topic_prefix(text: str) -> str:
    """Check what is put before the names of topics.

    Raises:
        typer.BadParameter: The settings of no part would take it.
    """
    try:
        return check_topic_prefix(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--topic-prefix") from error


def start(text: str) -> int:
    """Read an ISO 8601 time, UTC unless it says otherwise, as milliseconds since 1970.

    Raises:
        typer.BadParameter: It is no time, or outside of what can be encoded.
    """
    try:
        value = millis(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{text!r} is not an ISO 8601 time such as 2026-01-31T12:00:00Z") from error
    if not EARLIEST_MS <= value <= LATEST_MS:
        bounds = (datetime.fromtimestamp(each / 1000, UTC).date() for each in (EARLIEST_MS, LATEST_MS))
        raise typer.BadParameter(f"{text!r} is not between {' and '.join(map(str, bounds))}")
    return value
