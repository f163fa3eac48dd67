"""The live page in a real browser, with made-up panels: what it shows, to whom, and what it never does."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from footfall_dashboard.live.catalog import CATALOG
from playwright.sync_api import Browser, Page, expect

from support import canned_shop
from support.browser import DESKTOP, PHONE, WALL, browsing, first_paint, opened, rows_of, state_of, wait_for_panels
from support.page_server import PAGE, PageServer, compressed_size

pytestmark = pytest.mark.programs

MOST_BYTES = 100_000
"""What a browser loads at first, compressed. The issue allows six times as much."""
VIEWS = {"shop": "", "pipeline": "#/pipeline", "topics": "#/topics", "topic": "#/topics/clickstream", "wall": "?wall=1"}
MODULE_LINE = re.compile(r'^import \{ [\w, ]+ \} from "\./\w+\.js";$')
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)

CALL = """async ([module, name, given]) => {
  const found = (await import(`/assets/${module}.js`))[name](...given);
  return typeof found === "bigint" ? String(found) : found;
}"""
"""Calls a function of one of the page's modules."""
PLACES = """all => all.map(node => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return [x, y, width, height];
})"""
"""Where elements stand, in pixels."""
CUT = """all => all.filter(tile => {
  const last = document.createRange();
  last.selectNodeContents(tile);
  return last.getBoundingClientRect().right > Math.min(tile.getBoundingClientRect().right, innerWidth) + 1;
}).map(tile => tile.innerText)"""
"""Tiles whose text goes beyond their edge."""
REACH = """() => {
  const { activeElement: active, body } = document;
  if (active === body || active.dataset.reached) return null;
  active.dataset.reached = "yes";
  return getComputedStyle(active).outlineStyle;
}"""
"""How the focus is drawn; null where it came for the second time."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with PageServer() as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    with opened(browser, server.url) as watched:
        wait_for_panels(watched.page)
        yield watched.page
        assert watched.errors == []


def figure(page: Page, name: str) -> str:
    return page.locator(".tile", has_text=name).locator(".figure").inner_text()


def called(page: Page, module: str, name: str, *given: Any) -> Any:
    return page.evaluate(CALL, [module, name, given])


def as_text(rows: list[list[Any]]) -> list[list[str]]:
    return [
        ["" if cell is None else json.dumps(cell) if isinstance(cell, float) else str(cell) for cell in row]
        for row in rows
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_writes_an_error_or_asks_another_host(browser: Browser, server: PageServer, view: str) -> None:
    with opened(browser, server.url + VIEWS[view]) as watched:
        watched.page.wait_for_selector(".connection[data-state=live]")
        watched.page.wait_for_selector("#view :is(.panel, .part, table)")
        watched.page.wait_for_load_state("load")

        assert watched.errors == []
        assert watched.elsewhere(server.url) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious(browser: Browser, server: PageServer, view: str, scheme: Any) -> None:
    size = WALL if view == "wall" else DESKTOP
    with opened(browser, server.url + VIEWS[view], size, color_scheme=scheme) as watched:
        watched.page.wait_for_selector(".connection[data-state=live]")
        watched.page.wait_for_selector("#view :is(.panel, .part, table)")
        for summary in watched.page.locator("main summary:visible").all()[:3]:
            summary.click()

        found = Axe().run(watched.page).response["violations"]

        serious = [
            (rule["id"], [node["html"] for node in rule["nodes"]])
            for rule in found
            if rule["impact"] in {"serious", "critical"}
        ]
        assert serious == []


def test_every_panels_table_has_its_rows_as_they_were_sent(page: Page, server: PageServer) -> None:
    assert {name: as_text(panel["rows"]) for name, panel in server.panels.items()} == {
        info.id: rows_of(page, info.id) for info in CATALOG
    }


def test_every_panel_names_its_topics_its_sql_and_its_rows(page: Page) -> None:
    for info in CATALOG:
        rows_of(page, info.id)
        about = page.locator(f"#panel-{info.id} details.about")
        text = about.inner_text()
        links = about.locator("a").evaluate_all("all => all.map(link => link.getAttribute('href'))")

        assert info.help in text
        assert all(file in text for file in info.sql)
        assert {f"#/topics/{topic}" for topic in info.topics} | {
            f"v1/panels/{info.id}",
            f"v1/panels/{info.id}.csv",
        } == set(links)


def test_numbers_are_shown_to_the_cent_beside_yesterdays(page: Page) -> None:
    tile = page.locator(".tile", has_text="Revenue today")

    assert tile.inner_text().split("\n") == ["Revenue today EUR", "148,250.13", "▲ 12.4 %", "yesterday 131,904.50"]


def test_every_drawn_chart_shows_lines_or_bars(page: Page, server: PageServer) -> None:
    drawn = "plot => [...plot.querySelector('canvas').getContext('2d').getImageData(0, 0, 300, 300).data].some(Boolean)"

    plots = page.locator(".plot")
    assert plots.count() >= 7
    assert all(plots.evaluate_all(f"all => all.map({drawn})"))


def test_a_long_list_shows_its_first_rows_and_all_of_them_when_asked(page: Page) -> None:
    panel = page.locator("#panel-top_categories")
    shown = panel.locator(".bars li")
    assert shown.count() == 10

    panel.locator("button", has_text="Show all 12").click()

    assert shown.count() == 12


def test_one_currency_at_a_time_and_the_others_are_named(page: Page) -> None:
    assert "EUR only (also in USD)" in page.locator("#panel-money .fresh").inner_text()
    assert page.locator("#currency option").all_inner_texts() == ["EUR", "USD"]

    page.select_option("#currency", "USD")

    assert figure(page, "Revenue today") == "45,957.54"
    assert "USD only (also in EUR)" in page.locator("#panel-money .fresh").inner_text()
    assert page.locator("#panel-money .plot-title").first.inner_text() == "USD"


def test_a_stale_panel_says_since_when_and_an_empty_one_why(page: Page, server: PageServer) -> None:
    since = datetime.fromisoformat(server.panels[canned_shop.STALE]["since"])

    assert tuple(state_of(page, name) for name in (canned_shop.STALE, canned_shop.EMPTY, canned_shop.LOADING)) == (
        "stale",
        "empty",
        "loading",
    )
    assert page.locator(f"#panel-{canned_shop.EMPTY} .why").inner_text() == canned_shop.EMPTY_WHY
    stale = page.locator(f"#panel-{canned_shop.STALE}")
    assert f"Stale since {since:%H:%M:%S}. {canned_shop.STALE_WHY}" in stale.inner_text()
    expect(stale.locator("canvas")).to_be_visible()
    expect(page.locator(f"#panel-{canned_shop.LOADING} .skeleton")).to_be_visible()


def test_hidden_numbers_are_nowhere_in_text_or_accessibility_tree(page: Page) -> None:
    rows_of(page, "money")

    page.click("#hide")

    assert {"•••"} == set(
        page.locator(".figure, td.number, .bar-value, .ranking b, .legend b, .funnel b").all_inner_texts()
    )
    assert "".join(page.locator(".trend, .funnel small").all_inner_texts()) == ""
    read = page.locator("main").inner_text() + page.locator("main").aria_snapshot()
    assert not [number for number in ("148,250", "3,703", "1,284", "5,120", "131,904", "4,900") if number in read]
    assert (
        page.locator("main [data-value]").evaluate_all(
            "all => all.filter(node => /^[\\d.]+$/.test(node.dataset.value)).length"
        )
        == 0
    )


def test_hidden_numbers_stay_hidden_after_a_reload_and_come_back(page: Page) -> None:
    page.click("#hide")
    page.reload()
    wait_for_panels(page)

    assert figure(page, "Revenue today") == "•••"

    page.click("#hide")
    assert figure(page, "Revenue today") == "148,250.13"


def test_the_theme_follows_the_system_until_the_reader_chooses(page: Page) -> None:
    theme = "document.documentElement.dataset.theme"
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector(":root[data-theme=dark]")

    page.click("#theme")
    page.reload()

    assert page.evaluate(theme) == "light"


def test_everything_that_can_be_used_is_reached_by_the_tab_key(page: Page) -> None:
    usable = "a[href], button, select, input, summary, [tabindex='0']"
    wanted = page.locator(f":is({usable}):visible").count()
    page.evaluate("document.activeElement.blur()")
    reached = 0

    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        outline = page.evaluate(REACH)
        if outline is None:
            break
        assert outline != "none"
        reached += 1

    assert wanted == reached


def test_the_keyboard_opens_what_is_behind_a_panel_and_changes_the_view(page: Page) -> None:
    page.locator("#panel-money summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-money table.data")).to_be_visible()

    page.locator("[data-view=pipeline]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".map")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.title() == "Footfall: Pipeline"


def test_a_change_is_shown_at_once_and_moves_nothing(browser: Browser) -> None:
    with PageServer() as server, opened(browser, server.url) as watched:
        page = watched.page
        wait_for_panels(page)
        before = page.locator(".panel, .tile").evaluate_all(PLACES)
        changed = json.loads(json.dumps(server.panels["now"]))
        changed["rows"][1][2], changed["version"] = "151002.005", 1000

        server.push("panel", changed)

        expect(page.locator(".tile", has_text="Revenue today").locator(".figure")).to_have_text(
            "151,002.01", timeout=2000
        )
        assert before == page.locator(".panel, .tile").evaluate_all(PLACES)


@pytest.mark.parametrize("view", ["shop", "wall"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, WALL], ids=["desktop", "phone", "wall"])
def test_a_large_amount_fits_its_tile(browser: Browser, view: str, size: tuple[int, int]) -> None:
    with PageServer() as server, opened(browser, server.url + VIEWS[view], size) as watched:
        wait_for_panels(watched.page)
        changed = json.loads(json.dumps(server.panels["now"]))
        changed["rows"][1][2:5:2] = ["98765432109.875", "98765432100.5"]

        server.push("panel", changed)

        expect(watched.page.locator(".figure", has_text="98,765,432,109.88")).to_be_visible()
        assert watched.page.locator(".tile").evaluate_all(CUT) == []


def test_the_first_paint_comes_within_a_second(browser: Browser, server: PageServer) -> None:
    def load() -> float:
        with opened(browser, server.url) as watched:
            return first_paint(watched.page)

    assert min(load() for _ in range(3)) <= 1000


def test_a_lost_connection_is_told_with_its_time_and_comes_back_by_itself(browser: Browser) -> None:
    with PageServer() as server, opened(browser, server.url) as watched:
        page = watched.page
        wait_for_panels(page)
        server.stop()
        page.wait_for_selector(".connection[data-state=lost]", timeout=10_000)
        assert re.search(r"Connection lost since \d\d:\d\d:\d\d", page.locator(".connection").inner_text())
        assert "No connection to the server since" in page.locator("#lost").inner_text()

        server.start()

        page.wait_for_selector(".connection[data-state=live]", timeout=20_000)
        expect(page.locator("#lost")).to_be_hidden()


def test_the_recommenders_box_asks_for_the_product_that_is_chosen(page: Page, server: PageServer) -> None:
    box = page.locator("#panel-related")
    expect(box.locator(".ranked-name").first).to_have_text("P00041")

    page.select_option("#related-product", "P00041")

    expect(box.locator(".ranked-name").first).to_have_text("P00007")
    assert "/v1/related/P00041" in server.asked


def test_the_wall_fits_the_screen_and_turns_its_panels(browser: Browser, server: PageServer) -> None:
    with opened(browser, f"{server.url}?wall=1", WALL) as watched:
        page = watched.page
        wait_for_panels(page)
        assert (
            tuple(page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"))
            == WALL
        )
        shown = page.locator(".sheet:visible .panel")
        first = shown.first.get_attribute("id")

        page.keyboard.press("ArrowRight")

        assert first != shown.first.get_attribute("id")


@pytest.mark.parametrize("view", ["shop", "pipeline", "topics", "topic"])
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, server: PageServer, view: str) -> None:
    with opened(browser, server.url + VIEWS[view], PHONE) as watched:
        watched.page.wait_for_selector("#view :is(.panel, .part, table)")

        assert PHONE[0] == watched.page.evaluate("document.documentElement.scrollWidth")


def test_who_wants_no_motion_gets_none(browser: Browser, server: PageServer) -> None:
    with opened(browser, server.url, reduced_motion="reduce") as watched:
        wait_for_panels(watched.page)

        assert watched.page.evaluate("document.getAnimations().length") == 0


def test_a_report_is_drawn_without_a_server(browser: Browser) -> None:
    with PageServer() as server:
        server.report = {**server.catalog(), "title": "1 November 2026", "data": server.panels}
        with opened(browser, server.url) as watched:
            page = watched.page
            page.wait_for_selector("#panel-now .figure")

            assert figure(page, "Revenue today") == "148,250.13"
            assert page.locator(".connection").inner_text() == "1 November 2026"
            assert page.locator("nav a").all_inner_texts() == ["Shop"]
            assert as_text(server.panels["money"]["rows"]) == rows_of(page, "money")
            assert [path for path in server.asked if path.startswith(("/v1", "/health"))] == []
            assert watched.errors == []


def test_amounts_are_written_from_their_text(page: Page) -> None:
    cases = {
        ("money", "5390.176"): "5,390.18",
        ("money", "0.005"): "0.01",
        ("money", "-1234567.894"): "\u22121,234,567.89",
        ("money", "-0.001"): "0.00",
        ("money", "9007199254740993.01"): "9,007,199,254,740,993.01",
        ("money", "7"): "7.00",
        ("integer", 1234567): "1,234,567",
        ("ratio", 0.0342): "3.4 %",
        ("seconds", 2.55): "2.6 s",
        ("rate", 19874.46): "19,874.5",
        ("change", 2): "▲ 2",
        ("change", -1): "▼ 1",
        ("text", "a"): "a",
        ("money", None): "\u2013",
    }
    calls = [[kind, raw, {"currency": "EUR"}] for kind, raw in cases]

    assert list(cases.values()) == [called(page, "text", "shown", *call) for call in calls]


def test_growth_is_computed_from_text_and_nothing_is_said_of_nothing(page: Page) -> None:
    cases: list[list[str | None]] = [
        ["112.4", "100"],
        ["99.95", "100"],
        ["100", "100.0"],
        ["9007199254740993", "4503599627370496"],
        ["5", "0"],
        ["5", None],
    ]
    assert [called(page, "text", "growth", *case) for case in cases] == ["124", "-1", "0", "1000", None, None]


def test_minutes_without_rows_are_gaps_and_counts_share_no_axis_with_money(page: Page) -> None:
    info = {
        "columns": [
            {"name": "at", "type": "time", "title": "Minute"},
            {"name": "revenue", "type": "money", "title": "Revenue"},
            {"name": "orders", "type": "integer", "title": "Orders"},
        ],
        "chart": {"kind": "line", "x": "at", "y": ["revenue", "orders"], "series": None},
    }
    rows = [[f"2026-03-01T12:0{minute}:00.000Z", "1.50", 2] for minute in (0, 1, 4)]
    found = called(page, "shape", "plotsOf", info, rows)

    assert [plot["lines"][0]["values"] for plot in found["plots"]] == [["1.50", "1.50", None, "1.50"], [2, 2, None, 2]]
    assert [plot["type"] for plot in found["plots"]] == ["money", "integer"]


def test_what_is_loaded_at_first_is_small() -> None:
    assert compressed_size() <= MOST_BYTES


def test_libraries_of_others_are_unchanged() -> None:
    listed = dict(
        re.findall(r"^\| `(\S+)` \|.*`([0-9a-f]{64})` \|$", (PAGE / "vendor" / "README.md").read_text(), re.MULTILINE)
    )

    assert {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (PAGE / "vendor").glob("uPlot.*.*s*")
    } == listed


def test_modules_can_be_joined_into_one_script() -> None:
    modules = {file.name: file.read_text() for file in PAGE.glob("*.js")}
    imports = [
        line
        for text in modules.values()
        for line in text.splitlines()
        if line.startswith("import") or "import(" in line
    ]
    names = [name for text in modules.values() for name in DECLARED.findall(text)]

    assert [line for line in imports if not MODULE_LINE.match(line)] == []
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_all_modules_are_asked_for_at_once() -> None:
    preloaded = re.findall(r'rel="modulepreload" href="assets/(\S+)"', (PAGE / "index.html").read_text())

    assert preloaded == sorted(file.name for file in PAGE.glob("*.js") if file.name != "main.js")


def test_the_document_holds_no_script_or_style_of_its_own() -> None:
    text = (PAGE / "index.html").read_text()

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?://(?!www\.w3\.org/)", text)
