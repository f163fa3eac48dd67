"""Event time as milliseconds since 1970, and the stretch of it that the encoders cover."""

from datetime import UTC, datetime, timedelta

EARLIEST_MS = 1 << 34
LATEST_MS = (1 << 41) - 1
"""Between these two (July 1970, September 2039) a timestamp takes six bytes in Avro."""


def millis(moment: datetime) -> int:
    """Return the moment as milliseconds since 1970; a moment without a zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment(milliseconds: int) -> datetime:
    """Return the UTC moment so many milliseconds after 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def milliseconds(duration: timedelta) -> int:
    """Return the duration in whole milliseconds."""
    return duration // timedelta(milliseconds=1)
