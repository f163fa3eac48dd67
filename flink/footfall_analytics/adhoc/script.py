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
    """Return the statements of a script without comments; those between BEGIN and END of a statement set stay together.

    Each keeps its place: empty lines come before it, so that an error's line is the script's.
    """
    found: list[str] = []
    pending: list[str] = []
    words: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["comment"]:
            pending.append(" " + "\n" * token[0].count("\n"))
        elif token["end"] and not _in_statement_set(words):
            found.append("".join(pending))
            pending, words = ["\n" * found[-1].count("\n")], []
        else:
            if token["word"]:
                words.append(token["word"].upper())
            pending.append(token[0])
    found.append("".join(pending))
    return [_in_place(statement) for statement in found if statement.strip()]


def words(statements: Iterable[str]) -> set[str]:
    """Return every bare or quoted name in the statements, whatever it stands for."""
    return {
        token["word"] or token["quoted"].strip('`"')
        for statement in statements
        for token in _TOKEN.finditer(statement)
        if token["word"] or (token["quoted"] and not token["quoted"].startswith("'"))
    }


def _in_place(statement: str) -> str:
    begin = len(statement) - len(statement.lstrip())
    return "\n" * statement[:begin].count("\n") + statement.strip()


def _in_statement_set(words: list[str]) -> bool:
    return "BEGIN" in words[:4] and words[-1:] != ["END"]
