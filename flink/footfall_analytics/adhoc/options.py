"""How a question is run: in a cluster within its own process, so that it takes nothing from the running job."""

from pathlib import Path

from footfall_analytics.planning.sqltext import milliseconds
from footfall_analytics.settings import AnalyticsSettings


def query_options(settings: AnalyticsSettings) -> dict[str, str]:
    """Return Flink's options for a question."""
    return {
        "execution.target": "local",
        "parallelism.default": "1",
        # Whoever asked wants to know what is wrong, not to wait for better times.
        "restart-strategy.type": "none",
        "pipeline.object-reuse": "true",
        "table.local-time-zone": settings.time_zone,
        "table.exec.source.idle-timeout": milliseconds(settings.idle_timeout),
    }


def log_file(settings: AnalyticsSettings) -> Path:
    """Return where the process says more than an error needs; each run begins it anew."""
    path = settings.data_dir.resolve() / "logs" / "sql.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
