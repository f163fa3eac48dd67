"""Charts of OpenSearch Dashboards and Kibana: what is in the file, and what each asks the cluster."""

import json
from pathlib import Path
from typing import Any

from footfall_schemas.topics import Json

FILE = Path(__file__).resolve().parents[2] / "deploy" / "opensearch" / "footfall.ndjson"


def saved_objects() -> dict[str, Json]:
    """Return the saved objects by type and id."""
    return {f"{each['type']}/{each['id']}": each for each in map(json.loads, FILE.read_text().splitlines())}


def charts() -> dict[str, Json]:
    """Return what each chart draws, by its title, with the index that it asks."""
    found = {}
    for each in saved_objects().values():
        if each["type"] == "visualization":
            (pattern,) = each["references"]
            found[each["attributes"]["title"]] = json.loads(each["attributes"]["visState"]) | {"index": pattern["id"]}
    return found


def query(chart: Json) -> Json:
    """Return the search by which a chart gets its points, as the programs make it of the aggregations."""
    metric, axis = chart["aggs"]
    options = axis["params"]
    if axis["type"] == "date_histogram":
        places: Json = {"field": options["field"], "fixed_interval": options["interval"], "min_doc_count": 1}
    else:
        places = {"field": options["field"], "size": options["size"], "order": {options["orderBy"]: options["order"]}}
    values = {metric["id"]: {metric["type"]: {"field": metric["params"]["field"]}}}
    return {"size": 0, "aggs": {axis["id"]: {axis["type"]: places, "aggs": values}}}


def points(chart: Json, answer: Json) -> list[tuple[Any, float]]:
    """Return where a chart has its points, and how high."""
    metric, axis = chart["aggs"]
    buckets = answer["aggregations"][axis["id"]]["buckets"]
    return [(bucket.get("key_as_string", bucket["key"]), bucket[metric["id"]]["value"]) for bucket in buckets]
