import csv
import gzip
import io
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from footfall_generator.events.rows import Rows
from footfall_generator.replay.formats.known import OnlineRetail, format_named
from footfall_generator.replay.formats.online_retail_rows import RetailRows
from footfall_generator.replay.formats.recorded import FormatError
from footfall_generator.replay.formats.set_apart import EXACT, Apart, SetApart
from footfall_generator.replay.result import ReplayResult
from footfall_generator.replay.source import Order, Source
from footfall_schemas.codec import decode, encode, key_of
from footfall_schemas.topics import topic

from .conftest import SCHEMA_IDS
from support import retail

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
SALE = {
    "InvoiceNo": "536365",
    "StockCode": "85123A",
    "Description": "HOLDER",
    "Quantity": "6",
    "InvoiceDate": "12/1/2010 8:26",
    "UnitPrice": "2.55",
    "CustomerID": "17850",
    "Country": "United Kingdom",
}


def _written(*sales: dict[str, str], header: str = HEADER) -> bytes:
    lines = (",".join((SALE | sale).values()) for sale in sales)
    return "\n".join([header, *lines, ""]).encode()


def _source(
    tmp_path: Path, content: bytes, *, file_format: OnlineRetail | None = None, **part: Any
) -> Source[RetailRows]:
    path = tmp_path / "retail.csv"
    path.write_bytes(content)
    return Source(file_format or OnlineRetail(), path, NOW, **part)


def _replayed(source: Source[RetailRows], order: Order = "file") -> tuple[ReplayResult, list[Rows]]:
    """Do what a replay does, but for the publishing."""
    encode_batch = source.file_format.encoder("0123abcd", SCHEMA_IDS)
    result, sent = ReplayResult(source.file_format.currency, apart=source.apart), []
    for batch in source.batches(order):
        events = encode_batch(batch)
        result.add(batch, events, source.file_format.net(batch))
        sent += events
    return result, sent


def _records(sent: list[Rows], name: str) -> list[dict[str, Any]]:
    return [decode(value, topic(name).schema) for rows in sent if rows.topic == name for value in rows.values]


def _lines(records: list[dict[str, Any]], id_field: str) -> list[int]:
    return [int(record[id_field].rsplit("-", 1)[1]) for record in records]


@pytest.mark.parametrize("order", ["time", "file"])
def test_every_quirk_becomes_what_it_must(tmp_path: Path, order: Order) -> None:
    source = _source(tmp_path, retail.FILE)

    result, sent = _replayed(source, order)

    assert sorted(_lines(_records(sent, "checkouts"), "checkout_id")) == retail.CHECKOUTS
    assert sorted(_lines(_records(sent, "refunds"), "refund_id")) == retail.REFUNDS
    assert {line.number: line.reason for line in source.apart.lines} == retail.APART
    assert source.apart.reasons == Counter(retail.APART.values())
    assert (result.checkouts, result.refunds, result.clicks, result.apart.count) == (9, 2, 0, 16)
    assert result.net == retail.NET
    assert result.apart.amount == retail.APART_AMOUNT
    assert list(result.lines())[:4] == [
        "27 rows: 9 checkouts, 2 refunds, 16 set apart",
        "net total 30,000,000,055.01 GBP, 80,000,000,379.193 GBP set apart",
        "from 2010-12-01 08:26:00 to 2010-12-01 16:50:00 UTC",
        "set apart: "
        + ", ".join(f"{reason} {count}" for reason, count in sorted(Counter(retail.APART.values()).items())),
    ]


def test_the_events_hold_the_file_s_money_to_the_cent(tmp_path: Path) -> None:
    _, sent = _replayed(_source(tmp_path, retail.FILE))

    paid = sum(row["unit_price"] * row["quantity"] for row in _records(sent, "checkouts"))
    back = sum(row["amount"] for row in _records(sent, "refunds"))
    assert (paid, back) == (retail.PAID, retail.PAID_BACK)
    assert paid - back == retail.NET


