"""The dashboards as files, which Grafana reads as they are."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from footfall_grafana.ecommerce import ecommerce
from footfall_grafana.flink_job import flink_job
from footfall_grafana.pipeline import pipeline

FOLDER = Path(__file__).parents[1] / "dashboards"


def dashboards() -> list[Dashboard]:
    """Return every dashboard."""
    return [ecommerce(), pipeline(), flink_job()]


def text(dashboard: Dashboard) -> str:
    """Return a dashboard as JSON."""
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(dashboard) + "\n"


def files() -> dict[Path, str]:
    """Return what is written, by place."""
    return {FOLDER / f"{dashboard.uid}.json": text(dashboard) for dashboard in dashboards()}
