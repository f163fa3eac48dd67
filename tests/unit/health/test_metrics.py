"""Facts as metrics: the level of each, the number that it was judged by, and nothing for what is unknown."""

from typing import get_args

import pytest
from footfall_health.facts import Fact, FactName
from footfall_health.metrics import MEASURES, FactCollector
from prometheus_client import CollectorRegistry, generate_latest

FACTS = [
    Fact("watermark", "shop_events", "warning", "2 min behind the clock", value=120.5),
    Fact("watermark", "inventory_updates", "ok", "no event has come yet"),
    Fact("job", "footfall", "wrong", "is RESTARTING"),
    Fact("unread", "clickstream", "ok", "0 messages", value=0),
]


def exposed(facts: list[Fact]) -> list[str]:
    registry = CollectorRegistry()
    registry.register(FactCollector(lambda: facts))
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_levels_and_numbers() -> None:
    lines = exposed(FACTS)

    assert 'footfall_fact_level{about="shop_events",fact="watermark"} 1.0' in lines
    assert 'footfall_fact_level{about="footfall",fact="job"} 2.0' in lines
    assert 'footfall_watermark_behind_seconds{table="shop_events"} 120.5' in lines
    assert 'footfall_unread_messages{topic="clickstream"} 0.0' in lines


def test_what_is_unknown_is_absent_and_not_0() -> None:
    assert not [line for line in exposed(FACTS) if "behind_seconds" in line and "inventory" in line]
    assert exposed([]) == []


def test_registering_does_not_look() -> None:
    def fails() -> list[Fact]:
        raise AssertionError("nobody asked")

    registry = CollectorRegistry()
    registry.register(FactCollector(fails))
    with pytest.raises(AssertionError):
        generate_latest(registry)


def test_measures_are_of_facts_and_follow_the_rule_of_names() -> None:
    assert MEASURES.keys() <= set(get_args(FactName))
    assert all(measure.name.startswith("footfall_") for measure in MEASURES.values())
