"""Write anew what OpenSearch Dashboards and Kibana import, an index pattern for each stream and three charts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from footfall_exporter.sinks.opensearch_mapping import OURS, alias_of, properties_of
from footfall_exporter.streams import Stream, choose
from footfall_schemas.topics import Json

FILE = Path(__file__).with_name("footfall.ndjson")
PREFIX = "footfall-"
"""Of the aliases; whoever sets EXPORTER_OPENSEARCH_PREFIX replaces it in the file."""
TIMES = ("window_start", "session_start", "checkout_time", "event_time", "completed_at", "as_of")
"""The field of time of a stream is the first of these that it has."""
KINDS = {"keyword": "string", "long": "number", "double": "number", "date": "date", "boolean": "boolean"}
"""What a type of a mapping is to a chart."""
ABOUT = [("_id", "string", "_id"), ("_index", "string", "_index"), ("_source", "_source", "_source")]
"""Fields that every document has: name, kind and type."""
VERSIONS = {"index-pattern": "7.6.0", "visualization": "7.10.0", "dashboard": "7.9.3"}
"""The oldest form that both programs read, and lift to their own."""
BOARD, BOARD_TITLE = "footfall-shop", "Footfall: the shop"
INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"
WIDTH, HEIGHT = 24, 15
"""Of a chart; a page is 48 wide."""


@dataclass(frozen=True)
class Chart:
    """One chart over one stream.

    Args:
        name: Its id.
        title: What stands above it.
        kind: area, line or horizontal_bar.
        stream: What it shows.
        metric: How values of one place on the axis become one.
        field: The values.
        label: What they are called.
        axis: The places: an aggregation with its options.
    """

    name: str
    title: str
    kind: str
    stream: str
    metric: str
    field: str
    label: str
    axis: tuple[str, Json]


def by_time(interval: str) -> tuple[str, Json]:
    """Return an axis of time."""
    return "date_histogram", {"field": "window_start", "interval": interval, "min_doc_count": 1, "drop_partials": False}


CHARTS = (
    Chart(
        "footfall-hourly-trading-volume",
        "Hourly Trading Volume",
        "area",
        *("trading_volume", "sum", "purchases", "Purchases"),
        by_time("1h"),
    ),
    Chart(
        "footfall-unique-visitors",
        "Unique Visitors",
        "line",
        *("cumulative_visitors", "max", "visitors", "Visitors since midnight"),
        by_time("10m"),
    ),
    Chart(
        "footfall-top-categories",
        "Top Categories",
        "horizontal_bar",
        *("top_categories", "max", "purchases", "Purchases"),
        ("terms", {"field": "category", "orderBy": "1", "order": "desc", "size": 10}),
    ),
)


def text() -> str:
    """Return the file: a line for each object, what others refer to first."""
    objects = [*map(pattern, choose(())), *map(chart, CHARTS), board(CHARTS)]
    return "".join(json.dumps(each, sort_keys=True, ensure_ascii=False) + "\n" for each in objects)


def pattern(stream: Stream) -> Json:
    """Return the index pattern of a stream: its alias and its fields."""
    name = alias_of(stream, PREFIX)
    fields = [*(_field(*each) for each in ABOUT), *fields_of(properties_of(stream))]
    attributes: Json = {"title": name, "fields": json.dumps(fields)}
    if time := next((each for each in TIMES if each in stream.columns.names), None):
        attributes["timeFieldName"] = time
    return _saved("index-pattern", name, attributes, [])


def fields_of(properties: Json) -> list[Json]:
    """Return the fields of a mapping that a chart can show or add up; lists of records are in the documents only."""
    found = []
    for name, mapped in properties.items():
        if name != OURS and mapped.get("type") in KINDS:
            found.append(_field(name, KINDS[mapped["type"]], mapped["type"], indexed=mapped.get("index", True)))
            found += [
                _field(f"{name}.{inner}", KINDS[each["type"]], each["type"]) | {"subType": {"multi": {"parent": name}}}
                for inner, each in mapped.get("fields", {}).items()
            ]
    return found


def chart(told: Chart) -> Json:
    """Return one chart."""
    (stream,) = choose([told.stream])
    aggregation, options = told.axis
    drawn: Json = {
        "title": told.title,
        "type": told.kind,
        "aggs": [
            {
                "id": "1",
                "enabled": True,
                "type": told.metric,
                "schema": "metric",
                "params": {"field": told.field, "customLabel": told.label},
            },
            {"id": "2", "enabled": True, "type": aggregation, "schema": "segment", "params": options},
        ],
        "params": _drawn(told),
    }
    attributes: Json = {
        "title": told.title,
        "description": str(stream.topic.schema["doc"]),
        "version": 1,
        "uiStateJSON": "{}",
        "visState": json.dumps(drawn),
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": json.dumps(
                {"query": {"query": "", "language": "kuery"}, "filter": [], "indexRefName": INDEX}
            )
        },
    }
    refers = [{"name": INDEX, "type": "index-pattern", "id": alias_of(stream, PREFIX)}]
    return _saved("visualization", told.name, attributes, refers)


def board(charts: Iterable[Chart]) -> Json:
    """Return the page with the charts, two in a row."""
    panels, refers = [], []
    for number, told in enumerate(charts):
        place = {"x": number % 2 * WIDTH, "y": number // 2 * HEIGHT, "w": WIDTH, "h": HEIGHT, "i": str(number)}
        name = f"panel_{number}"
        panels.append(
            {
                "version": "7.9.3",
                "panelIndex": str(number),
                "gridData": place,
                "embeddableConfig": {},
                "panelRefName": name,
            }
        )
        refers.append({"name": name, "type": "visualization", "id": told.name})
    attributes: Json = {
        "title": BOARD_TITLE,
        "description": "Trading volume, visitors and categories, as Footfall's exporter indexes them.",
        "version": 1,
        "hits": 0,
        "optionsJSON": json.dumps({"useMargins": True, "hidePanelTitles": False}),
        "panelsJSON": json.dumps(panels),
        "timeRestore": True,
        "timeFrom": "now-24h",
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": 10_000},
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": json.dumps({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
    }
    return _saved("dashboard", BOARD, attributes, refers)


def _field(name: str, kind: str, type_: str, *, indexed: bool = True) -> Json:
    return {
        "name": name,
        "type": kind,
        "esTypes": [type_],
        "count": 0,
        "scripted": False,
        "searchable": indexed,
        "aggregatable": indexed and name != "_source",
        "readFromDocValues": indexed and (not name.startswith("_") or name in {"_partition", "_offset"}),
    }


def _drawn(told: Chart) -> Json:
    """Return how it is drawn: bars lie, so their axis of categories is at the left."""
    lies = told.kind == "horizontal_bar"
    shape = "histogram" if lies else told.kind
    axis: Json = {"show": True, "style": {}, "labels": {"show": True, "truncate": 100}, "title": {}}
    return {
        "type": told.kind,
        "grid": {"categoryLines": False},
        "categoryAxes": [
            axis
            | {
                "id": "CategoryAxis-1",
                "type": "category",
                "position": "left" if lies else "bottom",
                "scale": {"type": "linear"},
            }
        ],
        "valueAxes": [
            axis
            | {
                "id": "ValueAxis-1",
                "name": "BottomAxis-1" if lies else "LeftAxis-1",
                "type": "value",
                "position": "bottom" if lies else "left",
                "scale": {"type": "linear", "mode": "normal"},
                "title": {"text": told.label},
            }
        ],
        "seriesParams": [
            {
                "show": True,
                "type": shape,
                "mode": "normal",
                "data": {"label": told.label, "id": "1"},
                "valueAxis": "ValueAxis-1",
                "drawLinesBetweenPoints": True,
                "showCircles": True,
                "interpolate": "linear",
                "lineWidth": 2,
            }
        ],
        "addTooltip": True,
        "addLegend": False,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "thresholdLine": {"show": False, "value": 0, "width": 1, "style": "full", "color": "#E7664C"},
        "labels": {"show": lies},
    }


def _saved(kind: str, name: str, attributes: Json, refers: list[Json]) -> Json:
    return {
        "type": kind,
        "id": name,
        "attributes": attributes,
        "references": refers,
        "migrationVersion": {kind: VERSIONS[kind]},
    }


if __name__ == "__main__":
    FILE.write_text(text())
