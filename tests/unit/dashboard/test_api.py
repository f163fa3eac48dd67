"""The live page over HTTP: panels as JSON and CSV, the page's files, what is refused."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from footfall_chassis.health import Health
from footfall_dashboard.api.api import Parts, build_api
from footfall_dashboard.api.assets import Assets
from footfall_dashboard.api.guard import COOKIE, LASTS, POLICY, Guard
from footfall_dashboard.api.stream import Pages
from footfall_dashboard.live.board import Board
from footfall_dashboard.live.catalog import CATALOG
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.panel import document
from footfall_dashboard.live.rows import FAILURES, REVENUE
from footfall_dashboard.live.store import Store

from support.panels import FOLLOWING, MOST, at, minute, money, put

TOKEN = "a-token-of-24-characters"
RELATED: dict[str, Any] = {"product_id": "p 1/é", "model": "co_view", "as_of": None, "items": []}


class Site:
    """The application and what stands behind it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(MOST)
        self.live = Live(self.store, ZoneInfo("UTC"), lambda: at("12:00:10"))
        self.live.reading = FOLLOWING
        self.board = Board()
        self.folder = folder
        self.asked: list[httpx.URL] = []
        self.recommender: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, json=RELATED)
        self.clock = 1_000_000.0

    def _ask(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        return self.recommender(request)

    def application(self, *, token: str = "", local_only: bool = False) -> FastAPI:
        return build_api(
            Parts(
                live=self.live,
                board=self.board,
                health=Health("footfall-dashboard"),
                guard=Guard(token, lambda: self.clock),
                pages=Pages(2),
                assets=Assets(self.folder),
                recommender_url="http://recommender:8100/",
                recommender=httpx.AsyncClient(transport=httpx.MockTransport(self._ask)),
                version="1",
                started_at=datetime(2026, 3, 2, tzinfo=UTC),
                local_only=local_only,
            )
        )

    def http(
        self, *, base: str = "http://127.0.0.1:8090", token: str = "", local_only: bool = False
    ) -> httpx.AsyncClient:
        application = self.application(token=token, local_only=local_only)
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=base)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "page"
    (folder / "vendor").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Footfall</title>" + " " * 2000)
    (folder / "vendor" / "chart.js").write_text("export {}")
    (folder / "secret.py").write_text("")
    (tmp_path / "outside.js").write_text("")
    return Site(folder)


@pytest.fixture
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.http() as client:
        yield client


async def test_panels_are_listed_in_the_pages_order(http: httpx.AsyncClient) -> None:
    document = (await http.get("/v1/panels")).json()
    panels = document["panels"]

    assert document["time_zone"] == "UTC"
    assert [panel["id"] for panel in panels] == [info.id for info in CATALOG]
    assert panels[1]["sql"] == ["flink/sql/process/published/revenue_per_minute.sql"]
    assert panels[1]["columns"][2] == {"name": "revenue", "type": "money", "title": "Revenue"}
    assert panels[1]["chart"]["series"] == "currency"


async def test_a_panel_is_what_the_stream_says_of_it(site: Site, http: httpx.AsyncClient) -> None:
    put(site.store, REVENUE, minute("11:58") | {"currency": "EUR", "revenue": money("1.10")[0]})
    (panel,) = [each for each in site.live.changed() if each.id == "money"]
    site.board.put("money", "panel", lambda number: document(panel, number))

    found = (await http.get("/v1/panels/money")).json()

    assert (found["version"], found["state"], found["rows"][0][2]) == (site.board.last, "live", "1.10")


