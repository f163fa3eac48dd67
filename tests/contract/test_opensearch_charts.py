"""What OpenSearch Dashboards and Kibana import: the three charts by name, each over fields that its index has."""

import json
import runpy

import pytest
from footfall_exporter.sinks.opensearch_mapping import properties_of
from footfall_exporter.streams import choose
from footfall_schemas.topics import Json

from support.charts import FILE, charts, saved_objects

OBJECTS = saved_objects()
CHARTS = charts()
STREAMS = {f"footfall-{stream.name}": stream for stream in choose(())}


def test_the_file_is_what_the_script_writes() -> None:
    script = runpy.run_path(str(FILE.with_name("saved_objects.py")))
    assert FILE.read_text() == script["text"](), "run `make manifests`"


def test_every_stream_has_an_index_pattern_with_its_time() -> None:
    patterns = {each["id"]: each["attributes"] for each in OBJECTS.values() if each["type"] == "index-pattern"}
    assert patterns.keys() == STREAMS.keys()
    for name, attributes in patterns.items():
        assert attributes["title"] == name
        types = {each["name"]: each["type"] for each in json.loads(attributes["fields"])}
        time = attributes.get("timeFieldName")
        assert types[time] == "date" if time else "date" not in types.values(), name


def test_a_sum_of_money_has_a_field_that_can_be_added_up() -> None:
    fields = json.loads(OBJECTS["index-pattern/footfall-revenue_per_minute"]["attributes"]["fields"])
    (number,) = [each for each in fields if each["name"] == "revenue.number"]
    assert (number["type"], number["esTypes"]) == ("number", ["double"])
    assert number["subType"] == {"multi": {"parent": "revenue"}}


def test_the_charts_are_those_of_the_original_shop() -> None:
    assert {title: chart["type"] for title, chart in CHARTS.items()} == {
        "Hourly Trading Volume": "area",
        "Unique Visitors": "line",
        "Top Categories": "horizontal_bar",
    }


@pytest.mark.parametrize("title", CHARTS)
def test_a_chart_reads_fields_that_its_index_has(title: str) -> None:
    chart = CHARTS[title]
    fields: Json = properties_of(STREAMS[chart["index"]])
    metric, axis = chart["aggs"]
    assert fields[metric["params"]["field"]]["type"] in {"long", "double"}
    assert fields[axis["params"]["field"]]["type"] == ("date" if axis["type"] == "date_histogram" else "keyword")
    assert [each["schema"] for each in chart["aggs"]] == ["metric", "segment"]


def test_whatever_is_referred_to_is_in_the_file_before() -> None:
    seen: set[str] = set()
    for name, each in OBJECTS.items():
        assert {f"{other['type']}/{other['id']}" for other in each["references"]} <= seen, name
        seen.add(name)


def test_the_page_has_every_chart_beside_one_another() -> None:
    (board,) = [each for each in OBJECTS.values() if each["type"] == "dashboard"]
    panels = json.loads(board["attributes"]["panelsJSON"])
    shown = {each["name"]: each["id"] for each in board["references"]}
    assert [shown[panel["panelRefName"]] for panel in panels] == [
        each["id"] for each in OBJECTS.values() if each["type"] == "visualization"
    ]
    taken = [
        (x, y)
        for place in (panel["gridData"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 48
