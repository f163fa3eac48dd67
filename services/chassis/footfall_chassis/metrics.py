"""Prometheus metrics whose names and labels follow one rule.

A name starts with `footfall_` and ends with its unit; a label has a closed set of values, all of which exist from the
start: a counter that has never counted reads 0, not absent.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Generic, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

Label = TypeVar("Label", bound=StrEnum)

PREFIX = "footfall_"

# A `_created` series beside every other one doubles the page and tells what the process's start time tells.
disable_created_metrics()  # type: ignore[no-untyped-call]


class LabelledCounter(Generic[Label]):
    """A counter with one label.

    Raises:
        ValueError: The name breaks the rule above.
    """

    def __init__(
        self, name: str, doc: str, label: str, values: type[Label], registry: CollectorRegistry = REGISTRY
    ) -> None:
        family = Counter(_checked(name, "_total"), doc, (label,), registry=registry)
        self._children = {value: family.labels(value.value) for value in values}

    def add(self, value: Label, amount: float = 1) -> None:
        """Count `amount` more of this label's value."""
        self._children[value].inc(amount)


def counter(name: str, doc: str, labels: Iterable[str] = (), registry: CollectorRegistry = REGISTRY) -> Counter:
    """Return a counter; the name ends with `_total`."""
    return Counter(_checked(name, "_total"), doc, tuple(labels), registry=registry)


def gauge(name: str, doc: str, labels: Iterable[str] = (), registry: CollectorRegistry = REGISTRY) -> Gauge:
    """Return a gauge."""
    return Gauge(_checked(name, ""), doc, tuple(labels), registry=registry)


def seconds(
    name: str,
    doc: str,
    buckets: Iterable[float],
    labels: Iterable[str] = (),
    registry: CollectorRegistry = REGISTRY,
) -> Histogram:
    """Return a histogram of durations; the name ends with `_seconds`."""
    return Histogram(_checked(name, "_seconds"), doc, tuple(labels), buckets=tuple(buckets), registry=registry)


def _checked(name: str, suffix: str) -> str:
    if not (name.startswith(PREFIX) and name.endswith(suffix)):
        raise ValueError(f"metric {name!r} must start with {PREFIX!r} and end with {suffix!r}")
    return name
