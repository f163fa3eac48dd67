from datetime import timedelta

import pytest

from support.events import at
from support.finality import Written, too_late

AN_INSTANT = timedelta(milliseconds=1)
CLAIMS = [Written({"watermark": at(1)}, at(10)), Written({"watermark": at(3)}, at(20))]


def test_a_row_that_was_there_when_it_was_said_to_be_is_in_time() -> None:
    rows = [
        Written({"window_end": at(1)}, at(10)),
        Written({"window_end": at(1) + AN_INSTANT}, at(20)),
        Written({"window_end": at(4)}, at(30)),
    ]

    assert too_late(CLAIMS, rows) == []


def test_a_row_that_came_after_its_claim_is_too_late() -> None:
    rows = [Written({"window_end": at(1)}, at(10) + AN_INSTANT), Written({"window_end": at(2)}, at(21))]

    assert too_late(CLAIMS, rows) == [row for row, _ in rows]


def test_progress_that_goes_back_is_an_error() -> None:
    with pytest.raises(AssertionError, match="went back"):
        too_late(reversed(CLAIMS), [])
