"""The metrics that programs of others are told to export, from what tells them so. Pure."""

import itertools
import re
from pathlib import Path

import yaml
from footfall_stack.exporters import BROKER, FLINK

_CHOICE = re.compile(r"\(([A-Za-z|]+)\)")
JVM = re.compile(r"(jvm|process|jmx|java)_\w+")
"""What the JMX exporter tells of the JVM and of itself, whatever the rules."""


def broker(rules: Path = BROKER) -> list[str]:
    """Return the names of the broker's metrics."""
    found = []
    for rule in yaml.safe_load(rules.read_text())["rules"]:
        choices = [choice.split("|") for choice in _CHOICE.findall(rule["pattern"])] if "$1" in rule["name"] else []
        for chosen in itertools.product(*choices):
            name = rule["name"]
            for place, word in enumerate(chosen, 1):
                name = name.replace(f"${place}", word.lower())
            found.append(name)
    return found


def flink(options: Path = FLINK) -> list[str]:
    """Return the names of Flink's metrics; `*` stands for any."""
    filters = yaml.safe_load(options.read_text())["metrics.reporter.prometheus.filter.includes"].split(";")
    found = []
    for each in filters:
        scope, _, names = each.partition(":")
        found += [re.sub(r"[^\w*]", "_", f"flink_{scope}_{name}") for name in (names.split(",") if names else ["*"])]
    return found
