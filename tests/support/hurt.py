"""A shop that is hurt while a Prometheus and an Alertmanager look: every part of it, and what to hurt it with."""

import json
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import yaml
from confluent_kafka import Producer
from footfall_stack.monitoring import EXPORTER
from footfall_stack.paths import REPOSITORY
from footfall_stack.testing import running_stack

from support import scaled
from support.alerts import FIRING, RESOLVED, Alerts, Gone, OnCall
from support.kafka import wait_until
from support.receiver import SECRET
from support.shop import Shop

FACTOR, SLOWEST = 15, 5
"""How many times shorter every time in the rules is, and the seconds between two questions to a slow part."""
RULES = REPOSITORY / "deploy" / "prometheus"
ALL = {
    rule["alert"] for group in yaml.safe_load((RULES / "rules.yaml").read_text())["groups"] for rule in group["rules"]
}
"""Every rule."""
BREAK = """
import os, pathlib, sys
if "footfall_recommender" in sys.orig_argv:
    from footfall_recommender.updates import Updates
    whole = Updates._apply
    async def apply(self, record):
        if pathlib.Path(os.environ["BREAK_RECOMMENDER"]).exists():
            raise RuntimeError("broken by a test")
        await whole(self, record)
    Updates._apply = apply
"""
"""Has the recommender's own code fail while a file is there."""


@dataclass
class Hurt:
    """A running shop, who watches it, and what it is hurt with."""

    shop: Shop
    alerts: Alerts
    on_call: OnCall
    gone: Gone
    broken: Path
    """The recommender's code fails while this is there."""

    def trigger(self, endpoint: str) -> None:
        """Have a webhook sent to an endpoint."""
        url = self.shop.stack.settings.url(self.shop.stack.settings.alerting_port)
        asked = {"type": "webhook.test", "endpoint": endpoint}
        httpx.post(f"{url}/v1/trigger", json=asked, timeout=30, trust_env=False).raise_for_status()

    def wait_job_runs(self, failures: int) -> None:
        """Wait until the job runs after so many failures."""
        wanted = f'footfall_job_recent_restarts >= {failures} and on () footfall_fact_level{{fact="job"}} == 0'
        wait_until(
            lambda: bool(self.alerts.query(wanted)), seconds=120, what=lambda: f"{wanted}: {self.alerts.facts()}"
        )

    def wait_over(self, names: set[str]) -> None:
        """Wait until these alerts have ended, and webhooks have told of their begin and their end."""
        self.alerts.wait_ended(names, seconds=240)
        told = {(name, status) for name in names for status in (FIRING, RESOLVED)}
        wait_until(lambda: told <= self.on_call.told, seconds=60, what=lambda: f"webhooks {told - self.on_call.told}")
        assert self.on_call.invalid == []

    def write(self, topic: str, messages: Iterable[tuple[bytes, int | None]]) -> None:
        """Write messages as they are, each into its partition, or into any."""
        producer = Producer({"bootstrap.servers": self.shop.kafka, "queue.buffering.max.messages": 500_000})
        for value, partition in messages:
            producer.produce(topic, value, partition=-1 if partition is None else partition)
        assert producer.flush(120) == 0

    @contextmanager
    def open_transaction(self, topic: str) -> Iterator[None]:
        """Keep a stranger's transaction open within the block."""
        producer = Producer(
            {"bootstrap.servers": self.shop.kafka, "transactional.id": "stranger", "transaction.timeout.ms": 600_000}
        )
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(topic, b"x", b"stranger", 0)
        assert producer.flush(30) == 0
        try:
            yield
        finally:
            producer.abort_transaction(30)


@contextmanager
def hurt_shop(folder: Path) -> Iterator[Hurt]:
    """Run a whole shop with a Prometheus and an Alertmanager that look often, and endpoints to hurt."""
    (folder / "sitecustomize.py").write_text(BREAK)
    env = {
        "PYTHONPATH": str(folder),
        "BREAK_RECOMMENDER": str(folder / "break"),
        "ANALYTICS_PARALLELISM": "1",
        "ANALYTICS_IDLE_TIMEOUT": "2s",
        "ANALYTICS_QUIET_MARGIN": "1s",
        "GENERATOR_RATE": "20",
        "HEALTH_BEHIND": "15s",
        "HEALTH_LATELY": "40s",
        "HEALTH_RECENT": "150s",
        "HEALTH_CHECKPOINT_AGE": "20s",
    }
    with hurt_part(folder, "", FACTOR, env) as hurt:
        wait_until(lambda: bool(hurt.shop.read("integrity")), seconds=180, what="the first comparison of streams")
        hurt.alerts.wait_ended(ALL, seconds=120)
        # Prometheus remembers the last seconds, in which something may just have ended.
        yield replace(hurt, alerts=Alerts(hurt.alerts.url, time.time() + 5))


@contextmanager
def hurt_part(folder: Path, name: str, factor: float, env: Mapping[str, str]) -> Iterator[Hurt]:
    """Run one part with what it needs, or all, and endpoints that are well, gone, dead and slow.

    Args:
        folder: For its data.
        name: Of the part, which alone is asked for its metrics; empty: all.
        factor: How many times shorter every time in the rules is.
        env: More variables.
    """
    scaled.write(RULES, folder / "rules", factor, SLOWEST)
    if name:
        path = folder / "rules" / "prometheus.yaml"
        document = yaml.safe_load(path.read_text())
        jobs = [job for job in document["scrape_configs"] if job["job_name"] in {f"footfall-{name}", EXPORTER}]
        path.write_text(yaml.safe_dump(document | {"scrape_configs": jobs}))
    with OnCall() as on_call, Gone() as gone, _nobody() as dead:
        urls = {"on-call": on_call.url, "gone": gone.url, "dead": dead, "slow": on_call.url}
        wants = {"on-call": ["monitoring.alert"]}
        endpoints = [
            {"id": name, "url": url, "secret": SECRET, "event_types": wants.get(name, ["webhook.test"])}
            | ({"rate": 0.08} if name == "slow" else {})
            for name, url in urls.items()
        ]
        told = {
            "PROMETHEUS_CONFIG_DIR": str(folder / "rules"),
            "ALERTING_ENDPOINTS": json.dumps(endpoints),
            "ALERTING_RETRY_DELAYS": "1s",
            "ALERTING_RETRY_FOR": "2s",
        }
        watch = ["prometheus", "alertmanager"]
        with running_stack(folder / "data", [name] if name else [], extra=watch, env={**told, **env}) as stack:
            alerts = Alerts(stack.settings.url(stack.settings.prometheus_port))
            yield Hurt(Shop(stack), alerts, on_call, gone, folder / "break")


@contextmanager
def _nobody() -> Iterator[str]:
    """Yield an address at which nobody answers: the port is taken, but nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"