async def test_a_range_is_drawn_when_it_is_asked_for(site: Site, http: httpx.AsyncClient) -> None:
    put(site.store, FAILURES, *(minute(clock) | {"reason": clock, "failures": 1} for clock in ("10:00", "11:00")))
    asked = {"from": "2026-03-02T12:00:00+02:00", "to": "2026-03-02T11:00:00Z"}

    found = (await http.get("/v1/panels/payment_failures", params=asked)).json()

    assert (found["from"], found["to"]) == ("2026-03-02T10:00:00.000Z", "2026-03-02T11:00:00.000Z")
    assert (found["rows"], found["version"]) == ([["10:00", 1]], 0)


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/v1/panels/monny", 404, "/v1/panels/monny does not exist"),
        ("/v1/panels/monny.csv", 404, "/v1/panels/monny.csv does not exist"),
        ("/v1/panels/money?from=yesterday", 422, "from: Input should be a valid datetime"),
        ("/v1/panels/money?from=2026-03-02T10:00:00", 422, "from: Input should have timezone info"),
        ("/v1/panels/money?from=2026-03-02T10:00:00Z&to=2026-03-02T10:00:00Z", 422, "must lie before to"),
        ("/v1/panels/low_stock?to=2026-03-02T10:00:00Z", 422, "leave out from and to"),
        ("/v1/nothing", 404, "/v1/nothing does not exist"),
    ],
)
async def test_a_wrong_request_is_told_what_is_wrong(
    http: httpx.AsyncClient, path: str, status: int, detail: str
) -> None:
    answer = await http.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"]


async def test_nothing_can_be_changed(http: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await http.request(method, "/v1/panels/money")).status_code == 405


async def test_rows_come_as_csv_with_all_digits_and_without_formulas(site: Site, http: httpx.AsyncClient) -> None:
    put(site.store, FAILURES, *(minute("11:58") | {"reason": each, "failures": 1} for each in ("=1+1", 'a "b", c')))
    put(site.store, REVENUE, minute("11:58") | {"currency": "EUR", "net_revenue": money("-1.000000")[0]})

    failures, revenue = [await http.get(f"/v1/panels/{name}.csv") for name in ("payment_failures", "money")]

    assert list(csv.reader(io.StringIO(failures.text))) == [["reason", "failures"], ["'=1+1", "1"], ['a "b", c', "1"]]
    assert revenue.text.splitlines()[1] == "2026-03-02T11:58:00.000Z,EUR,0,0,-1.000000,0,0"
    assert revenue.headers["content-type"].startswith("text/csv")
    assert revenue.headers["content-disposition"] == 'attachment; filename="money.csv"'


