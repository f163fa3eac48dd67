"""Which stretch of event time a report is of. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from footfall_schemas.errors import PermanentError

from footfall_dashboard.live.days import MINUTE, minute_of
from footfall_dashboard.live.view import Range

LONGEST = timedelta(days=7)
"""The streams of minutes are kept for a week."""


class ReportRangeError(PermanentError, ValueError):
    """There is no report of this range; the message names the option and what to write."""


def range_of(begin: str, end: str | None, zone: ZoneInfo, now: datetime) -> Range:
    """Return the range in whole minutes.

    Args:
        begin: Option `--from`: a date, or a date with a time, in the shop's time zone unless it has one of its own.
        end: Option `--to`, likewise; a date is the begin of that day, None is now.
        zone: The shop's time zone.
        now: The clock.

    Raises:
        ReportRangeError: It is none, begins in the future, ends before it begins, or is longer than a week.
    """
    since = minute_of(_time(begin, "--from", zone))
    until = minute_of(now) if end is None else _up(_time(end, "--to", zone))
    if since >= minute_of(now):
        raise ReportRangeError(f"--from {begin} is not past yet: write a time before {shown(now, zone)}")
    if since >= until:
        raise ReportRangeError(f"--from {begin} is not before --to {end}: swap them")
    until = min(until, minute_of(now))
    if until - since > LONGEST:
        raise ReportRangeError(
            f"the range is {(until - since) / timedelta(days=1):.1f} days long, a report covers {LONGEST.days} at most: "
            "write a later --from or an earlier --to"
        )
    return Range(since, until)


def shown(time: datetime, zone: ZoneInfo) -> str:
    """Return a time as people of the shop read it."""
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _time(text: str, option: str, zone: ZoneInfo) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ReportRangeError(
            f"{option} {text!r} is no time: write one such as 2026-03-01, '2026-03-01 18:30' or 2026-03-01T17:30:00Z"
        ) from None
    try:
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ReportRangeError(f"{option} {text!r} is out of reach: write a time of the last days") from None


def _up(time: datetime) -> datetime:
    minute = minute_of(time)
    return minute if minute == time else minute + MINUTE
