"""Every panel of the dashboards in a running shop: its query finds data in Postgres and Prometheus, asked as Grafana asks."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from footfall_analytics.database import Database
from footfall_stack.paths import REPOSITORY
from footfall_stack.testing import running_stack

from support import scaled
from support.alerts import NEEDS_MONITORING
from support.dashboards import Queries, asked
from support.kafka import wait_until
from support.receiver import SECRET, Receiver
from support.shop import Shop

pytestmark = [
    pytest.mark.stack,
    pytest.mark.monitoring,
    pytest.mark.timeout(900),
    NEEDS_MONITORING,
]

FACTOR, SLOWEST = 3, 5
"""Prometheus asks every five seconds, so that there are rates soon."""
GOOD_NEWS: dict[str, str] = {}
"""Panels that find nothing in a shop that is well, and why that is good."""
PAST = timedelta(minutes=40)
"""What the shop has behind it when it begins: windows of ten minutes and of an hour are complete then."""


@dataclass
class Watched:
    """A running shop and what its dashboards ask."""

    shop: Shop
    queries: Queries

    def visit(self) -> None:
        """Do what makes services count: ask for recommendations, and have a webhook sent."""
        settings = self.shop.stack.settings
        products = settings.url(settings.recommender_port) + "/v1/products"
        httpx.get(f"{products}/product-000001/related", timeout=30, trust_env=False)
        asked_for = {"type": "webhook.test", "endpoint": "on-call"}
        url = settings.url(settings.alerting_port)
        httpx.post(f"{url}/v1/trigger", json=asked_for, timeout=30, trust_env=False).raise_for_status()

    def answers(self) -> bool:
        """Whether the database answers whoever only reads; tables and role are made while the shop begins."""
        with suppress(psycopg.OperationalError, psycopg.errors.UndefinedTable):
            self.queries.currencies(datetime.now(UTC))
            return True
        return False

    def empty(self) -> list[str]:
        """Return the panels that find nothing now."""
        return [str(each) for each in self.queries.empty() if each.panel not in GOOD_NEWS]


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    # Not pytest's own directory, which nobody else may enter: as root, Postgres runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="footfall-dashboards-"))
    folder.chmod(0o711)
    scaled.write(REPOSITORY / "deploy" / "prometheus", folder / "rules", FACTOR, SLOWEST)
    try:
        with Receiver(fail_every=1_000_000) as receiver:
            endpoint = {"id": "on-call", "url": receiver.url, "secret": SECRET}
            env = {
                "PROMETHEUS_CONFIG_DIR": str(folder / "rules"),
                "ANALYTICS_PARALLELISM": "1",
                # So few that some of them run out.
                "GENERATOR_PRODUCTS": "50",
                "ALERTING_ENDPOINTS": json.dumps([endpoint]),
            }
            extra = ["postgres", "monitoring"]
            with running_stack(folder / "data", without=["generator"], extra=extra, env=env) as stack:
                shop = Shop(stack)
                begin = datetime.now(UTC) - PAST
                span = f"{int(PAST.total_seconds())}s"
                # Partitions are read side by side: what is published first must not make the rest late.
                shop.generate("--start", begin.isoformat(), "--duration", span, "--shop-rate", "20")
                settings = stack.settings
                # As whom Grafana asks.
                database = Database(
                    settings.postgres_host,
                    settings.postgres_port,
                    settings.postgres_db,
                    settings.postgres_reader,
                    settings.postgres_reader_password,
                )
                live = shop.begin("generate", "--rate", "20", "--duration", "1h", "--seed", "2")
                try:
                    yield Watched(shop, Queries(database, settings.url(settings.prometheus_port)))
                finally:
                    live.terminate()
                    live.wait()
    finally:
        shutil.rmtree(folder)


def test_every_panel_finds_data(watched: Watched) -> None:
    def all_find_some() -> bool:
        watched.visit()
        return not watched.empty()

    assert len(asked("footfall-postgres")) > 10
    wait_until(watched.answers, seconds=120, what="the role that Grafana asks as")
    wait_until(all_find_some, seconds=420, what=lambda: f"data for {watched.empty()}")


def test_no_panel_has_its_emptiness_excused_that_is_none() -> None:
    panels = {each.panel for source in ("footfall-postgres", "footfall-prometheus") for each in asked(source)}

    assert GOOD_NEWS.keys() <= panels