def test_net_total_and_what_was_set_apart_are_the_file_s_total(tmp_path: Path) -> None:
    result, _ = _replayed(_source(tmp_path, retail.FILE))

    total = Decimal(0)
    text = retail.FILE.decode("utf-8-sig", errors="replace").replace('"RED CHARLIE', "RED CHARLIE")
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if row["InvoiceNo"] == "536378":  # its quote is left open: there is no telling what its columns are
            continue
        try:
            total += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) if row["Country"] else 0
        except InvalidOperation:
            assert row["Quantity"] == "two"
    assert result.net is not None
    assert result.net + result.apart.amount == total


def test_events_are_byte_for_byte_what_fastavro_writes(tmp_path: Path) -> None:
    long = {"StockCode": "Ä" * 500, "CustomerID": "x" * 1000}
    content = _written(
        SALE, {"InvoiceNo": "C1", "Quantity": "-1"}, long, long | {"Quantity": "-7", "InvoiceNo": "i" * 90}
    )
    _, sent = _replayed(_source(tmp_path, content))
    _, more = _replayed(_source(tmp_path, retail.FILE))

    for rows in (*sent, *more):
        facts = topic(rows.topic)
        records = [decode(value, facts.reader) for value in rows.values]
        assert [encode(SCHEMA_IDS[rows.topic], facts.schema, record) for record in records] == rows.values.tolist()
        assert [key_of(facts, record) for record in records] == rows.keys.tolist()
        assert [int(record["event_time"].timestamp() * 1000) for record in records] == rows.times.tolist()


def test_a_sale_becomes_a_checkout_that_was_paid_for(tmp_path: Path) -> None:
    _, sent = _replayed(_source(tmp_path, _written(SALE)))

    assert _records(sent, "checkouts") == [
        {
            "checkout_id": "or-0123abcd-2",
            "order_id": "536365",
            "event_time": datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
            "user_id": "17850",
            "session_id": None,
            "product_id": "85123A",
            "category_id": None,
            "quantity": 6,
            "unit_price": Decimal("2.55"),
            "discount_rate": Decimal(0),
            "shipping_cost": Decimal(0),
            "currency": "GBP",
            "payment_method": "unknown",
            "payment_status": "succeeded",
            "payment_failure_reason": None,
            "source": "website",
            "channel": None,
        }
    ]


@pytest.mark.parametrize(
    ("invoice", "reason"), [("C536365", "cancelled"), ("c536365", "cancelled"), ("536365", "adjusted")]
)
def test_a_negative_quantity_becomes_a_refund_of_the_whole_line(tmp_path: Path, invoice: str, reason: str) -> None:
    sale = {"InvoiceNo": invoice, "Quantity": "-6", "CustomerID": "", "InvoiceDate": "6/1/2011 8:26"}

    _, sent = _replayed(_source(tmp_path, _written(sale)))

    assert _records(sent, "refunds") == [
        {
            "refund_id": "or-0123abcd-2",
            "event_time": datetime(2011, 6, 1, 7, 26, tzinfo=UTC),
            "user_id": f"guest-{invoice}",
            "order_id": invoice,
            "checkout_id": None,
            "product_id": "85123A",
            "category_id": None,
            "quantity": 6,
            "amount": Decimal("15.30"),
            "currency": "GBP",
            "reason": reason,
            "source": "website",
        }
    ]


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"InvoiceNo": "a1"}, "bad debt"),
        ({"InvoiceNo": " "}, "no invoice"),
        ({"StockCode": " "}, "no product"),
        ({"StockCode": "Ä" * 501}, "too long"),
        ({"CustomerID": "x" * 1001}, "too long"),
        ({"InvoiceNo": "5" * 995, "CustomerID": ""}, "too long"),
        ({"Quantity": ""}, "no number"),
        ({"Quantity": "1e3"}, "no number"),
        ({"Quantity": "NaN"}, "no number"),
        ({"Quantity": "٣"}, "no number"),
        ({"UnitPrice": "£1"}, "no number"),
        ({"UnitPrice": "1" * 19}, "no number"),
        ({"Quantity": "0.0"}, "quantity of 0"),
        ({"Quantity": "-0.5"}, "no whole quantity"),
        ({"Quantity": str(2**31)}, "too large"),
        ({"Quantity": "-2", "UnitPrice": "5000000000"}, "too large"),
        ({"UnitPrice": "10000000000"}, "too large"),
        ({"UnitPrice": "2.555"}, "price finer than cents"),
        ({"UnitPrice": "-0.01"}, "negative price"),
        ({"InvoiceNo": "C1", "Quantity": "1"}, "cancellation of nothing"),
        ({"InvoiceDate": "2026-01-02 00:00:01"}, "no time"),
    ],
)
def test_what_cannot_be_an_event_is_set_apart_with_its_worth(tmp_path: Path, odd: dict[str, str], reason: str) -> None:
    source = _source(tmp_path, _written(odd, SALE))

    result, _ = _replayed(source)

    (line,) = source.apart.lines
    assert (line.number, line.reason) == (2, reason)
    assert result.checkouts == 1
    row = SALE | odd
    worth = None if reason == "no number" else Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
    assert line.amount == worth


