"""What a program answers at `/metrics`: its names and labels, and what is wrong with them. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from prometheus_client.parser import text_string_to_metric_families

UNITS = ("_seconds", "_bytes", "_ratio")
OWN = "footfall_"
PREFIXES = {
    "kafka": ("kafka_", "jvm_", "process_", "jmx_"),
    "flink": ("flink_",),
    "registry": (
        "agroal_",
        "jvm_",
        "process_",
        "system_",
        "rest_",
        "http_",
        "storage_",
        "worker_",
        "netty_",
        "application_",
        "ft_",
    ),
}
"""How the names of each program of others begin."""
MOST = {"subtask_index": 8, "task_name": 150, "task_id": 150, "operator_name": 600, "topic": 200, "partition": 40}
"""How many values a label may have that has one for each thing there is of a kind."""
FEW = 40
"""How many any other label may have."""
NEW_EACH_TIME = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-|msg_\w{20}|^[UP]\d{5,}$|127\.0\.0\.1:\d{5}")
"""Values that are another at each start or for each customer: ids, ports of clients, users, products."""


def families(text: str) -> dict[str, str]:
    """Return the types of a page's metrics by name, as Prometheus has them."""
    return {
        f"{family.name}_total" if family.type == "counter" else family.name: family.type
        for family in text_string_to_metric_families(text)
    }


def labels(text: str) -> dict[str, dict[str, set[str]]]:
    """Return the values of each label of each metric."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for name, value in sample.labels.items():
                found[family.name][name].add(value)
    return found


def misnamed(types: Mapping[str, str]) -> Iterator[str]:
    """Yield those of our own metrics whose names are against Prometheus' conventions."""
    for name, kind in types.items():
        if not name.startswith(OWN):
            continue
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            yield f"{name} is not in snake case"
        if (kind == "counter") != name.endswith("_total"):
            yield f"{name} is a {kind}: counters end with _total, and nothing else does"
        if kind == "histogram" and not name.endswith(UNITS):
            yield f"{name} has no unit"
        if re.search(r"_(ms|millis|milliseconds|minutes|hours|kb|mb|mib|percent)(_|$)", name):
            yield f"{name} is not in a base unit"


def unbounded(text: str) -> Iterator[str]:
    """Yield the labels that have more values than there are things, or values that are new at each start."""
    for metric, by_label in labels(text).items():
        for label, values in by_label.items():
            if label in {"le", "quantile"}:
                continue
            if len(values) > MOST.get(label, FEW):
                yield f"{metric} has {len(values)} values of {label}"
            if strange := sorted(value for value in values if NEW_EACH_TIME.search(value)):
                yield f"{metric} has {label}={strange[0]!r}"
