"""docs/money.md: its words are those of the schemas, and its example is what the oracle and the SQL's cases say."""

from pathlib import Path

import pytest
from footfall_schemas.topics import Json, Topic, load_topics

from support import markdown
from support.cases import ROOT, Case, load_case
from support.computed import computed
from support.written import shown, typed

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "money.md").read_text()
METRICS = [topic for topic in load_topics().values() if topic.kind == "metrics"]
VIEWS = ("revenue_per_minute", "channel_revenue", "buyers_by_gender")
CASE = "page_on_money"
TIMES = {"checkouts": "event_time", "refunds": "event_time", "products": "product_id"} | dict.fromkeys(
    VIEWS, "window_start"
)
"""Which column the first one of a table of the page is, whose heading names the topic."""


def tables() -> dict[str, list[dict[str, str]]]:
    """Return the page's tables by the heading of their first column."""
    return markdown.tables(PAGE)


def described() -> list[tuple[str, str, str]]:
    """Return stream, column and words of each definition."""
    return [
        (stream, row["column"].strip("`"), row["is"]) for row in tables()["column"] for stream in row["of"].split(", ")
    ]


def told(topic: str) -> list[dict[str, str]]:
    """Return a table of the example as a case writes it."""
    return [
        {(TIMES[topic] if name == topic else name): text.replace("\N{MINUS SIGN}", "-") for name, text in row.items()}
        for row in tables()[topic]
    ]


def money_of(topic: Topic) -> list[Json]:
    """Return the fields that hold an amount, alone or in an array."""
    return [field for field in topic.schema["fields"] if "decimal" in str(field["type"])]


@pytest.fixture(params=VIEWS)
def case(request: pytest.FixtureRequest) -> Case:
    return load_case(ROOT / request.param / CASE / "case.yaml")


def test_definitions_are_the_words_of_the_schemas() -> None:
    docs = {(topic.name, field["name"]): field["doc"] for topic in METRICS for field in topic.schema["fields"]}

    assert {(stream, column): words for stream, column, words in described()} == {
        place: docs.get(place) for place in {(stream, column) for stream, column, _ in described()}
    }


def test_every_amount_and_every_column_of_a_name_that_is_defined_has_its_definition() -> None:
    places = [(stream, column) for stream, column, _ in described()]
    names = {column for _, column in places} | {field["name"] for topic in METRICS for field in money_of(topic)}

    assert len(set(places)) == len(places)
    assert set(places) == {
        (topic.name, field["name"]) for topic in METRICS for field in topic.schema["fields"] if field["name"] in names
    }


@pytest.mark.parametrize("topic", METRICS, ids=lambda topic: topic.name)
def test_money_has_its_currency_in_the_key_or_beside_it(topic: Topic) -> None:
    types = {field["name"]: field["type"] for field in topic.schema["fields"]}
    for field in money_of(topic):
        if field["type"]["type"] == "array":
            assert {item["name"] for item in field["type"]["items"]["fields"]} == {"currency", "amount"}
        else:
            assert types["currency"] == "string"
            # A checkout is in one currency whatever else is in its row.
            assert "currency" in topic.row_key or topic.row_key == ("checkout_id",)


def test_the_case_is_the_example_of_the_page(case: Case) -> None:
    for topic in ("checkouts", "refunds", "products"):
        types = {field["name"]: field["type"] for field in load_topics()[topic].schema["fields"]}
        written = [{name: typed(types[name], text) for name, text in row.items()} for row in told(topic)]

        assert written == [
            {name: row[name] for name in written[0]} for row in case.inputs[topic] if isinstance(row, dict)
        ]


def test_the_example_says_what_the_case_expects_and_the_oracle_computes(case: Case) -> None:
    types = {field["name"]: field["type"] for field in load_topics()[case.view].schema["fields"]}
    written = [{name: typed(types[name], text) for name, text in row.items()} for row in told(case.view)]
    rows = [row for topic in case.inputs.values() for row in topic if isinstance(row, dict)]
    answer = [{name: row[name] for name in written[0]} for row in computed(case.view, *rows)]

    assert written == case.expected
    assert sorted(map(shown, written)) == sorted(map(shown, answer))


def test_users_of_the_example_are_those_of_the_case(case: Case) -> None:
    users = {row["user_id"]: row["gender"] for row in case.inputs["users"] if isinstance(row, dict)}

    assert users == {"ann": "female", "ben": "male", "cem": "male"}
    assert "Ann is female, Ben and Cem are male, of Dan nothing is known." in PAGE
