"""A panel's rows as CSV (RFC 4180)."""

import csv
import io

from footfall_dashboard.live.info import PanelInfo
from footfall_dashboard.live.panel import Cell, Panel, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the begin of a formula."""


def as_csv(info: PanelInfo, panel: Panel) -> str:
    """Return the columns' names and the rows; money keeps all its digits, what is not known is empty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in info.columns])
    writer.writerows([[_safe(cell) for cell in row] for row in panel.rows])
    return out.getvalue()


def _safe(cell: Cell) -> str | int | float | None:
    if isinstance(cell, str) and cell.startswith(FORMULA):
        # Names come from the shop's events, and so from anybody; whoever opens the file must not run them.
        return "'" + cell
    return plain(cell)
