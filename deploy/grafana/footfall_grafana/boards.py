"""What every dashboard has: a fixed uid, links to the others, its range and its panels in rows of 24 columns."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import Dashboard, DashboardCursorSync, DashboardLinkType

from footfall_grafana.panels import Panel

TAG = "footfall"


def board(
    uid: str,
    title: str,
    description: str,
    rows: dict[str, Sequence[Panel]],
    variables: Sequence[dashboard.QueryVariable] = (),
) -> Dashboard:
    """Return a dashboard of the last hour.

    Args:
        uid: By which links find it, for ever; at most 40 characters.
        title: As people know it.
        description: What it answers.
        rows: Panels by the heading above them; each spans part of 24 columns.
        variables: What can be chosen at the top.
    """
    made = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .timezone("browser")
        .time("now-1h", "now")
        .refresh("10s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .editable()
        .link(_to_the_others())
    )
    for variable in variables:
        made.with_variable(variable)
    numbers = iter(range(1, 1000))
    for heading, panels in rows.items():
        made.with_row(dashboard.Row(heading).id(next(numbers)))
        for panel in panels:
            made.with_panel(panel.id(next(numbers)))
    return made.build()


def _to_the_others() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("Footfall").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(False).keep_time(True).include_vars(False)
