"""Messages become rows; none of them ends anything."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from footfall_dashboard.live.intake import Intake
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.rows import LOW_STOCK, REVENUE, VISITORS, Stream
from footfall_dashboard.live.store import Store
from footfall_dashboard.metrics import UNREADABLE
from footfall_schemas.codec import encode, key_of
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import Json, topic
from structlog.testing import capture_logs

START = datetime(2026, 3, 2, 11, tzinfo=UTC)
LEVEL = {
    "product_id": "ä",
    "warehouse_id": "w",
    "product_name": "Mug",
    "category_id": "c",
    "quantity": 1,
    "threshold": 5,
    "level": "low",
    "event_time": START,
}


class Message:
    def __init__(self, value: bytes | None, key: bytes | None = None) -> None:
        self._value, self._key = value, key

    def value(self) -> bytes | None:
        return self._value

    def key(self) -> bytes | None:
        return self._key

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 7


class Bench:
    def __init__(self) -> None:
        self.live = Live(Store(1000), ZoneInfo("UTC"), lambda: START)
        self.schemas: dict[int, Json] = {1: topic("revenue_per_minute").schema}
        self.intake = Intake(self.live, self.look_up)

    def look_up(self, schema_id: int) -> Json:
        return self.schemas[schema_id]

    def take(self, stream: Stream[Any], value: bytes | None, key: bytes | None = None) -> None:
        self.intake.take(stream, Message(value, key), None)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def revenue(**fields: Any) -> bytes:
    amounts = dict.fromkeys(
        ("gross", "discount", "shipping", "revenue", "refunds", "net_revenue", "profit"), Decimal(1)
    )
    counts = dict.fromkeys(("orders", "units", "failed_payments"), 2)
    window = {"window_start": START, "window_end": START + timedelta(minutes=1), "currency": "EUR"}
    return encode(1, topic("revenue_per_minute").schema, window | amounts | counts | fields)


def test_a_message_becomes_a_row_of_the_columns_that_are_kept(bench: Bench) -> None:
    bench.take(REVENUE, revenue(profit=Decimal("-0.0000000001")))

    (row,) = bench.live.store.all(REVENUE)
    assert row._asdict() == {
        "window_start": START,
        "window_end": START + timedelta(minutes=1),
        "currency": "EUR",
        "revenue": Decimal(1),
        "refunds": Decimal(1),
        "net_revenue": Decimal(1),
        "profit": Decimal("-0.0000000001"),
        "orders": 2,
    }


def test_a_deletion_takes_the_row_of_its_key_away(bench: Bench) -> None:
    levels = topic("stock_levels")
    bench.schemas[2] = levels.schema
    bench.take(LOW_STOCK, encode(2, levels.schema, LEVEL))
    assert bench.live.store.sizes()["stock_levels"] == 1

    bench.take(LOW_STOCK, None, key_of(levels, LEVEL))

    assert bench.live.store.sizes()["stock_levels"] == 0


@pytest.mark.parametrize(
    ("stream", "value", "key"),
    [
        (REVENUE, b"", None),
        (REVENUE, b"poison", None),
        (REVENUE, b"\0\0\0\0\1garbage", None),
        (REVENUE, b"\0\0\0\0\7unknown id", None),
        (VISITORS, revenue(), None),
        (REVENUE, None, b"k"),
        (LOW_STOCK, None, b"\xff"),
        (LOW_STOCK, None, None),
        (LOW_STOCK, None, b"[1]"),
    ],
)
def test_what_cannot_be_read_is_counted_and_changes_nothing(
    bench: Bench, stream: Stream[Any], value: bytes | None, key: bytes | None
) -> None:
    before = UNREADABLE._value.get()

    bench.take(stream, value, key)

    assert UNREADABLE._value.get() == before + 1
    assert sum(bench.live.store.sizes().values()) == 0


def test_it_is_told_of_once_for_each_topic(bench: Bench) -> None:
    with capture_logs() as logs:
        for stream in (REVENUE, REVENUE, VISITORS):
            bench.take(stream, b"poison")

    assert [line["place"] for line in logs] == ["revenue_per_minute/0@7", "unique_visitors/0@7"]


def test_a_registry_that_is_away_is_waited_for_by_whoever_reads(bench: Bench) -> None:
    def away(_: int) -> Json:
        raise RegistryUnavailableError("no answer")

    bench.intake = Intake(bench.live, away)

    with pytest.raises(RegistryUnavailableError):
        bench.take(REVENUE, revenue())
