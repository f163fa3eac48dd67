from datetime import timedelta

from support.computed import computed
from support.events import at, category, checkout, click, product
from support.oracle.facts import IDENTITIES, judge
from support.oracle.versions import Versions, deletion


def test_first_read_copy_counts_even_when_it_happened_later() -> None:
    first, second = click("a", at(2)), click("a", at(1))

    assert judge([first, second], IDENTITIES["clickstream"]) == ([first], [second])


def test_duplicate_at_the_end_of_the_window_is_one_and_after_it_counts_anew() -> None:
    first, edge = click("a", at(0)), click("a", at(10))
    beyond = click("a", at(10) + timedelta(milliseconds=1))
    after_beyond = click("a", at(20))

    counted, copies = judge([first, edge, beyond, after_beyond], IDENTITIES["clickstream"])

    assert (counted, copies) == ([first, beyond], [edge, after_beyond])


def test_same_id_of_another_user_is_no_copy() -> None:
    payments = [checkout("a", at(0)), checkout("a", at(0), user_id="bob")]
    clicks = [click("a", at(0)), click("a", at(0), user_id="bob")]

    assert judge(payments, IDENTITIES["checkouts"]) == (payments, [])
    assert judge(clicks, IDENTITIES["clickstream"]) == (clicks, [])


def test_a_late_first_copy_leaves_the_second_to_count() -> None:
    rows = [click("a", at(0)), click("a", at(0), source="mobile_app")]

    counts = computed("event_counts", *rows, late=(0,))

    assert [row["source"] for row in counts] == ["mobile_app"]


def test_version_valid_from_its_very_moment() -> None:
    old, new = product(at(0)), product(at(5), name="New")

    versions = Versions([new, old], "product_id")

    assert versions.as_of("pan", at(0) - timedelta(milliseconds=1)) is None
    assert versions.as_of("pan", at(5) - timedelta(milliseconds=1)) == old
    assert versions.as_of("pan", at(5)) == new
    assert versions.as_of("pot", at(5)) is None


def test_a_deletion_ends_a_version_at_its_time_and_a_newer_version_begins_anew() -> None:
    old, new = product(at(0)), product(at(5), name="New")

    versions = Versions([old, deletion("product_id", "pan", at(2)), new], "product_id")

    assert versions.as_of("pan", at(2) - timedelta(milliseconds=1)) == old
    assert versions.as_of("pan", at(2)) is None
    assert versions.as_of("pan", at(5)) == new


def test_category_of_the_row_comes_before_that_of_its_product() -> None:
    dimensions = [
        product(category_id="c-pots"),
        category(),
        category(category_id="c-pots", parent_category_name="Pots"),
    ]
    rows = [
        checkout("own", at(0)),
        checkout("product's", at(1), category_id=None),
        checkout("neither", at(2), category_id=None, product_id="pot"),
        checkout("unknown", at(3), category_id="c-none"),
    ]

    found = computed("revenue_by_category", *dimensions, *rows)

    assert [row["category"] for row in found] == ["Kitchen", "Pots", "Unknown", "Unknown"]
