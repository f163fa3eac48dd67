"""Links of every page, and pages that the code names, lead to files and headings that are there."""

import re
from pathlib import Path

import pytest

from support.markdown import headings, tables, without_code
from support.repository import ROOT, tracked

PAGES = tracked("*.md")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAMED = re.compile(r"\bdocs/(decisions/\d{4}|[a-z-]+\.md)(?:#([\w-]+))?")
"""A page, or a decision by its number, as code and messages name it."""
_FILE = re.compile(r"`([\w./-]+\.(?:py|sql|java|avsc|yaml))`")
OF_OTHER_FILES = {"CHANGELOG.md", "CONTRIBUTING.md"}
"""Pages of files that are gone, or that the reader is to make."""
_STATUS = re.compile(r"\*\*Status\.\*\* (Accepted|Superseded by \[\d+\]\(\d{4}-[\w-]+\.md\)), \d{4}-\d\d-\d\d[.;]")
CODE = tracked("*.py", "*.sql", "*.java", "*.yaml", "*.sh", "Makefile")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for link in _LINK.findall(without_code(page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target.read_text()), link


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [Path(name).name for name in PAGES if re.fullmatch(r"docs/[^/]+\.md", name)]

    assert [name for name in pages if name != "README.md" and f"]({name})" not in index] == []


def test_the_index_answers_in_one_line_each_with_a_link() -> None:
    answers = tables((ROOT / "docs" / "README.md").read_text())["question"]

    assert len(answers) >= 8
    assert [row["question"] for row in answers if not _LINK.search(row["answer"])] == []


def test_code_names_pages_and_headings_that_are_there() -> None:
    named = {found for name in CODE for found in _NAMED.findall((ROOT / name).read_text())}

    assert named
    for path, anchor in sorted(named):
        pages = list((ROOT / "docs").glob(path if path.endswith(".md") else f"{path}-*.md"))
        assert len(pages) == 1, path
        assert not anchor or anchor in headings(pages[0].read_text()), f"{path}#{anchor}"


@pytest.mark.parametrize("name", [name for name in PAGES if name not in OF_OTHER_FILES])
def test_files_that_a_page_names_are_there(name: str) -> None:
    """By their last parts, so that a file may move; a link says where it is."""
    files = [f"/{path}" for path in tracked()]
    named = _FILE.findall(without_code((ROOT / name).read_text()))

    assert [file for file in named if not any(path.endswith(f"/{file}") for path in files)] == []


@pytest.mark.parametrize("name", tracked("docs/decisions/*.md"))
def test_a_decision_says_whether_it_holds_and_since_when(name: str) -> None:
    title, _, status = (ROOT / name).read_text().splitlines()[:3]

    assert title.startswith(f"# {int(Path(name).name[:4])}. ")
    assert _STATUS.match(status), status
