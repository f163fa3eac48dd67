"""Prometheus' and Alertmanager's files with every time shortened by one factor: minutes of waiting become seconds. Pure."""

import re
from pathlib import Path
from typing import Any

import yaml

_SPAN = re.compile(r"(\[|offset )(\d+)([smhd])(?=\]|\s|$)")
_AGE = re.compile(r"(_seconds\W.*> )(\d+)$")
_SPELT = re.compile(r"(\d+)(ms|s|m|h|d)")
_IN_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
SHORTEST = 1
"""Seconds: Prometheus looks no more often here."""


def seconds(text: str) -> float:
    """Return how long a duration of Prometheus' is."""
    return sum(int(number) * _IN_SECONDS[unit] for number, unit in _SPELT.findall(text))


def shorter(text: str, factor: float) -> str:
    """Return a duration, so many times shorter, in whole seconds."""
    return f"{max(SHORTEST, round(seconds(text) / factor))}s"


def rules(text: str, factor: float) -> str:
    """Return a file of rules whose `for`, ranges, offsets and ages are so many times shorter, and nothing else is."""
    document = yaml.safe_load(text)
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        if "for" in rule:
            rule["for"] = shorter(rule["for"], factor)
        expression = _SPAN.sub(lambda found: found[1] + shorter(found[2] + found[3], factor), rule["expr"].strip())
        rule["expr"] = _AGE.sub(lambda found: f"{found[1]}{int(found[2]) / factor:g}", expression)
    return _written(document)


def scrapes(text: str, factor: float, slowest: float) -> str:
    """Return Prometheus' configuration with shorter intervals.

    Args:
        text: The configuration.
        factor: How many times shorter.
        slowest: Seconds between two questions to a job with a timeout of its own, which may answer as long, and to programs
            of others, of which no rule speaks.
    """
    document = yaml.safe_load(text)
    for name in ("scrape_interval", "evaluation_interval"):
        document["global"][name] = shorter(document["global"][name], factor)
    for job in document["scrape_configs"]:
        if "scrape_timeout" in job or not job["job_name"].startswith("footfall-"):
            job |= {"scrape_timeout": f"{slowest:g}s", "scrape_interval": f"{slowest:g}s"}
    return _written(document)


def routes(text: str, factor: float) -> str:
    """Return Alertmanager's configuration with shorter waits, but for how often it says the same again."""
    document = yaml.safe_load(text)
    for name in ("group_wait", "group_interval"):
        document["route"][name] = shorter(document["route"][name], factor)
    return _written(document)


def write(source: Path, target: Path, factor: float, slowest: float) -> None:
    """Write the folder's files anew, shortened, into another folder."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "rules.yaml").write_text(rules((source / "rules.yaml").read_text(), factor))
    (target / "prometheus.yaml").write_text(scrapes((source / "prometheus.yaml").read_text(), factor, slowest))
    (target / "alertmanager.yaml").write_text(routes((source / "alertmanager.yaml").read_text(), factor))


def _written(document: Any) -> str:
    written: str = yaml.safe_dump(document, sort_keys=False, width=10_000)
    return written
