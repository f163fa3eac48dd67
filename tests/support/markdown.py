"""Blocks and tables of a page. Pure."""

import re

_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """Return the page's code blocks in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def without_code(page: str) -> str:
    """Return the page without its code blocks."""
    return _CODE.sub("", page)


def headings(page: str) -> set[str]:
    """Return the page's anchors as browsers of repositories make them."""
    titles = re.findall(r"^#+ (.+)$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", title.lower())).replace(" ", "-") for title in titles}


def tables(page: str) -> dict[str, list[dict[str, str]]]:
    """Return the page's tables by the heading of their first column, each row by the headings."""
    found = {}
    for block in re.findall(r"(?:^\|.*\|\n)+", page, re.MULTILINE):
        head, _, *rows = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in block.splitlines()]
        found[head[0].strip()] = [dict(zip(head, row, strict=True)) for row in rows]
    return found