@pytest.mark.parametrize(
    ("legal", "expected"),
    [
        ({"Quantity": "6.0"}, {"quantity": 6}),
        ({"Quantity": "+6"}, {"quantity": 6}),
        ({"Quantity": str(2**31 - 1)}, {"quantity": 2**31 - 1}),
        ({"UnitPrice": ".5"}, {"unit_price": Decimal("0.50")}),
        ({"UnitPrice": "2.5500"}, {"unit_price": Decimal("2.55")}),
        ({"UnitPrice": "-0.0"}, {"unit_price": Decimal("0.00")}),
        ({"UnitPrice": "9999999999.99"}, {"unit_price": Decimal("9999999999.99")}),
        ({"CustomerID": "17850.0"}, {"user_id": "17850"}),
        ({"CustomerID": "ann.0"}, {"user_id": "ann.0"}),
        ({"CustomerID": " "}, {"user_id": "guest-536365"}),
    ],
)
def test_numbers_and_customers_are_read_as_tables_write_them(
    tmp_path: Path, legal: dict[str, str], expected: dict[str, Any]
) -> None:
    _, sent = _replayed(_source(tmp_path, _written(legal)))

    (checkout,) = _records(sent, "checkouts")
    assert checkout | expected == checkout


def test_the_names_of_online_retail_ii_and_any_order_of_columns_are_understood(tmp_path: Path) -> None:
    header = b"Country,Customer ID,Price,InvoiceDate,Quantity,StockCode,Invoice,Other\n"
    content = header + b"UK,7,2.55,2009-12-01 07:45:00,2,P,489434,x\n"

    _, sent = _replayed(_source(tmp_path, content))

    (checkout,) = _records(sent, "checkouts")
    assert (checkout["order_id"], checkout["user_id"], checkout["unit_price"]) == ("489434", "7", Decimal("2.55"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "it reads ''"),
        (b"536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,UK\n", "it reads '536365,85123A"),
        (HEADER.replace(",", ";").encode(), "must name InvoiceNo"),
        ((HEADER + ",Price\n").encode(), "each once"),
        ((HEADER + "\n").encode("utf-16"), "must name InvoiceNo"),
        (b'"InvoiceNo\n', "quotes do not match"),
        (b"1,2268318,2520377,pv,1511544070\n", "must name InvoiceNo"),
    ],
    ids=["empty", "no header", "semicolons", "twice", "utf-16", "quote", "user behavior"],
)
def test_a_file_without_the_header_is_refused_in_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    source = _source(tmp_path, content)

    with pytest.raises(FormatError, match=complaint) as error:
        list(source.batches("file"))

    assert str(source.path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("order", ["time", "file"])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (_written(), "the file is empty"),
        (
            _written({"Quantity": "0"}),
            "no line is a sale or a refund; 1 lines were set apart, such as line 2: Quantity is 0",
        ),
    ],
)
def test_a_file_without_an_event_says_so(tmp_path: Path, order: Order, content: bytes, complaint: str) -> None:
    source = _source(tmp_path, content)

    assert list(source.batches(order)) == []
    assert complaint in source.complaint()


