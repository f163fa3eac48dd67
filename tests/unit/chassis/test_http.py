"""Health, metrics and problem+json, asked over ASGI."""

from enum import StrEnum
from threading import get_ident

import httpx
import pytest
from footfall_chassis.health import CheckResult, Health
from footfall_chassis.metrics import LabelledCounter, counter, gauge, seconds
from footfall_chassis.problem import handlers
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def client(health: Health, registry: CollectorRegistry | None = None) -> httpx.AsyncClient:
    async def broken(_: Request) -> Response:
        raise ZeroDivisionError("hush")

    routes = [*health.routes(registry or CollectorRegistry()), Route("/broken", broken)]
    app = Starlette(routes=routes, exception_handlers=handlers())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://service")


async def test_ready_needs_every_check_and_tells_which_failed() -> None:
    def broken() -> CheckResult:
        raise RuntimeError("no idea")

    health = Health("footfall-chassis", {"a": lambda: CheckResult(ok=True, detail="odd", caution=True), "b": broken})

    async with client(health) as http:
        live, ready = await http.get("/health/live"), await http.get("/health/ready")

    assert live.status_code == 200
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "not ready",
        "checks": {
            "a": {"ok": True, "detail": "odd", "caution": True},
            "b": {"ok": False, "detail": "RuntimeError: no idea", "caution": False},
        },
    }


async def test_ready_follows_its_checks() -> None:
    health = Health("footfall-chassis", {"a": lambda: CheckResult(ok=True, detail="fine")})

    async with client(health) as http:
        assert (await http.get("/health/ready")).status_code == 200


async def test_version_is_the_installed_package() -> None:
    async with client(Health("footfall-chassis")) as http:
        answer = (await http.get("/version")).json()

    assert answer == {"name": "footfall-chassis", "version": "0.1.0"}


async def test_metrics_show_label_values_that_never_occurred() -> None:
    registry = CollectorRegistry()
    seen = LabelledCounter("footfall_seen_total", "Seen.", "colour", Colour, registry)
    seen.add(Colour.RED)

    async with client(Health("footfall-chassis"), registry) as http:
        page = (await http.get("/metrics")).text

    assert 'footfall_seen_total{colour="red"} 1.0' in page
    assert 'footfall_seen_total{colour="blue"} 0.0' in page


def test_metric_names_carry_project_and_unit() -> None:
    with pytest.raises(ValueError, match="footfall_"):
        counter("seen_total", "Seen.", registry=CollectorRegistry())
    with pytest.raises(ValueError, match="_seconds"):
        seconds("footfall_age", "Age.", (1,), registry=CollectorRegistry())


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/nowhere", 404, "Not Found"),
        ("POST", "/version", 405, "Method Not Allowed"),
        ("GET", "/broken", 500, "Internal Server Error"),
    ],
)
async def test_every_error_is_a_problem(method: str, path: str, status: int, title: str) -> None:
    async with client(Health("footfall-chassis")) as http:
        answer = await http.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["title"], body["instance"]) == (status, title, path)
    assert "hush" not in answer.text


async def test_gauges_are_read_in_the_thread_that_their_numbers_belong_to() -> None:
    registry = CollectorRegistry()
    asked: list[int] = []

    def number() -> float:
        asked.append(get_ident())
        return 1.0

    gauge("footfall_asked", "Who asks.", registry=registry).set_function(number)

    async with client(Health("footfall-chassis"), registry) as http:
        answer = await http.get("/metrics")

    assert "footfall_asked 1.0" in answer.text
    assert asked == [get_ident()]
