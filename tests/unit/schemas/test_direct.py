"""Servers that Footfall is told of are asked straight, whatever proxy the environment names."""

import pytest
from footfall_analytics.running.rest import FlinkRest
from footfall_schemas.registry import SchemaRegistry

from support.answering import answering
from support.proxies import DEAD_PROXY, NAMES

# httpx does without a SOCKS proxy's library until it is told of one, whatever the address it asks for.
PROXIES = [
    *((name, DEAD_PROXY) for name in NAMES),
    *((name, "socks5://127.0.0.1:9") for name in NAMES),
    ("http_proxy", "no address"),
]


@pytest.fixture(autouse=True)
def _no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("name", "proxy"), PROXIES)
def test_the_registry_is_asked_past_the_environments_proxy(
    name: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, proxy)

    with answering({"/schemas/types": (200, ["AVRO"]), "/subjects": (200, [])}) as url:
        SchemaRegistry(url).ping()


@pytest.mark.parametrize(("name", "proxy"), PROXIES)
def test_flink_is_asked_past_the_environments_proxy(name: str, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, proxy)

    with answering({"/jobs/overview": (200, {"jobs": []})}) as url, FlinkRest(url) as rest:
        assert rest.all_jobs() == []
