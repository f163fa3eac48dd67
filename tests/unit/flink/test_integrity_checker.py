"""When what the job says of its progress is believed, and when everything is read again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from footfall_analytics.integrity import checker
from footfall_analytics.integrity.checker import PROGRESS, Look
from footfall_analytics.integrity.identities import WINDOWED
from footfall_analytics.integrity.rows import Row, Rows
from footfall_analytics.settings import AnalyticsSettings

JOB = "footfall"
MINUTE = timedelta(minutes=1)
ENDS = {("progress", 0): 3}
SHOP = next(each for each in WINDOWED if each.name == "metrics_of_visitors")


class Reading:
    """Says whether it has read to the ends that it is asked for."""

    def __init__(self, *, reached: bool) -> None:
        self.reached = reached

    def has_reached(self, ends: Mapping[tuple[str, int], int]) -> bool:
        assert ends == ENDS
        return self.reached


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    calls: list[list[str]] = []

    def ends_of(_: object, topics: list[str], *, committed: bool) -> dict[tuple[str, int], int]:
        assert committed
        calls.append(topics)
        return ENDS

    monkeypatch.setattr(checker, "ends_of", ends_of)
    return calls


def look() -> Look:
    return Look(AnalyticsSettings(), [SHOP], JOB, has_accounts=False)


def progress(watermark: datetime | None, job: str = JOB) -> Row:
    return Row(PROGRESS, job.encode(), {"job": job, "watermark": watermark} if watermark else None)


def visitors(topic: str, now: datetime, number: int) -> Row:
    window = {"window_start": now - MINUTE, "window_end": now}
    if topic == "unique_visitors":
        return Row(topic, b"", window | {"visitors": number})
    named = {"metric_name": "unique_visitors", "currency": "", "metric_value": number}
    return Row(topic, b"", window | named)


def found(seen: Look, *, reached: bool) -> list[bool]:
    return [finding.holds for finding in seen.findings(cast("Rows", Reading(reached=reached)))]


def test_a_claim_is_believed_when_all_is_read_that_was_there(asked: list[list[str]]) -> None:
    seen, now = look(), datetime.now(UTC).replace(second=0, microsecond=0)
    seen.take(visitors("unique_visitors", now, 3))
    seen.take(visitors("ecommerce_metrics", now, 3))
    seen.take(progress(now, "footfall-stock"))
    assert found(seen, reached=True) == []

    seen.take(progress(now))

    assert found(seen, reached=False) == []
    assert found(seen, reached=True) == [True]
    assert [sorted(topics) for topics in asked] == [["ecommerce_metrics", "progress", "unique_visitors"]]


def test_many_claims_at_once_cost_one_question(asked: list[list[str]]) -> None:
    seen, now = look(), datetime.now(UTC)
    for number in range(100):
        seen.take(progress(now + number * MINUTE))

    found(seen, reached=True)

    assert len(asked) == 1


@pytest.mark.usefixtures("asked")
def test_a_job_that_began_anew_makes_what_was_read_void() -> None:
    seen, now = look(), datetime.now(UTC)
    seen.take(progress(now))
    found(seen, reached=True)

    seen.take(progress(None))

    assert seen.is_void


@pytest.mark.usefixtures("asked")
def test_one_that_had_done_so_before_does_not() -> None:
    seen, now = look(), datetime.now(UTC)
    seen.take(progress(now))
    found(seen, reached=False)
    seen.take(progress(None))

    assert not seen.is_void
    assert found(seen, reached=True) == []
