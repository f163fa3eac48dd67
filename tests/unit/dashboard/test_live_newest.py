"""Panels of the newest window and of what is true until it changes."""

from datetime import timedelta

import pytest
from footfall_dashboard.live.rows import CATEGORIES, CONVERSIONS, EVENTS, LOW_STOCK, SHOP, SOLD, VIEWED
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range, RangeError

from support.panels import MOST, at, cells, drawn, minute, put

NOW = at("12:00:10")
HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Store:
    return Store(MOST)


def stock(product: str, quantity: int, threshold: int, level: str) -> dict[str, object]:
    fields = {"product_id": product, "warehouse_id": "w1", "product_name": f"Name of {product}"}
    return fields | {"quantity": quantity, "threshold": threshold, "level": level, "event_time": at("11:30")}


def test_products_move_against_the_window_five_minutes_before(store: Store) -> None:
    before, newest = minute("10:50", length=HOUR), minute("10:55", length=HOUR)
    put(store, SOLD, *(before | {"rank": rank, "product_id": p, "units": 9} for rank, p in enumerate("abc", 1)))
    put(store, SOLD, *(newest | {"rank": rank, "product_id": p, "units": 9 - rank} for rank, p in enumerate("cad", 1)))
    put(store, VIEWED, newest | {"rank": 1, "product_id": "a", "views": 5})

    panel = drawn(store, "top_products", NOW)

    assert panel.rows == [[1, "c", 8, 2], [2, "a", 7, -1], [3, "d", 6, None]]
    assert (panel.begin, panel.end, panel.as_of) == (at("10:55"), at("11:55"), at("11:55"))
    assert drawn(store, "most_viewed_products", NOW).rows == [[1, "a", 5, None]]
    assert cells(drawn(store, "top_products", NOW, asked=Range(end=at("11:54"))), 1) == [["a"], ["b"], ["c"]]


def test_the_funnel_begins_with_the_shop(store: Store) -> None:
    newest = minute("11:00", length=HOUR)
    put(
        store,
        CONVERSIONS,
        newest | {"scope": "category", "category": "A", "viewers": 3, "carters": 2, "cart_rate": 2 / 3},
    )
    put(store, CONVERSIONS, newest | {"scope": "category", "category": "B", "viewers": 5})
    put(store, CONVERSIONS, newest | {"scope": SHOP, "viewers": 6, "carters": 2, "buyers": 1, "purchase_rate": 1 / 6})
    put(store, CONVERSIONS, minute("10:55", length=HOUR) | {"scope": SHOP, "viewers": 600})

    assert drawn(store, "funnel", NOW).rows == [
        [SHOP, "", 6, 2, 1, None, 1 / 6],
        ["category", "B", 5, 0, 0, None, None],
        ["category", "A", 3, 2, 0, 2 / 3, None],
    ]


def test_low_stock_is_the_worst_first_and_forgets_what_has_enough(store: Store) -> None:
    rows = (("a", 4, 5, "low"), ("b", 0, 9, "out"), ("c", 1, 5, "low"), ("d", 50, 5, "enough"), ("e", 2, 5, "low"))
    put(store, LOW_STOCK, *(stock(*each) for each in rows))
    put(store, LOW_STOCK, stock("e", 70, 5, "enough"))

    panel = drawn(store, "low_stock", NOW)

    assert cells(panel, 0, 3, 4, 5) == [["b", 0, 9, "out"], ["c", 1, 5, "low"], ["a", 4, 5, "low"]]
    assert store.sizes()["stock_levels"] == 3


def test_of_much_low_stock_fifty_are_shown_and_the_rest_is_told_of(store: Store) -> None:
    put(store, LOW_STOCK, *(stock(f"p{number:02}", number, 100, "low") for number in range(53)))

    panel = drawn(store, "low_stock", NOW)

    assert (len(panel.rows), panel.rows[0][0], panel.judgement.why) == (50, "p00", "3 more are low or out.")


def test_categories_are_what_was_last_said_of_each(store: Store) -> None:
    put(store, CATEGORIES, *({"category": name, "purchases": 3} for name in "ba"), {"category": "b", "purchases": 4})
    put(store, CATEGORIES, {"category": "c", "purchases": 1})
    store.of(CATEGORIES).drop(("c",))
    put(store, EVENTS, minute("11:58") | {"action": "page_view"})

    panel = drawn(store, "top_categories", NOW)

    assert (panel.rows, panel.as_of) == ([["b", 4], ["a", 3]], at("11:59"))


@pytest.mark.parametrize("panel", ["top_categories", "low_stock"])
def test_what_has_no_past_has_no_range(store: Store, panel: str) -> None:
    with pytest.raises(RangeError, match="leave out from and to"):
        drawn(store, panel, NOW, asked=Range(at("11:00"), at("12:00")))
