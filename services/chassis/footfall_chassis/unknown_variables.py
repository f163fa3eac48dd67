"""Variables that look like a part's own and that the part does not know: a misspelt setting would be a default unnoticed."""

from collections.abc import Iterable
from difflib import get_close_matches


def refused(prefix: str, known: Iterable[str], given: Iterable[str]) -> list[str]:
    """Return one line for each given variable with the prefix that is not known, with the one that may be meant."""
    names = set(known)
    strangers = sorted(name for name in given if name.upper().startswith(prefix) and name.upper() not in names)
    return [f"{name}: there is no such setting{_meant(name, names)}" for name in strangers]


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
    return f"; did you mean {near[0]}?" if near else "; unset it"
