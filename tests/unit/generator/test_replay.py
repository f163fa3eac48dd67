from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from footfall_chassis.settings import ConnectionSettings
from footfall_generator.replay.category_file import CategoryFileError, read_categories
from footfall_generator.replay.formats.known import OnlineRetail, UserBehavior
from footfall_generator.replay.formats.set_apart import SHOWN
from footfall_generator.replay.formats.userbehavior import Behaviors
from footfall_generator.replay.formats.userbehavior_encode import UserBehaviorEncoder
from footfall_generator.replay.replay import ReplayError, replay_file
from footfall_generator.replay.source import Order, Source, paced
from footfall_schemas.codec import decode, encode, key_of
from footfall_schemas.topics import topic

from .conftest import SCHEMA_IDS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLE = """\
1,11,7,pv,1511544030
2,12,8,cart,1511544010
1,13,7,buy,1511544030
oops
3,14,9,fav,1511544020
"""
NOWHERE = ConnectionSettings.model_construct(
    kafka_bootstrap_servers="127.0.0.1:1", schema_registry_url="http://127.0.0.1:1"
)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.csv"
    path.write_text(SAMPLE)
    return path


def _behaviors(count: int) -> Behaviors:
    rng = np.random.default_rng(1)
    user, item, category = (rng.integers(1, 10**number, count) for number in (3, 9, 18))
    return Behaviors(
        np.arange(1, count + 1),
        user,
        item,
        category,
        rng.integers(0, 4, count),
        rng.integers(1511544000, 1512544000, count),
    )


def _lines(source: Source[Behaviors], order: Order = "file") -> list[int]:
    return [line for batch in source.batches(order) for line in batch.line.tolist()]


def test_events_are_byte_for_byte_what_fastavro_writes() -> None:
    clicks, checkouts = UserBehaviorEncoder("0123abcd", "CNY", SCHEMA_IDS).encode(_behaviors(5_000))

    for rows in (clicks, checkouts):
        facts = topic(rows.topic)
        records = [decode(value, facts.schema) for value in rows.values]
        assert len(records) >= 1000
        assert [encode(SCHEMA_IDS[rows.topic], facts.schema, record) for record in records] == rows.values.tolist()
        assert [key_of(facts, record) for record in records] == rows.keys.tolist()
        assert [int(record["event_time"].timestamp() * 1000) for record in records] == rows.times.tolist()


def test_behaviors_become_clicks_and_purchases_without_a_price(sample: Path) -> None:
    batch = next(Source(UserBehavior(), sample, NOW).batches("file"))

    clicks, checkouts = (
        [decode(value, topic(rows.topic).schema) for value in rows.values]
        for rows in UserBehaviorEncoder("0123abcd", "CNY", SCHEMA_IDS).encode(batch)
    )

    assert [
        (row["event_id"], row["user_id"], row["action"], row["product_id"], row["category_id"]) for row in clicks
    ] == [
        ("ub-0123abcd-1", "1", "product_view", "11", "7"),
        ("ub-0123abcd-2", "2", "add_to_cart", "12", "8"),
        ("ub-0123abcd-5", "3", "add_to_wishlist", "14", "9"),
    ]
    (bought,) = checkouts
    assert bought | {"checkout_id": "ub-0123abcd-3", "order_id": "ub-0123abcd-3", "product_id": "13"} == bought
    assert bought | {"unit_price": None, "quantity": 1, "payment_status": "succeeded", "currency": "CNY"} == bought
    assert bought["event_time"] == datetime.fromtimestamp(1511544030, UTC)


def test_rows_go_out_by_time_and_ties_in_file_order(sample: Path) -> None:
    assert _lines(Source(UserBehavior(), sample, NOW), "time") == [2, 5, 1, 3]
    assert _lines(Source(UserBehavior(), sample, NOW), "file") == [1, 2, 3, 5]


@pytest.mark.parametrize(
    ("resume_from", "limit", "lines", "malformed"),
    [(1, None, [1, 2, 3, 5], 1), (3, None, [3, 5], 1), (5, None, [5], 0), (2, 2, [2, 3], 0), (1, 4, [1, 2, 3, 5], 1)],
)
def test_a_part_of_the_file_can_be_replayed(
    sample: Path, resume_from: int, limit: int | None, lines: list[int], malformed: int
) -> None:
    source = Source(UserBehavior(), sample, NOW, resume_from, limit)

    assert _lines(source) == lines
    assert source.apart.count == malformed