def test_what_gzip_has_packed_is_read_as_if_it_had_not(tmp_path: Path) -> None:
    plain, _ = _replayed(_source(tmp_path, retail.FILE))

    packed, _ = _replayed(_source(tmp_path, gzip.compress(retail.FILE)))

    assert list(plain.lines()) == list(packed.lines())


def test_rows_go_out_by_time_and_ties_in_file_order(tmp_path: Path) -> None:
    at = [{"InvoiceDate": f"12/1/2010 8:{minute}"} for minute in (30, 10, 30, 20)]
    source = _source(tmp_path, _written(*at))

    assert [line for batch in source.batches("time") for line in batch.line.tolist()] == [3, 5, 2, 4]
    assert [line for batch in source.batches("file") for line in batch.line.tolist()] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("part", "lines", "apart"),
    [
        ({"resume_from": 12}, [17, 27, 29], 15),
        ({"limit": 3}, [2, 3, 4], 0),
        ({"resume_from": 5, "limit": 6}, [6, 7, 8, 9, 10, 17], 6),
        ({"resume_from": 29}, [29], 0),
    ],
)
def test_a_part_of_the_file_can_be_replayed(tmp_path: Path, part: dict[str, Any], lines: list[int], apart: int) -> None:
    result, sent = _replayed(_source(tmp_path, retail.FILE, **part))

    ids = _lines(_records(sent, "checkouts"), "checkout_id") + _lines(_records(sent, "refunds"), "refund_id")
    assert sorted(ids) == lines
    assert result.apart.count == apart
    assert result.next_line == lines[-1] + 1


def test_set_apart_lines_are_all_counted_and_the_first_are_kept(tmp_path: Path) -> None:
    source = _source(tmp_path, _written(*[{"Quantity": "0"}] * 30, *[{"UnitPrice": "-1"}] * 12, SALE))

    result, _ = _replayed(source)

    assert dict(source.apart.reasons) == {"quantity of 0": 30, "negative price": 12}
    assert [line.number for line in source.apart.lines] == list(range(2, 22))
    assert result.apart.amount == -72
    assert list(result.lines())[-1] == "and 22 more lines set apart"


def test_currency_and_zone_are_the_file_s_own_unless_told() -> None:
    told = format_named("online-retail", currency="EUR", zone="Europe/Berlin")

    assert format_named("online-retail").currency == "GBP"
    assert format_named("userbehavior").currency == "CNY"
    assert format_named("userbehavior", currency="USD").currency == "USD"
    assert (told.currency, str(told.zone)) == ("EUR", "Europe/Berlin")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("csv", {}, "--format csv: choose userbehavior or online-retail"),
        ("online-retail", {"currency": "gbp"}, "--currency 'gbp' is not a currency"),
        ("userbehavior", {"currency": ""}, "--currency '' is not a currency"),
        ("online-retail", {"zone": "Europe/Londres"}, "--zone 'Europe/Londres' is not a time zone"),
        ("online-retail", {"zone": "../passwd"}, "is not a time zone"),
        ("online-retail", {"zone": ""}, "is not a time zone"),
        ("userbehavior", {"zone": "Europe/London"}, "--zone needs --format online-retail"),
    ],
)
def test_wrong_options_of_a_format_are_refused(name: str, options: dict[str, str], complaint: str) -> None:
    with pytest.raises(FormatError, match=complaint):
        format_named(name, **options)


def test_the_currency_is_in_every_event(tmp_path: Path) -> None:
    source = _source(tmp_path, retail.FILE, file_format=OnlineRetail(currency="EUR"))

    result, sent = _replayed(source)

    assert {row["currency"] for name in ("checkouts", "refunds") for row in _records(sent, name)} == {"EUR"}
    assert "net total 30,000,000,055.01 EUR" in "\n".join(result.lines())


def test_sums_are_exact_however_long_their_numbers_are() -> None:
    tiny, huge = Decimal("0." + "0" * 17 + "1"), Decimal("9" * 18)
    apart = Apart()
    apart.add(
        SetApart(number, "x", "x", amount) for number, amount in enumerate([EXACT.multiply(huge, huge), tiny, tiny])
    )

    assert apart.amount == Decimal("999999999999999998000000000000000001.000000000000000002")
