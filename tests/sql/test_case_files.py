"""A case file that cannot be right says so, and where."""

from datetime import timedelta
from pathlib import Path

import pytest

from support import cases
from support.cases import CaseError, Tombstone, load_case
from support.placing import place

GOOD = """
doc: A purchase counts.
checkouts:
- {event_time: "10:00", user_id: ann, product_id: mug}
expect:
- {hour: 10, purchases: 1}
"""


@pytest.fixture
def case_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tests" / "sql" / "trading_volume" / "one" / "case.yaml"
    path.parent.mkdir(parents=True)
    (tmp_path / "tests" / "sql" / "defaults.yaml").write_text((cases.ROOT / "defaults.yaml").read_text())
    monkeypatch.setattr(cases, "ROOT", tmp_path / "tests" / "sql")
    return path


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("checkouts:", "checkout:", r"unknown checkout; there are categories, checkouts"),
        ("user_id", "user", r"checkouts has no user"),
        ("10:00", "10 o'clock", r"10 o'clock"),
        ("purchases", "purchase", r"'purchase'"),
        ("hour: 10", "hour: ten", r"'ten'"),
        ("{hour: 10, purchases: 1}", "{hour: 10}\n- {purchases: 1}", r"must name the same columns"),
        (", product_id: mug", "", r"a row of checkouts needs product_id"),
        ("product_id: mug", "product_id: mug, payment_status: lost", r"'lost' is none of succeeded, failed, unknown"),
    ],
)
def test_a_mistake_is_named_with_its_file(case_file: Path, written: str, instead: str, complaint: str) -> None:
    assert written in GOOD
    case_file.write_text(GOOD.replace(written, instead))

    with pytest.raises(CaseError, match=r"tests/sql/trading_volume/one/case\.yaml: .*" + complaint):
        load_case(case_file)


def test_cases_that_share_a_run_are_days_apart_and_know_none_of_the_others_ids(case_file: Path) -> None:
    case_file.write_text(GOOD)
    case, other = load_case(case_file), load_case(case_file)

    first, second = place([case, other])

    assert (second.start - first.end).days >= 3
    assert next(first.rows("checkouts"))["user_id"] == "trading_volume/one/ann"  # type: ignore[index, call-overload]


def test_a_deletion_is_moved_and_named_like_the_row_it_deletes(case_file: Path) -> None:
    case_file.write_text(GOOD + "products:\n- {product_id: mug}\n- {product_id: mug, tombstone: '10:05'}\n")

    placed = place([load_case(case_file)])[0]

    row, deletion = placed.rows("products")
    assert isinstance(row, dict)
    assert deletion == Tombstone({"product_id": row["product_id"]}, placed.start + timedelta(minutes=5))


def test_a_case_alone_is_published_as_it_is_written(case_file: Path) -> None:
    case_file.write_text(GOOD + "alone: true")
    case = load_case(case_file)

    assert list(place([case])[0].rows("checkouts")) == case.inputs["checkouts"]
