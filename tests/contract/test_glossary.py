"""The glossary's words are the only ones: what it calls gone is nowhere, and where it points something is."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
TABLE, GONE = GLOSSARY.read_text().split("## Gone")
EXEMPT = {GLOSSARY, ROOT / "CHANGELOG.md"}


def _rows(section: str) -> list[list[str]]:
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def _identifiers(section: str) -> list[str]:
    return [name for row in _rows(section) for name in re.findall(r"`([^`]+)`", row[0])]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_what_is_gone_stays_away() -> None:
    gone = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, _identifiers(GONE)))})(?![A-Za-z0-9])")
    found = {}
    for path in _tracked():
        if path in EXEMPT or not path.is_file():
            continue
        words = gone.findall(f"{path.relative_to(ROOT)}\n{path.read_text(errors='replace')}")
        if words:
            found[str(path.relative_to(ROOT))] = sorted(set(words))

    assert _identifiers(GONE)
    assert found == {}


def test_terms_are_in_order_and_there_once() -> None:
    terms = [row[0] for row in _rows(TABLE)]

    assert terms == sorted(set(terms), key=str.lower)


@pytest.mark.parametrize("place", [pytest.param(row[2], id=row[0]) for row in _rows(TABLE)])
def test_a_term_says_where_it_is(place: str) -> None:
    tracked = [str(path.relative_to(ROOT)) for path in _tracked()]
    files = [name for name in re.findall(r"`([^`]+)`", place) if re.search(r"[./]", name) and "…" not in name]

    for name in files:
        pattern = re.compile(rf"(^|/){re.escape(name.rstrip('/')).replace(re.escape('*'), '.*')}($|/)")
        assert "codec." in name or any(pattern.search(each) for each in tracked), name
    for link in re.findall(r"\]\(([^)#]+)", place):
        assert (GLOSSARY.parent / link).exists(), link
