from support.computed import computed
from support.events import at, checkout, click, inventory_update, product
from support.oracle import Message, Oracle
from support.oracle.accounting import still_open
from support.outputs import differences, final_rows


def test_every_message_is_in_one_column_or_still_open() -> None:
    rows = [click("a", at(0)), click("a", at(0)), click("late", at(0)), click("open", at(9)), click("open", at(9))]
    messages = [Message("clickstream", 0, offset, row) for offset, row in enumerate(rows)]

    oracle = Oracle(messages, {("clickstream", 0, 2)}, at(5), dead={("clickstream", 0, 5), ("checkouts", 0, 0)})

    assert oracle.outputs()["event_accounting"]() == [
        {"topic": "clickstream", "counted": 1, "duplicates": 2, "late": 1, "dead": 1},
        {"topic": "checkouts", "counted": 0, "duplicates": 0, "late": 0, "dead": 1},
    ]
    assert still_open(oracle.facts, "clickstream") == 1


def test_stock_fires_once_per_crossing_in_order_of_event_time() -> None:
    levels = [(0, 5), (1, 2), (2, 1), (3, 0), (4, 2), (5, 3), (6, 0), (7, 2)]
    rows = [inventory_update(f"{minute}", at(minute), quantity) for minute, quantity in reversed(levels)]

    alerts = computed("inventory-alerts", product(), *rows)

    assert [(row["update_id"], row["alert_type"].removeprefix("inventory.")) for row in alerts] == [
        ("1", "low"),
        ("3", "out_of_stock"),
        ("5", "recovered"),
        ("6", "out_of_stock"),
    ]
    assert [row["previous_quantity"] for row in alerts] == [5, 1, 2, 3]


def test_alerts_whose_ids_read_the_same_put_together_are_told_apart() -> None:
    rows = [
        inventory_update("m", at(0), 0, product_id="a|b", warehouse_id="c"),
        inventory_update("m", at(0), 0, product_id="a", warehouse_id="b|c"),
        inventory_update("m", at(0), 0, product_id="a%7Cb", warehouse_id="c"),
    ]

    assert len({row["alert_id"] for row in computed("inventory-alerts", *rows)}) == 3


def test_differences_count_copies_whatever_the_order_of_fields() -> None:
    one, other = {"a": 1, "b": [{"c": 2}]}, {"b": [{"c": 2}], "a": 1}

    assert differences([one, one], [other]) == {"missing": [one], "surplus": []}
    assert differences([], [other, {"a": 2}]) == {"missing": [], "surplus": [other, {"a": 2}]}


def test_final_rows_of_an_upsert_topic_are_the_latest_per_key() -> None:
    counts = [("Shoes", 1), ("Toys", 1), ("Shoes", 2)]
    messages = [
        Message("top_categories", 0, offset, {"category": category, "purchases": purchases})
        for offset, (category, purchases) in enumerate(counts)
    ]

    rows = final_rows("top_categories", messages, at(0))

    assert rows == [{"category": "Shoes", "purchases": 2}, {"category": "Toys", "purchases": 1}]


def test_rows_that_are_not_final_yet_are_not_compared() -> None:
    rows = [checkout("a", at(0)) | {"checkout_time": at(minute)} for minute in (0, 1)]
    messages = [Message("attributed_checkouts", 0, offset, row) for offset, row in enumerate(rows)]

    assert final_rows("attributed_checkouts", messages, at(0)) == rows[:1]
