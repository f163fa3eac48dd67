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
        .link(_to("Live page", "http://localhost:8090/", "What the shop's people see, and the light of its numbers"))
        .link(_to("Flink", "http://localhost:8081/", "Flink's own page: tasks, checkpoints, exceptions"))
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


def _to(title: str, url: str, tooltip: str) -> dashboard.DashboardLink:
    """Lead to a page of this machine; `make run` puts its own ports in (stack/footfall_stack/grafana.py)."""
    link = dashboard.DashboardLink(title).type(DashboardLinkType.LINK).url(url).tooltip(tooltip)
    return link.icon("external link").target_blank(True).keep_time(False).include_vars(False)
