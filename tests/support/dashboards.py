"""The dashboards of deploy/grafana as tests read them, and their queries as Grafana sends them.

`Queries` runs every one of them against a Postgres and a Prometheus, as `make test-monitoring` does against a running shop.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
from footfall_analytics.database import Database

from support.repository import ROOT

FOLDER = ROOT / "deploy" / "grafana" / "dashboards"
POSTGRES, PROMETHEUS = "footfall-postgres", "footfall-prometheus"
RATE_INTERVAL = "1m"
"""Four times the scrape interval, as Grafana has it."""
_WORDS = {"by", "bool", "and", "or", "unless", "offset", "on", "ignoring", "group_left", "without"}


@dataclass(frozen=True)
class Asked:
    """One query of one panel."""

    dashboard: str
    panel: str
    source: str
    """Uid of its data source."""
    query: str

    def __str__(self) -> str:
        return f"{self.dashboard} / {self.panel}"


def dashboards() -> dict[str, dict[str, Any]]:
    """Return every dashboard by the name of its file."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def panels(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a dashboard's panels, without the rows that are their headings."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def asked(source: str) -> list[Asked]:
    """Return every query to a data source."""
    return [
        Asked(dashboard["title"], panel["title"], source, target.get("rawSql") or target["expr"])
        for dashboard in dashboards().values()
        for panel in panels(dashboard)
        for target in panel["targets"]
        if target["datasource"]["uid"] == source
    ]


def sql(query: str, begin: datetime, end: datetime, currency: str) -> str:
    """Return a query with Grafana's macros and the variable filled in."""
    times = [f"'{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}'" for at in (begin, end)]
    filled = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 BETWEEN {times[0]} AND {times[1]}", query)
    return _whole(filled.replace("${currency:sqlstring}", f"'{currency}'"))


def promql(expression: str, job_name: str = ".+") -> str:
    """Return an expression with Grafana's variables filled in."""
    return _whole(expression.replace("$__rate_interval", RATE_INTERVAL).replace("$job_name", job_name))


def metrics(expression: str) -> set[str]:
    """Return the names of the metrics that an expression reads."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\{[^}]*\}|\[[^]]*\]', " ", re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression))
    bare = re.sub(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", bare)) - _WORDS


def _whole(text: str) -> str:
    if left := re.findall(r"\$(?:__\w+|\{\w+[^}]*\}|[A-Za-z]\w*)", text):
        raise ValueError(f"unknown to this helper: {', '.join(left)}")
    return text


@dataclass(frozen=True)
class Queries:
    """Runs every panel's query."""

    database: Database
    prometheus: str = ""
    """Address of a Prometheus."""

    def empty(self, end: datetime | None = None) -> list[Asked]:
        """Return the queries that find nothing in the hour up to now, or up to `end`.

        Raises:
            psycopg.Error: A query in SQL is wrong.
            httpx.HTTPStatusError: An expression is wrong.
        """
        end = end or datetime.now(UTC)
        found = [each for each in asked(POSTGRES) if not self._rows(each, end)]
        if self.prometheus:
            found += [each for each in asked(PROMETHEUS) if not any(self._values(each))]
        return found

    def currencies(self, end: datetime) -> list[str]:
        """Return what the variable `currency` offers."""
        (variable,) = dashboards()["footfall-ecommerce"]["templating"]["list"]
        return [str(row[0]) for row in self.select(sql(variable["query"], end - timedelta(hours=1), end, ""))]

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self.database.conninfo()) as connection:
            return connection.execute(query.encode()).fetchall()

    def _rows(self, each: Asked, end: datetime) -> list[tuple[Any, ...]]:
        begin, currencies = end - timedelta(hours=1), self.currencies(end)
        # A row of nothing but nulls is what Grafana calls no data.
        rows = [row for currency in currencies[:1] for row in self.select(sql(each.query, begin, end, currency))]
        return [row for row in rows if any(value is not None for value in row)]

    def _values(self, each: Asked) -> Iterator[str]:
        url, asked_for = f"{self.prometheus}/api/v1/query", {"query": promql(each.query)}
        answer = httpx.get(url, params=asked_for, timeout=30, trust_env=False).raise_for_status()
        # Not a number is what Grafana calls no data: a quantile of nothing, say.
        values = (series["value"][1] for series in answer.json()["data"]["result"])
        yield from (value for value in values if value != "NaN")