def test_malformed_lines_are_all_counted_and_the_first_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("x\n" * 30 + SAMPLE)
    source = Source(UserBehavior(), path, NOW)

    _lines(source)

    assert source.apart.count == 31
    assert [line.number for line in source.apart.lines] == list(range(1, SHOWN + 1))


@pytest.mark.parametrize("order", ["time", "file"])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file"),
        (b"", "the file is empty"),
        (b"category_id,parent\n1,Shoes\n", "2 lines were set apart, such as line 1: 2 columns instead of 5"),
        (b"\x1f\x8b\x08\x00\x00\x00", "what gzip has packed is damaged or cut off"),
        ("1,2,3,pv,1511544070\n".encode("utf-16"), "no line reads user_id,item_id"),
    ],
    ids=["missing", "empty", "other columns", "compressed", "utf-16"],
)
def test_a_file_without_a_row_is_refused_in_one_line(
    tmp_path: Path, order: Order, content: bytes | None, complaint: str
) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ReplayError, match=complaint) as error:
        replay_file(path, connection=NOWHERE, order=order)

    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"resume_from": 0}, "must be above 0"),
        ({"limit": 0}, "must be above 0"),
        ({"speed": 0.0}, "must be above 0"),
        ({"speed": float("nan")}, "must be above 0"),
        ({"resume_from": 2, "order": "time"}, "resume-from needs order file"),
        ({"resume_from": 6, "order": "file"}, "there is no line 6"),
        ({"categories": Path("any.csv"), "file_format": OnlineRetail()}, "categories need format userbehavior"),
        ({"file_format": OnlineRetail()}, "its first line must name InvoiceNo"),
    ],
)
def test_wrong_options_are_refused(sample: Path, wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ReplayError, match=complaint):
        replay_file(sample, connection=NOWHERE, **wrong)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file"),
        ("", "lists no category"),
        ("category_id,parent_category_name\n", "lists no category"),
        ("1,Shoes\n2\n", "line 2: expected category_id,parent_category_name"),
        ("1,Shoes\n2,\n", "line 2"),
        ("1,Shoes,9\n", "line 1"),
    ],
)
def test_a_wrong_category_file_is_refused_in_one_line(
    sample: Path, tmp_path: Path, content: str | None, complaint: str
) -> None:
    path = tmp_path / "categories.csv"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ReplayError, match=complaint) as error:
        replay_file(sample, connection=NOWHERE, categories=path)

    assert str(path) in str(error.value)


def test_categories_are_valid_since_1970_and_the_last_row_counts(tmp_path: Path) -> None:
    path = tmp_path / "categories.csv"
    path.write_text('\ufeffcategory_id,parent_category_name\r\n7,Shoes\r\n\r\n8,"Home, Garden"\r\n7,Boots\r\n')

    rows = read_categories(path)

    assert [(row["category_id"], row["parent_category_name"]) for row in rows] == [
        ("7", "Boots"),
        ("8", "Home, Garden"),
    ]
    assert {row["updated_at"].year for row in rows} == {1970}


def test_a_category_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "categories.csv"
    path.write_bytes("1,Möbel\n".encode("latin-1"))

    with pytest.raises(CategoryFileError, match="UTF-8"):
        read_categories(path)


class Waits(Event):
    """A stop flag that notes how long was waited for it, and never waits."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return False


def test_a_paced_replay_waits_for_event_time_divided_by_the_speed() -> None:
    rows = _behaviors(4)
    rows = Behaviors(
        rows.line, rows.user, rows.item, rows.category, rows.behavior, 1511544000 + np.array([0, 1, 50, 100])
    )
    waits = Waits()

    pieces = list(paced([rows], 10.0, waits))

    assert [line for piece in pieces for line in piece.line.tolist()] == [1, 2, 3, 4]
    assert waits.seconds == pytest.approx([5.0, 10.0], abs=0.2)


def test_where_time_steps_back_rows_are_due_at_once() -> None:
    rows = _behaviors(3)
    rows = Behaviors(rows.line, rows.user, rows.item, rows.category, rows.behavior, 1511544000 + np.array([0, 100, 5]))
    waits = Waits()

    pieces = list(paced([rows, rows], 1.0, waits))

    assert all(earlier <= later for earlier, later in pairwise(waits.seconds))
    assert sum(map(len, pieces)) == 6


def test_without_pacing_batches_pass_at_once() -> None:
    waits = Waits()
    batches = [_behaviors(10), _behaviors(20)]

    assert list(paced(batches, None, waits)) == batches
    assert waits.seconds == []


def test_a_stop_ends_the_replay() -> None:
    stop = Event()
    stop.set()

    assert list(paced([_behaviors(3)], None, stop)) == []
