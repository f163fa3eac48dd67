from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from footfall_chassis.health import CheckResult, Health
from footfall_recommender.api import build_api
from footfall_recommender.ranking import Catalog, Place, Seeded
from hypothesis import given
from hypothesis import strategies as st

URL = "/v1/products/p1/related"


@pytest.fixture
def catalog() -> Catalog:
    catalog = Catalog()
    items = [
        {"product_id": f"r{rank}", "score": 21.5 - rank, "support": 30 - rank, "rank": rank} for rank in range(1, 21)
    ]
    catalog.put({"product_id": "p1", "as_of": datetime(2026, 3, 1, 12, tzinfo=UTC), "related": items}, Place(0, 7))
    return catalog


@pytest.fixture
def http(catalog: Catalog) -> httpx.AsyncClient:
    return client(build_api(catalog, Health("footfall-recommender")))


def client(api: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(api, raise_app_exceptions=False), base_url="http://shop")


async def test_the_best_come_first_and_ten_of_them(http: httpx.AsyncClient) -> None:
    answer = await http.get(URL)

    body = answer.json()
    assert answer.status_code == 200
    assert (body["product_id"], body["model"], body["as_of"]) == ("p1", "co_view", "2026-03-01T12:00:00.000Z")
    assert body["items"][0] == {"product_id": "r1", "score": 20.5, "support": 29, "rank": 1}
    assert [item["rank"] for item in body["items"]] == list(range(1, 11))


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (20, 20), (100, 20)])
async def test_the_limit_is_the_callers(http: httpx.AsyncClient, limit: int, count: int) -> None:
    assert len((await http.get(URL, params={"limit": limit})).json()["items"]) == count


async def test_an_unknown_product_has_an_empty_list(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/products/never-seen/related")

    assert answer.status_code == 200
    assert answer.json() == {"product_id": "never-seen", "model": "co_view", "as_of": None, "items": []}


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", ""])
async def test_a_wrong_limit_is_a_problem_that_names_it(http: httpx.AsyncClient, limit: str) -> None:
    answer = await http.get(URL, params={"limit": limit})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["parameter"] for error in answer.json()["errors"]] == ["limit"]
    assert answer.json()["detail"].startswith("limit: ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("DELETE", URL, 405), ("GET", f"/v1/products/{'x' * 257}/related", 422)],
)
async def test_every_error_is_a_problem(http: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await http.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_our_fault_is_a_problem_that_keeps_its_details_to_the_log() -> None:
    class Broken(Catalog):
        def find(self, product_id: str) -> Any:
            raise ZeroDivisionError(product_id)

    answer = await client(build_api(Broken(), Health("footfall-recommender"))).get(URL)

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "ZeroDivisionError" not in answer.text


async def test_an_unchanged_ranking_need_not_be_sent_again(http: httpx.AsyncClient, catalog: Catalog) -> None:
    tag = (await http.get(URL)).headers["etag"]

    same = await http.get(URL, headers={"if-none-match": f'W/"other", W/{tag}'})
    other_limit = await http.get(URL, params={"limit": 3}, headers={"if-none-match": tag})
    catalog.put({"product_id": "p1", "as_of": datetime(2026, 3, 1, tzinfo=UTC), "related": []}, Place(0, 8))
    changed = await http.get(URL, headers={"if-none-match": tag})

    assert (same.status_code, same.content) == (304, b"")
    assert [other_limit.status_code, changed.status_code] == [200, 200]
    assert "max-age=5" in same.headers["cache-control"]


async def test_a_seed_fills_up_what_is_live_and_both_change_the_answers_tag() -> None:
    rankings = Seeded()
    http = client(build_api(rankings, Health("footfall-recommender")))
    old, new = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)

    def record(as_of: datetime, *names: str) -> dict[str, Any]:
        related = [{"product_id": name, "score": 2.5, "support": 3, "rank": rank} for rank, name in enumerate(names, 1)]
        return {"product_id": "p1", "as_of": as_of, "related": related}

    async def asked(**headers: str) -> tuple[list[tuple[str, int]], str | None, str]:
        answer = await http.get(URL, params={"limit": 3}, headers={"if-none-match": headers.get("tag", "")})
        body: dict[str, Any] = answer.json() if answer.content else {"items": [], "as_of": str(answer.status_code)}
        return [(item["product_id"], item["rank"]) for item in body["items"]], body["as_of"], answer.headers["etag"]

    rankings.seed.put(record(old, "a", "b", "c", "d"), Place(0, 7))
    seeded = await asked()
    rankings.live.put(record(new, "x", "b"), Place(0, 7))
    both = await asked()
    rankings.seed.put(record(old, "e"), Place(0, 9))
    changed = await asked()
    rankings.seed.drop("p1")
    live = await asked()

    assert seeded[:2] == ([("a", 1), ("b", 2), ("c", 3)], "2026-03-01T00:00:00.000Z")
    assert both[:2] == ([("x", 1), ("b", 2), ("a", 3)], "2026-03-02T00:00:00.000Z")
    assert changed[0] == [("x", 1), ("b", 2), ("e", 3)]
    assert live[0] == [("x", 1), ("b", 2)]
    assert len({seeded[2], both[2], changed[2], live[2]}) == 4
    assert await asked(tag=live[2]) == ([], "304", live[2])


async def test_the_description_needs_no_network_and_shows_the_errors(http: httpx.AsyncClient) -> None:
    described = (await http.get("/openapi.json")).json()

    operation = described["paths"]["/v1/products/{product_id}/related"]["get"]
    assert {"200", "304", "422", "500"} <= operation["responses"].keys()
    assert "application/problem+json" in operation["responses"]["422"]["content"]
    limit = next(each for each in operation["parameters"] if each["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"], limit["schema"]["default"]) == (1, 100, 10)


async def test_health_is_served_beside_the_api(catalog: Catalog) -> None:
    health = Health("footfall-recommender", {"catalog": lambda: CheckResult(ok=False, detail="loading")})

    async with client(build_api(catalog, health)) as http:
        assert (await http.get("/health/live")).status_code == 200
        assert (await http.get("/health/ready")).json()["checks"]["catalog"]["detail"] == "loading"
        assert "footfall_recommendations_total" in (await http.get("/metrics")).text


@given(
    product_id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    limit=st.one_of(st.integers(), st.text(st.characters(codec="utf-8"), max_size=10)),
)
async def test_no_request_makes_it_fail(product_id: str, limit: int | str) -> None:
    async with client(build_api(Catalog(), Health("footfall-recommender"))) as http:
        url = f"/v1/products/{quote(product_id, safe='')}/related"
        answer = await http.get(url, params={"limit": limit})

    assert answer.status_code in {200, 404, 422}
