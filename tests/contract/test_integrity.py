"""docs/integrity.md names what is compared."""

from footfall_analytics.integrity import accounts
from footfall_analytics.integrity.identities import WINDOWED
from footfall_analytics.integrity.ledger import OF_MINUTES, STREAMS
from footfall_schemas.topics import load_topics
from footfall_stack.paths import REPOSITORY

RELATIONS = {"equal": "equal to", "at_most": "at most"}


def test_every_identity_is_on_the_page() -> None:
    page = (REPOSITORY / "docs" / "integrity.md").read_text().splitlines()
    rows = [
        f"| `{each.name}` | {each.means} | `{each.left.topic}` | {RELATIONS[each.relation]} | `{each.right.topic}` |"
        for each in (*WINDOWED, *accounts.IDENTITIES)
    ]

    assert [line for line in page if line.startswith("| `")] == rows


def test_every_stream_that_is_compared_is_there_and_says_what_its_rows_are_told_apart_by() -> None:
    topics = load_topics()

    assert {side.topic for each in WINDOWED for side in (each.left, each.right)} == STREAMS.keys()
    assert STREAMS.keys() >= OF_MINUTES
    for stream in STREAMS.values():
        assert set(stream.fields or stream.row_key) <= set(topics[stream.topic].field_names)
