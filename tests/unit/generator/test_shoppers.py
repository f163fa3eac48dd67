from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest

from .conftest import Kept, Simulate

Events = list[dict[str, Any]]
Visits = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def kept(simulate: Simulate) -> Kept:
    _, kept = simulate(events=50_000, rate=50.0, users=1_500, products=1_000)
    return kept


@pytest.fixture(scope="module")
def clicks(kept: Kept) -> Events:
    return kept.records("clickstream")


@pytest.fixture(scope="module")
def lines(kept: Kept) -> Events:
    return kept.records("checkouts")


@pytest.fixture(scope="module")
def visits(clicks: Events, lines: Events) -> Visits:
    """Whole visits only: those that began after the shop opened."""
    found: Visits = defaultdict(list)
    for row in sorted([*clicks, *lines], key=lambda row: row["event_time"]):
        found[row["session_id"]].append(row)
    return {name: rows for name, rows in found.items() if int(name[-9:], 16) >= 1_000}


def test_a_visit_begins_with_the_landing_page(visits: Visits) -> None:
    assert {rows[0].get("page") for rows in visits.values()} == {"/"}


def test_a_visit_has_one_user_one_channel_and_one_client(visits: Visits) -> None:
    for rows in visits.values():
        assert len({(row["user_id"], row["source"], row["channel"]) for row in rows}) == 1
        assert len({row["user_agent"] for row in rows if "user_agent" in row}) == 1


def test_the_user_agent_fits_the_source(clicks: Events) -> None:
    for row in clicks:
        assert row["user_agent"].startswith("FootfallShop") == (row["source"] == "mobile_app")


def test_what_is_carted_clicked_or_wished_for_was_viewed_before(visits: Visits) -> None:
    for rows in visits.values():
        viewed = set()
        for row in rows:
            if row.get("action") == "product_view":
                viewed.add(row["product_id"])
            elif row["product_id"]:
                assert row["product_id"] in viewed


def test_what_is_bought_or_removed_is_in_the_cart(visits: Visits) -> None:
    for rows in visits.values():
        cart = set()
        for row in rows:
            match row.get("action"):
                case "add_to_cart":
                    cart.add(row["product_id"])
                case "remove_from_cart":
                    cart.remove(row["product_id"])
                case None:
                    assert row["product_id"] in cart


def test_an_attempt_pays_for_the_whole_cart_at_once(visits: Visits) -> None:
    attempts: dict[tuple[str, Any], list[dict[str, Any]]] = defaultdict(list)
    for rows in visits.values():
        for row in rows:
            if "order_id" in row:
                attempts[row["order_id"], row["event_time"]].append(row)

    assert Counter(len(lines) for lines in attempts.values()).keys() == {1, 2, 3}
    for lines in attempts.values():
        assert len({line["product_id"] for line in lines}) == len(lines)
        assert len({(line["payment_status"], line["payment_method"], line["discount_rate"]) for line in lines}) == 1


def test_only_failed_payments_have_a_reason_and_some_are_tried_again(lines: Events) -> None:
    outcomes: dict[str, list[str]] = defaultdict(list)
    for row in lines:
        assert (row["payment_failure_reason"] is None) == (row["payment_status"] == "succeeded")
        outcomes[row["order_id"]].append(row["payment_status"])

    retried = [each for each in outcomes.values() if each[0] == "failed" and each[-1] == "succeeded"]
    assert retried
    assert all("failed" not in each[each.index("succeeded") :] for each in outcomes.values() if "succeeded" in each)


def test_views_outnumber_purchases_by_an_order_of_magnitude(clicks: Events, lines: Events) -> None:
    views = sum(row["action"] == "product_view" for row in clicks)
    purchases = sum(row["payment_status"] == "succeeded" for row in lines)

    assert 10 < views / purchases < 40


def test_checkouts_and_inventory_updates_are_a_few_percent_of_all_events(kept: Kept) -> None:
    share = 1 - len(kept.of("clickstream")) / len(kept.events())

    assert 0.04 < share < 0.10


def test_co_views_mostly_share_a_category(visits: Visits) -> None:
    shared, pairs = 0, 0
    for rows in visits.values():
        viewed = [row["category_id"] for row in rows if row.get("action") == "product_view"]
        shared += sum(one == other for one, other in pairwise(viewed))
        pairs += max(0, len(viewed) - 1)

    assert shared / pairs > 0.6


def test_users_come_back(visits: Visits) -> None:
    by_user = Counter(rows[0]["user_id"] for rows in visits.values())

    assert sum(count > 1 for count in by_user.values()) > 100


def test_some_products_are_far_more_popular_but_none_is_forgotten(clicks: Events) -> None:
    views = Counter(row["product_id"] for row in clicks if row["action"] == "product_view")
    ranked = [count for _, count in views.most_common()]

    assert ranked[0] > 10 * ranked[len(ranked) // 2]
    assert len(views) > 850
