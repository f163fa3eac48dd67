"""Times as people write them on the command line, and as they read them there."""

from datetime import UTC, datetime, timedelta

from footfall_chassis.durations import parse_duration

_SIZES = {86_400: "d", 3600: "h", 60: "min", 1: "s"}


def parse_moment(text: str, now: datetime) -> datetime:
    """Return a time: `2h` ago, `2026-03-01`, `2026-03-01T12:00`, with or without a zone (this machine's unless written).

    Args:
        text: What was written.
        now: The present, with a zone.

    Raises:
        ValueError: It is no time; the message says how to write one.
    """
    try:
        ago: timedelta = parse_duration(text)
        return now - ago
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time; write 2h, 3d, 2026-03-01 or 2026-03-01T18:30") from None


def local(text: str | None) -> str:
    """Return an answer's time on this machine's clock, to the second; nothing for none."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def near(text: str | None, now: datetime) -> str:
    """Return how far from now an answer's time is, such as `12 s ago` or `in 5 min`; nothing for none."""
    if not text:
        return ""
    seconds = (datetime.fromisoformat(text) - now).total_seconds()
    size = next((size for size in _SIZES if abs(seconds) >= size), 1)
    number = f"{abs(seconds) / size:.0f} {_SIZES[size]}"
    return f"in {number}" if seconds > 0 else f"{number} ago"
