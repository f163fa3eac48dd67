"""BigQuery's tables hold what every sink must, as a reader with the official client sees it."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from footfall_exporter.sink import Life
from footfall_exporter.streams import choose
from footfall_schemas.topics import Json

from support.bigquery import VENV, Emulator, Tables, emulating
from support.repository import ROOT
from support.sink_conformance import SinkConformance, Store, batch_of

pytestmark = [
    pytest.mark.sinks,
    pytest.mark.programs,
    pytest.mark.skipif(not VENV.exists(), reason="stack/tools.sh bigquery-emulator installs what it needs"),
]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulating(tmp_path_factory.mktemp("bigquery")) as found:
        yield found


class TestBigQuery(SinkConformance):
    @pytest.fixture
    def store(self, emulator: Emulator) -> Store:
        return Tables(emulator, f"d{uuid.uuid4().hex}")


def test_the_views_of_the_three_charts_answer_with_what_the_streams_hold(emulator: Emulator) -> None:
    sink = Tables(emulator, "footfall").open()
    day = datetime(2026, 3, 2, tzinfo=UTC)
    tables: dict[str, list[Json]] = {
        "trading_volume": [{"date": day.date(), "hour": hour, "purchases": hour * 2} for hour in (9, 10)],
        "cumulative_visitors": [{"date": day.date(), "visitors": hour} for hour in (5, 7)],
        "top_categories": [{"category": f"c{number}", "purchases": number} for number in range(12)],
    }
    for name, given in tables.items():
        (stream,) = choose([name])
        sink.prepare(stream)
        sink.begin(stream, Life("life", 1))
        times = [day + timedelta(hours=number) for number in range(len(given))]
        windows: list[Json] = [{"window_start": time, "window_end": time + timedelta(hours=1)} for time in times]
        if stream.is_upsert:
            windows = [{}] * len(given)
        rows = [(row.get("category", ""), window | row) for row, window in zip(given, windows, strict=True)]
        assert not sink.write(batch_of(stream, 0, rows)).refused
    client = emulator.client()

    for statement in (ROOT / "deploy/bigquery/views.sql").read_text().split(";")[:-1]:
        client.query(statement, retry=None, job_retry=None).result(retry=None, job_retry=None)

    def answer(view: str) -> list[tuple[Any, ...]]:
        job = client.query(f"SELECT * FROM footfall.{view}", retry=None, job_retry=None)  # noqa: S608
        return [tuple(row.values()) for row in job.result(retry=None, job_retry=None)]

    one = day + timedelta(hours=1)
    assert sorted(answer("chart_hourly_trading_volume")) == [(day, 18), (one, 20)]
    assert sorted(answer("chart_unique_visitors")) == [(day, 5), (one, 7)]
    assert answer("chart_top_categories") == [(f"c{number}", number) for number in range(11, 1, -1)]
