"""What stands in a report: every panel of the catalog, drawn for its range. Pure."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from footfall_dashboard.api.models import PanelInfoModel
from footfall_dashboard.live.catalog import CATALOG
from footfall_dashboard.live.draw import draw
from footfall_dashboard.live.panel import Judgement, Panel, document, plain
from footfall_dashboard.live.state import Reading
from footfall_dashboard.live.view import Range, RangeError, View
from footfall_dashboard.report.ranges import shown
from footfall_dashboard.report.reading import Past

TODAY = " today"
YESTERDAY = "A day earlier"
NOW = "now"
NEWEST, THE_RANGE = "newest", "the range"
DELAY = "seconds"


def content_of(past: Past, zone: ZoneInfo, asked: Range, made_at: datetime) -> dict[str, Any]:
    """Return what the page draws.

    Args:
        past: The rows.
        zone: The shop's time zone.
        asked: The range.
        made_at: When the report is made.
    """
    view = View(past.store, zone, made_at, asked)
    reading = Reading(phases=past.phases)
    panels = [_drawn(info.id, view, reading) for info in CATALOG]
    begin, end = (shown(time, zone) for time in (asked.begin, asked.end) if time)
    return {
        "title": f"Report: {begin} to {end}",
        "time_zone": zone.key,
        "from": plain(asked.begin),
        "to": plain(asked.end),
        "made_at": plain(made_at),
        "panels": [_info(PanelInfoModel.model_validate(info).model_dump()) for info in CATALOG],
        "data": {panel.id: _renamed(document(panel, 0)) for panel in panels},
    }


def _drawn(panel: str, view: View, reading: Reading) -> Panel:
    try:
        return draw(panel, view, reading)
    except RangeError:
        why = "This stream holds what is true now, not what was: the live page shows it."
        return Panel(panel, Judgement("empty", why), begin=view.asked.begin, end=view.asked.end)


def _info(info: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of a panel, in words for a range: what the page calls today or the last hour is the range here."""
    if info["range"] != NEWEST:
        info = info | {"range": THE_RANGE}
    if info["id"] != NOW:
        return info
    columns = [
        column | {"title": YESTERDAY if column["name"] == "yesterday" else "In the range"}
        if column["name"] in {"value", "yesterday"}
        else column
        for column in info["columns"]
    ]
    return info | {
        "title": "In short",
        "help": "Sums over the range, beside the same stretch a day earlier; other numbers are those of its end.",
        "columns": columns,
    }


def _renamed(panel: dict[str, Any]) -> dict[str, Any]:
    """Return a panel's rows in words for a range, without how long they took to the page."""
    if panel["id"] != NOW:
        return panel
    rows = [row for row in panel["rows"] if row[3] != DELAY]
    return panel | {"rows": [[str(row[0]).removesuffix(TODAY), *row[1:]] for row in rows]}
