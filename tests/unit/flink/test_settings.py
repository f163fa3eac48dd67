"""The core's settings: one clear line for what is wrong, durations as people write them."""

from datetime import timedelta

import pytest
from footfall_analytics.compiling.options import job_options
from footfall_analytics.planning.sqltext import interval
from footfall_analytics.settings import AnalyticsSettings
from footfall_chassis.durations import parse_duration
from footfall_chassis.settings import SettingsError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("5s", timedelta(seconds=5)),
        (" 10 m ", timedelta(minutes=10)),
        ("1.5h", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
    ],
)
def test_durations_are_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("ANALYTICS_WATERMARK_DELAY", "5", "no duration"),
        ("ANALYTICS_PARALLELISM", "0", "greater than or equal to 1"),
        ("ANALYTICS_TIME_ZONE", "Mars/Base", "not a time zone"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS", "PLAINTEXT"),
    ],
)
def test_a_wrong_setting_is_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as caught:
        AnalyticsSettings.load()

    assert str(caught.value).startswith(variable)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(seconds=5), "INTERVAL '0 00:00:05.000' DAY TO SECOND(3)"),
        (timedelta(days=1, minutes=61, milliseconds=250), "INTERVAL '1 01:01:00.250' DAY TO SECOND(3)"),
    ],
)
def test_durations_become_sql_intervals(duration: timedelta, expected: str) -> None:
    assert interval(duration) == expected


def test_every_job_checkpoints_exactly_once() -> None:
    options = job_options(AnalyticsSettings(checkpoint_interval=timedelta(seconds=2)))

    assert options["execution.checkpointing.mode"] == "EXACTLY_ONCE"
    assert options["execution.checkpointing.interval"] == "2000 ms"
    assert options["execution.checkpointing.externalized-checkpoint-retention"] == "RETAIN_ON_CANCELLATION"


def test_the_job_of_the_stock_has_a_pace_a_name_and_a_folder_of_its_own() -> None:
    pace = {"checkpoint_interval": timedelta(seconds=30), "watermark_interval": timedelta(seconds=1)}

    shop, stock = (AnalyticsSettings.model_validate({"job": job} | pace) for job in ("shop", "stock"))

    intervals = ("execution.checkpointing.interval", "pipeline.auto-watermark-interval")
    assert [job_options(shop)[name] for name in intervals] == ["30000 ms", "1000 ms"]
    assert [job_options(stock)[name] for name in intervals] == ["1000 ms", "200 ms"]
    places = ("pipeline.name", "execution.checkpointing.dir", "execution.checkpointing.savepoint-dir")
    assert not {job_options(shop)[name] for name in places} & {job_options(stock)[name] for name in places}
