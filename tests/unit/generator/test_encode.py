from decimal import Decimal
from typing import Any

import pytest
from footfall_generator.events.streams import EVENT_TOPICS
from footfall_generator.faults.fault_injection import Faults
from footfall_schemas.codec import decode, encode, key_of
from footfall_schemas.topics import topic

from .conftest import SCHEMA_IDS, START, Kept, Simulate


@pytest.fixture(scope="module")
def busy(simulate: Simulate) -> Kept:
    """Some minutes in which everything is refunded that can be."""
    _, kept = simulate(events=400_000, rate=1_000.0, refund_share=1.0, currencies=("EUR", "SEK", "JPY"))
    return kept


@pytest.mark.parametrize("name", EVENT_TOPICS)
def test_events_are_byte_for_byte_what_fastavro_writes(busy: Kept, name: str) -> None:
    rows, facts = busy.of(name).pick(slice(2_000)), topic(name)

    records = [decode(value, facts.schema) for value in rows.values]

    assert len(rows) >= 1000
    assert [encode(SCHEMA_IDS[name], facts.schema, record) for record in records] == rows.values.tolist()
    assert [key_of(facts, record) for record in records] == rows.keys.tolist()
    assert [int(record["event_time"].timestamp() * 1000) for record in records] == rows.times.tolist()


def test_equal_plans_make_equal_bytes(simulate: Simulate) -> None:
    faults = Faults(out_of_order=5, late=5, duplicates=5, poison=5)

    _, one = simulate(faults=faults)
    _, other = simulate(faults=faults)

    assert one.messages() == other.messages()


@pytest.mark.parametrize(
    "change",
    [
        {"start": START + 1},
        {"seed": 2},
        {"rate": 201.0},
        {"users": 301},
        {"refund_share": 0.5},
        {"currencies": ("SEK",)},
    ],
)
def test_different_plans_share_no_id(simulate: Simulate, change: dict[str, Any]) -> None:
    _, one = simulate()
    _, other = simulate(**change)

    assert not {row["event_id"] for row in one.records("clickstream")} & {
        row["event_id"] for row in other.records("clickstream")
    }


@pytest.mark.parametrize(
    ("name", "id_field"),
    [
        ("clickstream", "event_id"),
        ("checkouts", "checkout_id"),
        ("refunds", "refund_id"),
        ("inventory-updates", "update_id"),
    ],
)
def test_ids_are_unique_within_a_run(simulate: Simulate, name: str, id_field: str) -> None:
    _, kept = simulate(events=20_000, refund_share=0.5)

    ids = [record[id_field] for record in kept.records(name)]

    assert len(set(ids)) == len(ids)


def test_dimensions_are_valid_since_1970_and_know_every_id(simulate: Simulate) -> None:
    run, kept = simulate()

    run.publish_dimensions()

    dimensions = {name: kept.records(name) for name in ("products", "users", "categories")}
    assert {row["updated_at"].year for rows in dimensions.values() for row in rows} == {1970}
    assert len({row["parent_category_name"] for row in dimensions["categories"]}) == 8
    categories = {row["category_id"] for row in dimensions["categories"]}
    assert {row["category_id"] for row in dimensions["products"]} <= categories
    products = {row["product_id"]: row for row in dimensions["products"]}
    users = {row["user_id"] for row in dimensions["users"]}
    clicks, lines = kept.records("clickstream"), kept.records("checkouts")
    assert {row["user_id"] for row in (*clicks, *lines)} <= users
    assert all(row["category_id"] == products[row["product_id"]]["category_id"] for row in clicks if row["product_id"])
    assert all(row["unit_price"] == products[row["product_id"]]["unit_price"] for row in lines)


def test_a_price_change_is_announced_and_then_charged(simulate: Simulate) -> None:
    run, kept = simulate(events=50_000, products=8, price_changes=True)
    changes = kept.records("products")
    run.publish_dimensions(("products",))

    prices: dict[str, list[tuple[int, Decimal]]] = {}
    for row in changes:
        prices.setdefault(row["product_id"], []).append((int(row["updated_at"].timestamp() * 1000), row["unit_price"]))
    charged = [
        (line["unit_price"], [price for since, price in prices.get(line["product_id"], []) if since <= time][-1:])
        for time, line in zip(kept.of("checkouts").times.tolist(), kept.records("checkouts"), strict=True)
    ]
    assert len(changes) >= 4
    after_change = [(paid, announced[0]) for paid, announced in charged if announced]
    assert after_change
    assert all(paid == announced for paid, announced in after_change)
