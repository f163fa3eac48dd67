"""Split SQL text into statements. Pure."""

import re
from collections.abc import Iterable

_TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*(?!\+).*?\*/ )
  | (?P<quoted> '(?:[^']|'')*' | `[^`]*` | "[^"]*" )
  | (?P<word> \w+ )
  | (?P<end> ; )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


def statements(text: str) -> list[str]:
    """Return the statements of a script without comments; those between BEGIN and END of a statement set stay together."""
    found: list[str] = []
    pending: list[str] = []
    words: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["comment"]:
            pending.append(" ")
            continue
        if token["end"] and not _in_statement_set(words):
            found.append("".join(pending).strip())
            pending, words = [], []
            continue
        if token["word"]:
            words.append(token["word"].upper())
        pending.append(token[0])
    found.append("".join(pending).strip())
    return [statement for statement in found if statement]


def words(statements: Iterable[str]) -> set[str]:
    """Return every bare or quoted name in the statements, whatever it stands for."""
    return {
        token["word"] or token["quoted"].strip('`"')
        for statement in statements
        for token in _TOKEN.finditer(statement)
        if token["word"] or (token["quoted"] and not token["quoted"].startswith("'"))
    }


def _in_statement_set(words: list[str]) -> bool:
    return "BEGIN" in words[:4] and words[-1:] != ["END"]
