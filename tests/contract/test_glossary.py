"""The glossary's words are the only ones: what it calls gone is nowhere, and where it points something is."""

import re

import pytest

from support.markdown import tables
from support.repository import ROOT, tracked

GLOSSARY = ROOT / "docs" / "glossary.md"
TABLES = tables(GLOSSARY.read_text())
TERMS = TABLES["term"]
GONE = [name for row in TABLES["gone"] for name in re.findall(r"`([^`]+)`", row["gone"])]
EXEMPT = {GLOSSARY, ROOT / "CHANGELOG.md"}
LISTED = tracked()


def test_what_is_gone_stays_away() -> None:
    gone = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, GONE))})(?![A-Za-z0-9])")
    paths = [ROOT / name for name in LISTED if (ROOT / name).is_file()]
    found = {
        str(path): sorted(set(gone.findall(f"{path}\n{path.read_text(errors='replace')}")))
        for path in paths
        if path not in EXEMPT
    }

    assert {path: words for path, words in found.items() if words} == {}


def test_terms_are_in_order_and_there_once() -> None:
    terms = [row["term"] for row in TERMS]

    assert terms == sorted(set(terms), key=str.lower)


@pytest.mark.parametrize("place", [pytest.param(row["where"], id=row["term"]) for row in TERMS])
def test_a_term_says_where_it_is(place: str) -> None:
    for name in re.findall(r"`([^`]*[./][^`]*)`", place):
        ends = re.compile(rf"(^|/){re.escape(name).replace(re.escape('*'), '[^/]*')}($|/)")
        assert any(ends.search(each) for each in LISTED), name
