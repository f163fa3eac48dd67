from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from footfall_generator.replay.formats.local_time import LocalClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONDON = LocalClock(ZoneInfo("Europe/London"), NOW)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("12/1/2010 8:26", "2010-12-01T08:26:00"),
        ("12/01/2010 08:26", "2010-12-01T08:26:00"),
        ("12/1/2010 8:26:59", "2010-12-01T08:26:59"),
        ("2010-12-01 08:26:00", "2010-12-01T08:26:00"),
        ("2010-12-01T08:26", "2010-12-01T08:26:00"),
        ("6/1/2011 0:10", "2011-05-31T23:10:00"),
        ("2011-06-01 08:26:00", "2011-06-01T07:26:00"),
        # 30 October 2011, when the clock showed 1:00 to 1:59 twice: the first of the two is summer time.
        ("10/30/2011 0:59", "2011-10-29T23:59:00"),
        ("10/30/2011 1:00", "2011-10-30T00:00:00"),
        ("10/30/2011 1:59", "2011-10-30T00:59:00"),
        ("10/30/2011 2:00", "2011-10-30T02:00:00"),
        # 27 March 2011, when it never showed 1:00 to 1:59: as if it had not been put forward yet.
        ("3/27/2011 0:59", "2011-03-27T00:59:00"),
        ("3/27/2011 1:00", "2011-03-27T01:00:00"),
        ("3/27/2011 1:59", "2011-03-27T01:59:00"),
        ("3/27/2011 2:00", "2011-03-27T01:00:00"),
    ],
)
def test_local_times_are_read_as_london_shows_them(text: str, utc: str) -> None:
    assert LONDON.seconds(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()


def test_another_zone_means_another_moment() -> None:
    istanbul = LocalClock(ZoneInfo("Europe/Istanbul"), NOW)

    assert istanbul.seconds("12/1/2010 8:26") == datetime(2010, 12, 1, 6, 26, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is neither like 12/1/2010 8:26 nor like 2010-12-01 08:26:00"),
        ("1291191960", "is neither like"),
        ("12/1/10 8:26", "is neither like"),
        ("12/1/2010", "is neither like"),
        ("12/1/2010 8:26 PM", "is neither like"),
        ("\uff112/1/2010 8:26", "is neither like"),
        ("13/12/2010 8:26", "is no time, the month being 13 and the day 12"),
        ("2/29/2010 8:26", "is no time, the month being 2 and the day 29"),
        ("12/1/2010 24:00", "is no time"),
        ("2010-12-01 08:60:00", "is no time"),
        ("1/1/0001 0:00", "is out of range"),
        ("12/31/1969 8:26", "is out of range"),
        ("12/31/9999 23:59", "is out of range"),
        ("2026-01-01 00:00:01", "is out of range"),
    ],
)
def test_what_is_no_time_is_said_in_words(text: str, complaint: str) -> None:
    said = LONDON.seconds(text)

    assert isinstance(said, str)
    assert said.startswith(complaint)
