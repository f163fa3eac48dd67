"""Maps of the pipeline drawn from looks made by hand."""

import time
from dataclasses import replace
from typing import Any

from footfall_dashboard.pipeline.document import PipelineMap
from footfall_dashboard.pipeline.model import Look, Wiring, draw
from footfall_dashboard.pipeline.watching import watched_of
from footfall_health.judge import judge
from footfall_health.memory import Memory
from footfall_health.observed import Observation, Service
from footfall_health.shop import ShopSettings
from footfall_health.watched import Watched

from support.health import FINE, JOB

URLS = {"alerting": "http://alerting", "recommender": "http://recommender"}
ALERTS = "inventory-alerts"
NUMBERS = {"footfall_webhook_events_total": 40.0, "footfall_webhook_dead_letters_total": 2.0}
SERVICES = {
    "alerting": Service(ready=True, detail="", numbers=NUMBERS),
    "recommender": Service(ready=True, detail="", numbers={"footfall_recommender_updates_total": 9.0}),
}
WIRING = Wiring({"footfall": JOB.reads}, {"footfall": frozenset({"revenue_per_minute", "inventory_alerts"})})


def shop(**changes: Any) -> Watched:
    watched = watched_of(ShopSettings(**changes), "", URLS)
    return replace(watched, outputs=("revenue_per_minute", "event_accounting", ALERTS, "related-products"))


def drawn(observation: Observation, **changes: Any) -> PipelineMap:
    watched = shop()
    facts = judge(observation, watched, Memory())
    settings: dict[str, Any] = {"wiring": WIRING, "flink_ui": "http://flink/"} | changes
    return draw(Look(observation, facts, watched, **settings))


def with_services(observation: Observation = FINE, **changes: Any) -> Observation:
    return replace(observation, services=SERVICES | changes)


class Looks:
    """Answers one look after the other, and says how often it was asked."""

    def __init__(self, *found: Observation | Exception) -> None:
        self.found = list(found)
        self.asked: list[Watched] = []

    def __call__(self, watched: Watched) -> Observation:
        self.asked.append(watched)
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, Exception):
            raise found
        return replace(found, at=time.time())