@pytest.mark.parametrize(
    "path", ["/", "/v1/panels", "/assets/vendor/chart.js", "/v1/nothing", "/health/live", "/login"]
)
async def test_a_browser_loads_nothing_from_elsewhere(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers

    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in POLICY


async def test_the_page_is_sent_once(http: httpx.AsyncClient, site: Site) -> None:
    first = await http.get("/", headers={"accept-encoding": "gzip"})
    again = await http.get("/", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    plain = await http.get("/", headers={"accept-encoding": "identity"})

    assert (first.headers["content-encoding"], first.headers["cache-control"]) == ("gzip", "no-cache")
    assert int(first.headers["content-length"]) < 200 < len(plain.content)
    assert first.text == plain.text
    assert (again.status_code, again.content) == (304, b"")
    (site.folder / "index.html").write_text("new")
    assert (await http.get("/", headers={"if-none-match": first.headers["etag"]})).text == "new"


@pytest.mark.parametrize(
    "path",
    [
        "secret.py",
        "../outside.js",
        "..%2foutside.js",
        "%2e%2e/outside.js",
        "vendor",
        "",
        "no.js",
        "%00.js",
        "/etc/hosts",
    ],
)
async def test_nothing_but_the_pages_files_is_handed_out(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(f"/assets/{path}")).status_code == 404


async def test_the_product_stays_one_part_of_the_path(http: httpx.AsyncClient, site: Site) -> None:
    answer = await http.get("/v1/related/p%201%3Fx=%23")

    assert (answer.status_code, answer.json()) == (200, RELATED)
    assert str(site.asked[0]) == "http://recommender:8100/v1/products/p%201%3Fx%3D%23/related?limit=10"


@pytest.mark.parametrize("status", [None, 500, 302])
async def test_a_recommender_that_is_away_is_said_to_be(
    http: httpx.AsyncClient, site: Site, status: int | None
) -> None:
    def recommender(request: httpx.Request) -> httpx.Response:
        if status is None:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(status)

    site.recommender = recommender

    answer = await http.get("/v1/related/p1")

    assert answer.status_code == 503
    assert "DASHBOARD_RECOMMENDER_URL" in answer.json()["detail"]


async def test_without_a_token_nobody_is_asked(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/panels")).status_code == 200
    assert (await http.get("/login")).headers["location"] == "/"
    assert (await http.post("/login", data={"token": "x"})).headers["location"] == "/"


async def test_with_a_token_nothing_is_shown_to_whoever_has_none(site: Site) -> None:
    async with site.http(token=TOKEN) as http:
        refused = await http.get("/v1/panels")
        wrong = await http.get("/v1/panels", headers={"authorization": f"Bearer {TOKEN}x"})
        page = await http.get("/")
        paths = ["/v1/stream", "/v1/panels/money.csv", "/openapi.json", "/assets/vendor/chart.js", "/v1/related/p"]
        others = [(await http.get(path)).status_code for path in paths]
        open_to_all = [(await http.get(path)).status_code for path in ("/health/live", "/metrics", "/login")]

    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "/login" in refused.json()["detail"]
    assert (wrong.status_code, page.status_code, page.headers["location"]) == (401, 303, "/login")
    assert others == [401] * len(paths)
    assert open_to_all == [200] * 3


async def test_a_program_shows_the_token_itself(site: Site) -> None:
    async with site.http(token=TOKEN) as http:
        answer = await http.get("/v1/panels", headers={"authorization": f"bearer {TOKEN}"})

    assert answer.status_code == 200


async def test_a_browser_logs_in_once_a_week(site: Site) -> None:
    async with site.http(token=TOKEN) as http:
        form = await http.get("/login")
        wrong = await http.post("/login", data={"token": "<b>no"})
        right = await http.post("/login", data={"token": TOKEN})
        shown = await http.get("/v1/panels")
        site.clock += LASTS
        later = await http.get("/v1/panels")

    assert "<form" in form.text
    assert (wrong.status_code, "<b>" in wrong.text, "set-cookie" in wrong.headers) == (401, False, False)
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert TOKEN not in cookie
    assert (shown.status_code, later.status_code) == (200, 401)


async def test_over_tls_the_cookie_stays_there(site: Site) -> None:
    async with site.http(token=TOKEN, base="https://page.example") as http:
        assert "Secure" in (await http.post("/login", data={"token": TOKEN})).headers["set-cookie"]


@pytest.mark.parametrize("value", ["", ".", "x.y", "9999999999", "9999999999.", "²." + "0" * 64, "9" * 5000 + ".x"])
async def test_a_made_up_cookie_opens_nothing(site: Site, value: str) -> None:
    cookie = f"{COOKIE}={value}".encode()
    async with site.http(token=TOKEN) as http:
        assert (await http.get("/v1/panels", headers={b"cookie": cookie})).status_code == 401


async def test_the_cookie_of_another_token_opens_nothing(site: Site) -> None:
    cookie = Guard("another-token-altogether", lambda: site.clock).cookie()
    async with site.http(token=TOKEN) as http:
        assert (await http.get("/v1/panels", headers={"cookie": f"{COOKIE}={cookie}"})).status_code == 401


async def test_a_login_that_is_too_long_is_refused(site: Site) -> None:
    async with site.http(token=TOKEN) as http:
        assert (await http.post("/login", content=b"token=" + b"x" * 5000)).status_code == 413


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8090", 200), ("[::1]:8090", 200), ("evil.example", 400), ("", 400)]
)
async def test_for_this_machine_alone_it_answers_to_no_other_name(site: Site, host: str, status: int) -> None:
    async with site.http(local_only=True) as http:
        assert (await http.get("/v1/panels", headers={"host": host})).status_code == status
