"""Panels as these dashboards have them: each with a description and a unit, and "no data" where nobody knows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.prometheus import Dataquery as PrometheusBuilder
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueGraphMode,
    GraphDrawStyle,
    StackingMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from footfall_grafana.sources import POSTGRES, PROMETHEUS, PostgresQuery

Panel: TypeAlias = timeseries.Panel | stat.Panel | bargauge.Panel | table.Panel | statetimeline.Panel
_P = TypeVar("_P", timeseries.Panel, stat.Panel, bargauge.Panel, table.Panel, statetimeline.Panel)
Query: TypeAlias = PostgresQuery | PrometheusBuilder
NOTHING = "no data"
"""What is shown where there is no value: never 0."""
WIDTH = 24


@dataclass(frozen=True)
class About:
    """What stands above a panel and behind its (i), and in what it counts."""

    title: str
    description: str
    unit: str = "short"
    """Grafana's id of it."""


def number(about: About, query: Query, *, span: int = 4, wrong_above: float | None = None) -> stat.Panel:
    """Return the newest value, large; red where it is above a bound."""
    panel = stat.Panel().graph_mode(BigValueGraphMode.NONE).reduce_options(_newest())
    return _described(panel, about, [query], span, 4).thresholds(_bounds(wrong_above))


def lines(about: About, *queries: Query, span: int = 12, share: bool = False) -> timeseries.Panel:
    """Return lines over time; a gap is a gap. A share goes from 0 to 1."""
    panel = timeseries.Panel().span_nulls(False).show_points(VisibilityMode.AUTO).fill_opacity(8).min(0)
    return _described(panel.max(1) if share else panel, about, queries, span, 8)


def signed_lines(about: About, *queries: Query, span: int = 12) -> timeseries.Panel:
    """Return lines over time that may go below 0."""
    panel = timeseries.Panel().span_nulls(False).show_points(VisibilityMode.AUTO)
    return _described(panel, about, queries, span, 8)


def stacks(about: About, *queries: Query, span: int = 12) -> timeseries.Panel:
    """Return bars over time, one upon the other."""
    stacking = common.StackingConfig().mode(StackingMode.NORMAL)
    panel = timeseries.Panel().draw_style(GraphDrawStyle.BARS).stacking(stacking).fill_opacity(70).min(0)
    return _described(panel, about, queries, span, 8)


def ranking(about: About, query: Query, *, span: int = 8) -> bargauge.Panel:
    """Return a bar for each row, in the query's order."""
    panel = bargauge.Panel().orientation(VizOrientation.HORIZONTAL).display_mode(BarGaugeDisplayMode.BASIC).min(0)
    panel = panel.reduce_options(_newest().values(True)).thresholds(_bounds(None))
    return _described(panel, about, [query], span, 8)


def listing(about: About, query: Query, *, span: int = WIDTH) -> table.Panel:
    """Return rows as a table."""
    return _described(table.Panel().filterable(True), about, [query], span, 9)


def levels(about: About, query: Query, *, span: int = WIDTH) -> statetimeline.Panel:
    """Return a band for each check: ok, warning or wrong over time."""
    shown = {
        str(value): ValueMappingResult(text=text, color=color)
        for value, (text, color) in enumerate([("ok", "green"), ("warning", "orange"), ("wrong", "red")])
    }
    panel = statetimeline.Panel().mappings([ValueMap(shown)]).show_value(VisibilityMode.NEVER)
    return _described(panel.merge_values(True).fill_opacity(70).line_width(0), about, [query], span, 10)


def _described(panel: _P, about: About, queries: Iterable[Query], span: int, height: int) -> _P:
    panel.title(about.title).description(about.description).unit(about.unit).no_value(NOTHING)
    panel.span(span).height(height)
    for query in queries:
        panel.datasource(_source(query)).with_target(query)
    return panel


def _source(query: Query) -> DataSourceRef:
    return POSTGRES if isinstance(query, PostgresQuery) else PROMETHEUS


def _newest() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _bounds(wrong_above: float | None) -> dashboard.ThresholdsConfig:
    red = [] if wrong_above is None else [Threshold(value=wrong_above, color="red")]
    good = "blue" if wrong_above is None else "green"
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([Threshold(value=None, color=good), *red])
