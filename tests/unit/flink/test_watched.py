"""What is looked at of a shop: every topic that its jobs read and write."""

from footfall_analytics.planning.inputs import inputs
from footfall_analytics.settings import AnalyticsSettings
from footfall_health.shop import READ_BY, of
from footfall_schemas.topics import load_topics


def test_every_topic_of_the_contract_is_looked_at() -> None:
    watched = of(AnalyticsSettings(topic_prefix="t-"))

    assert set(watched.topics) == {f"t-{name}" for name in load_topics()}
    assert len(watched.topics) == len(set(watched.topics))


def test_versions_are_known_by_topic_and_table() -> None:
    assert of(AnalyticsSettings(topic_prefix="t-")).versions == {
        "t-categories": "categories",
        "t-products": "products",
        "t-users": "users",
    }


def test_tables_are_over_the_topics_that_their_files_say() -> None:
    assert inputs() == READ_BY
