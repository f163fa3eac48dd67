"""Options by which the job reads its inputs."""

import re

import pytest
from footfall_analytics.planning.script import build_script
from footfall_analytics.settings import AnalyticsSettings

EVENTS = ("shop_events", "inventory_updates")
VERSIONS = ("products", "users", "categories")


def _tables(
    *, bounded: bool = False, replay: bool = False, own: tuple[str, ...] = (), **settings: object
) -> dict[str, dict[str, str]]:
    """Return the sources' options by table."""
    prefix = "replay-1-" if replay else None
    script = build_script(
        AnalyticsSettings.model_validate(settings), bounded=bounded, input_prefix=prefix, own_dimensions=own
    )
    return {
        name: dict(re.findall(r"'([^']+)' = '([^']*)'", sql))
        for name, sql in script.tables.items()
        if not name.endswith("_sink")
    }


def test_every_input_is_read_committed_and_new_partitions_are_looked_for_each_second() -> None:
    tables = _tables()

    assert tables.keys() >= {*EVENTS, *VERSIONS, "dimension_messages"}
    for options in tables.values():
        assert options["properties.isolation.level"] == "read_committed"
        assert options["scan.topic-partition-discovery.interval"] == "1 s"


def test_a_replay_reads_events_of_its_own_and_dimensions_of_the_shop_or_its_own() -> None:
    shared, own = (_tables(replay=True, topic_prefix="t-", own=own) for own in ((), ("categories",)))

    assert shared["shop_events"]["topic"] == "replay-1-clickstream;replay-1-checkouts;replay-1-refunds"
    assert [shared[name]["topic"] for name in VERSIONS] == ["t-products", "t-users", "t-categories"]
    assert [own[name]["topic"] for name in VERSIONS] == ["t-products", "t-users", "replay-1-categories"]
    assert own["dimension_messages"]["topic"] == "t-products;t-users;replay-1-categories"


def test_every_clock_looks_at_lag() -> None:
    tables = _tables()

    assert {tables[name]["connector"] for name in EVENTS} == {"footfall-kafka"}
    assert {tables[name]["connector"] for name in VERSIONS} == {"footfall-upsert-kafka"}
    assert not [options for options in tables.values() if "scan.watermark.idle-timeout" in options]


def test_one_reader_proves_that_all_versions_are_read() -> None:
    assert {_tables(source_parallelism=4)[name]["scan.parallelism"] for name in VERSIONS} == {"1"}


@pytest.mark.parametrize(("delay", "margin"), [("5s", "60000 ms"), ("10m", "600000 ms")])
def test_a_quiet_shop_is_followed_no_closer_than_the_delay(delay: str, margin: str) -> None:
    assert {_tables(watermark_delay=delay)[name]["watermark.quiet-margin"] for name in EVENTS} == {margin}


def test_a_replay_does_not_follow_the_wall_clock() -> None:
    assert not [name for name in EVENTS if "watermark.quiet-margin" in _tables(replay=True)[name]]
