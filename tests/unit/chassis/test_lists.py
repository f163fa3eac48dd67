"""Lists in one variable, whatever part reads it."""

from datetime import timedelta

import pytest
from footfall_alerting.settings import AlertingSettings
from footfall_analytics.settings import AnalyticsSettings
from footfall_chassis.lists import parts
from footfall_chassis.settings import PartSettings, SettingsError
from footfall_generator.settings import GeneratorSettings
from footfall_recommender.settings import RecommenderSettings

PARTS = [AlertingSettings, AnalyticsSettings, GeneratorSettings, RecommenderSettings]


@pytest.mark.parametrize(
    ("text", "found"), [("", ()), (" ", ()), ("a", ("a",)), (" a ,b", ("a", "b")), ("a,,b,", ("a", "", "b", ""))]
)
def test_a_list_is_what_stands_between_commas(text: str, found: tuple[str, ...]) -> None:
    assert parts(text) == found


def test_a_comma_too_many_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICS_SINKS", " kafka, postgres,")
    monkeypatch.setenv("ANALYTICS_VIEWS", "sessions,,")
    monkeypatch.setenv("ALERTING_RETRY_DELAYS", "5s, 1m,")
    analytics = AnalyticsSettings.load()

    assert analytics.sinks == ("kafka", "postgres")
    assert analytics.chosen_views == ["sessions"]
    assert AlertingSettings.load().retry_delays == (timedelta(seconds=5), timedelta(minutes=1))


def test_an_empty_list_of_views_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICS_VIEWS", "")

    assert AnalyticsSettings.load().chosen_views is None


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_part_has_one_rule_for_the_prefix_of_topics(
    part: type[PartSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"{part.model_config['env_prefix']}TOPIC_PREFIX"
    monkeypatch.setenv(variable, "t-1-")
    assert part.load().topic_prefix == "t-1-"

    monkeypatch.setenv(variable, "a_b.")
    with pytest.raises(SettingsError, match=f"^{variable}: .*write letters, digits and hyphens"):
        part.load()
