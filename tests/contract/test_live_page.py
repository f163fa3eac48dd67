"""docs/live-page.md and the Makefile say what there is."""

import re
import subprocess

from footfall_dashboard.live.catalog import CATALOG
from footfall_dashboard.settings import DashboardSettings
from footfall_schemas.personal import personal_fields
from footfall_schemas.topics import load_topics
from footfall_stack.paths import REPOSITORY
from footfall_stack.settings import StackSettings

PAGE = (REPOSITORY / "docs" / "live-page.md").read_text()


def table() -> str:
    """What the page says of the panels, from the catalog."""
    head = ["| panel | what it shows | range | topics |", "|---|---|---|---|"]
    rows = [
        f"| {info.title} (`{info.id}`) | {info.help} | {info.range} | {', '.join(f'`{topic}`' for topic in info.topics)} |"
        for info in CATALOG
    ]
    return "\n".join([*head, *rows])


def test_every_panel_of_the_catalog_is_on_the_page() -> None:
    (found,) = re.findall(r"<!-- panels: [^\n]* -->\n(.*?)\n?<!-- /panels -->", PAGE, re.DOTALL)

    assert found == table(), f"put this into docs/live-page.md:\n{table()}"


def test_every_setting_is_on_the_page() -> None:
    own = {name for name in DashboardSettings.variables() if name.startswith("DASHBOARD_")}

    assert {name for name in own if f"`{name}`" not in PAGE} == set()


def test_what_is_personal_is_on_the_page() -> None:
    for topic in load_topics().values():
        for name in personal_fields(topic.reader):
            assert re.search(rf"`{name}` of\s+`{topic.name}`", PAGE), (topic.name, name)


def test_make_opens_the_pages_where_the_run_has_them() -> None:
    stack = StackSettings()
    for target, port, variable in (
        ("page", stack.dashboard_port, "DASHBOARD_PORT"),
        ("ui", stack.flink_rest_port, "FLINK_REST_PORT"),
    ):
        for told, expected in ((), port), ((f"{variable}=9999",), 9999):
            done = subprocess.run(
                ["make", "-n", target, *told], cwd=REPOSITORY, capture_output=True, text=True, check=True
            )
            assert f'webbrowser "http://localhost:{expected}/"' in done.stdout
