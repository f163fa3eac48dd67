"""`make run WITH=opensearch`: a shop of its own fills an index for each stream, and every chart has something to show."""

from pathlib import Path

import httpx
import pytest
from footfall_stack.testing import running_stack

from support.charts import charts, points, query
from support.kafka import wait_until
from support.searching import Indices

pytestmark = [pytest.mark.stack, pytest.mark.sinks, pytest.mark.timeout(480)]

UNNEEDED = ("alerting", "recommender", "dashboard")
# Of the hour that is not over nothing is final.
HISTORY = {"GENERATOR_HISTORY": "2h", "GENERATOR_RATE": "20"}


def test_a_run_with_opensearch_fills_every_chart(tmp_path: Path) -> None:
    with running_stack(tmp_path / "data", without=UNNEEDED, extra=["opensearch"], env=HISTORY) as stack:
        indices = Indices(stack.env["EXPORTER_OPENSEARCH_URL"], "footfall-")
        shown: dict[str, int] = {}

        def filled() -> bool:
            for title, chart in charts().items():
                try:
                    answer = indices.ask("POST", f"{chart['index']}/_search", query(chart))
                except httpx.HTTPStatusError:
                    return False
                shown[title] = len(points(chart, answer))
            return all(shown.values())

        wait_until(filled, seconds=200, what=lambda: f"points of {shown}")
        print(shown)
        status = httpx.get(f"http://127.0.0.1:{stack.settings.exporter_port}/health/ready", timeout=5).json()
        assert "opensearch" in status["checks"]
        assert "parquet" not in status["checks"]
