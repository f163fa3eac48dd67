"""Rows in memory: replaced, found, forgotten, bounded."""

from datetime import timedelta

from footfall_dashboard.live.rows import ABANDONED, CATEGORIES, EVENTS, LOW_STOCK, STREAMS, VISITORS
from footfall_dashboard.live.store import Store
from footfall_schemas.topics import topic

from support.panels import MOST, at, minute, put, row


def test_a_row_that_comes_again_replaces_the_first() -> None:
    store = Store(MOST)
    put(store, VISITORS, minute("11:00") | {"visitors": 1}, minute("11:00") | {"visitors": 2})
    version = store.of(VISITORS).version
    put(store, VISITORS, minute("11:00") | {"visitors": 2})

    assert [each.visitors for each in store.all(VISITORS)] == [2]
    assert (store.of(VISITORS).size, store.of(VISITORS).version) == (1, version)


def test_rows_come_in_order_of_time_however_they_were_read() -> None:
    store = Store(MOST)
    put(store, VISITORS, *(minute(clock) | {"visitors": 1} for clock in ("11:02", "11:00", "11:03", "11:01")))

    assert [f"{each.window_start:%H:%M}" for each in store.all(VISITORS)] == ["11:00", "11:01", "11:02", "11:03"]
    assert [f"{each.window_start:%M}" for each in store.between(VISITORS, at("11:01"), at("11:03"))] == ["01", "02"]
    rows = store.of(VISITORS)
    assert (rows.newest(), rows.newest(at("11:02")), rows.newest(at("11:01:30"))) == (
        at("11:03"),
        at("11:02"),
        at("11:01"),
    )
    assert rows.newest(at("10:59")) is None


def test_old_rows_are_forgotten_and_it_is_known_since_when() -> None:
    store = Store(MOST)
    put(store, VISITORS, *(minute(clock) | {"visitors": 1} for clock in ("11:00", "11:01", "11:02")))
    rows = store.of(VISITORS)
    rows.forget_before(at("11:00"))
    assert (rows.size, rows.cut) == (3, None)

    rows.forget_before(at("11:02"))

    assert (rows.size, rows.cut, rows.first()) == (1, at("11:02"), at("11:02"))


def test_of_too_many_rows_the_oldest_go() -> None:
    store = Store(4)
    for clock in ("11:02", "11:01", "11:00"):
        put(store, EVENTS, *(minute(clock) | {"action": action} for action in "ab"))

    rows = store.of(EVENTS)
    assert (rows.size, rows.dropped, rows.cut, rows.first()) == (4, 2, at("11:01"), at("11:01"))


def test_of_too_many_keys_those_go_that_have_not_changed_for_longest() -> None:
    store = Store(3)
    for name, purchases in (("a", 1), ("b", 1), ("c", 1), ("a", 2), ("d", 1)):
        put(store, CATEGORIES, {"category": name, "purchases": purchases})

    assert [each.category for each in store.all(CATEGORIES)] == ["c", "a", "d"]
    assert store.of(CATEGORIES).dropped == store.dropped() == 1


def test_a_deletion_takes_the_row_of_its_key_away() -> None:
    store = Store(MOST)
    low = {"product_id": "p", "warehouse_id": "w", "level": "low", "event_time": at("11:00")}
    put(store, LOW_STOCK, low, low | {"warehouse_id": "v"})

    store.of(LOW_STOCK).drop(("p", "w"))
    store.of(LOW_STOCK).drop(("p", "w"))

    assert [each.warehouse_id for each in store.all(LOW_STOCK)] == ["v"]
    assert store.of(LOW_STOCK).size == 1


def test_abandoned_carts_are_only_counted() -> None:
    store = Store(MOST)
    put(store, ABANDONED, *({"user_id": u, "session_end": at("11:00:01")} for u in "ab"))

    assert list(store.of(ABANDONED).counts(at("11:00"), at("11:01"))) == [(at("11:00"), 2)]
    assert list(store.all(ABANDONED)) == [None, None]


def test_the_delay_is_measured_when_the_newest_window_is_first_read() -> None:
    rows = Store(MOST).of(VISITORS)
    rows.put(row(VISITORS, **minute("11:00")))
    assert rows.delay is None
    rows.put(row(VISITORS, **minute("11:02")), at("11:03:04"))
    rows.put(row(VISITORS, **minute("11:01")), at("11:03:30"))
    assert [rows.delay, rows.front] == [4.0, at("11:03")]


def test_a_topic_made_anew_begins_with_nothing() -> None:
    store = Store(MOST)
    put(store, VISITORS, minute("11:00") | {"visitors": 1})
    store.of(VISITORS).begin(at("10:00"))

    store.of(VISITORS).clear()

    rows = store.of(VISITORS)
    assert (rows.size, rows.cut, rows.front, rows.first(), list(rows.all())) == (0, None, None, None, [])


def test_every_stream_keeps_fields_of_its_topic_by_the_topics_key() -> None:
    for stream in STREAMS:
        known = topic(stream.topic)
        assert set(stream.row._fields) <= set(known.field_names), stream.topic
        assert set(stream.key) <= set(stream.row._fields), stream.topic
        # A date is that of its window, and so no part of what tells rows apart here.
        assert set(known.row_key) - set(stream.key) <= {"date", "hour"}, stream.topic
        assert (known.cleanup == "compact") is (stream.time is None), stream.topic
        assert stream.kept is None or timedelta(hours=known.retention_hours or 0) > stream.kept, stream.topic
