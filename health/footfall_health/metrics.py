"""Facts as Prometheus' metrics: rules and dashboards judge by what `footfall status` says. What is unknown is absent."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from footfall_health.facts import LEVELS, Fact, FactName


class Measure(NamedTuple):
    """A number that a fact's level is judged by."""

    name: str
    label: str
    """What it is about."""
    doc: str


MEASURES: Mapping[FactName, Measure] = {
    "watermark": Measure(
        "footfall_watermark_behind_seconds", "table", "How far event time is behind the clock, by table of the job."
    ),
    "checkpoint": Measure(
        "footfall_checkpoint_age_seconds", "job", "Age of a job's newest complete checkpoint, or of a job without one."
    ),
    "restarts": Measure("footfall_job_recent_restarts", "job", "How often a job failed within the last 10 minutes."),
    "unread": Measure("footfall_unread_messages", "topic", "Messages of an input topic that wait to be read."),
    "open transactions": Measure(
        "footfall_open_transaction_age_seconds",
        "topic",
        "For how long a transaction has been open that readers wait for; 0 without a topic: there is none.",
    ),
    "late": Measure("footfall_late_ratio", "topic", "Share of the last minutes' messages that were late, 1 is all."),
    "dead letters": Measure(
        "footfall_dead_letter_ratio", "topic", "Share of the last minutes' messages that could not be read, 1 is all."
    ),
}


class FactCollector(Collector):
    """Looks whenever it is asked.

    Args:
        facts: Returns what is so now.
    """

    def __init__(self, facts: Callable[[], Iterable[Fact]]) -> None:
        self._facts = facts

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return the metrics without looking."""
        return families(())

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the metrics as they are now."""
        return families(self._facts())


def families(facts: Iterable[Fact]) -> Iterator[GaugeMetricFamily]:
    """Yield the facts' levels and the numbers that they were judged by."""
    found = list(facts)
    levels = GaugeMetricFamily(
        "footfall_fact_level",
        "What `footfall status` says of each check: 0 ok, 1 a warning, 2 wrong.",
        labels=("fact", "about"),
    )
    for fact in found:
        levels.add_metric((fact.name, fact.about), LEVELS.index(fact.level))
    yield levels
    for name, measure in MEASURES.items():
        family = GaugeMetricFamily(measure.name, measure.doc, labels=(measure.label,))
        for fact in found:
            if fact.name == name and fact.value is not None:
                family.add_metric((fact.about,), fact.value)
        yield family
