"""Puts the page's parts and a report's content into one HTML file. Pure but for reading the page's parts."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from footfall_schemas.errors import PermanentError

INDEX = "index.html"
MAIN = "main.js"
_STYLE = re.compile(r'[ \t]*<link rel="stylesheet" href="assets/([^"]+)"[^>]*>\n?')
_PRELOAD = re.compile(r'[ \t]*<link rel="modulepreload" href="[^"]+"[^>]*>\n?')
"""Only fetches ahead what the main script imports."""
_SCRIPT = re.compile(r'[ \t]*<script src="assets/([^"]+)"([^>]*)></script>\n?')
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w/.-]+)";?[ \t]*$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function\*? (\w+)|(?:const|let|class) (\w+))", re.MULTILINE)
_LEFT = re.compile(r"^\s*(?:import|export)\b.*$", re.MULTILINE)
_AS = re.compile(r"(\w+) as (\w+)")


class PageError(PermanentError, ValueError):
    """The page is written in a way that cannot be put into one file."""


def render(page: Path, content: Mapping[str, Any]) -> str:
    """Return the file.

    Args:
        page: Folder of the page.
        content: What it is to draw.

    Raises:
        PageError: A part of the page cannot be taken in.
    """
    index = (page / INDEX).read_text()
    styles = [_closed(_text(page, name), "style") for name in _STYLE.findall(index)]
    scripts = [
        _closed(bundle(page, name) if "module" in options else _text(page, name), "script")
        for name, options in _SCRIPT.findall(index)
    ]
    bare = _PRELOAD.sub("", _SCRIPT.sub("", _STYLE.sub("", index)))
    if "assets/" in bare:
        raise PageError(f"{INDEX} refers to assets in a way that is not known here")
    head = [
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(styles, scripts)}" />',
        *(f"<style>{style}</style>" for style in styles),
    ]
    # Nothing within may end the element: JSON has another way to write the character.
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    body = [
        f'<script type="application/json" id="report">{data}</script>',
        *(f"<script>{script}</script>" for script in scripts),
    ]
    titled = re.sub(r"<title>[^<]*</title>", lambda _: f"<title>{html.escape(str(content['title']))}</title>", bare)
    return _before(_after(titled, '<meta charset="utf-8" />', head), "</body>", body)


def bundle(page: Path, main: str) -> str:
    """Return a module and all that it imports as one script: each in a function of its own, after those that it needs.

    Raises:
        PageError: One is written in a way that is not known here, or needs itself.
    """
    order: dict[str, str] = {}
    _collect(page, main, order, ())
    return '"use strict";\n' + "\n".join(order.values())


def _collect(page: Path, name: str, order: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise PageError(f"{name} imports itself by way of {above[-1]}")
    if name in order:
        return
    code = _text(page, name)
    for _, needed in _IMPORT.findall(code):
        _collect(page, needed, order, (*above, name))
    exported = [function or constant for function, constant in _EXPORT.findall(code)]
    code = _IMPORT.sub(_taken, code)
    code = _EXPORT.sub("", code)
    if left := _LEFT.search(code):
        raise PageError(f"{name}: {left[0].strip()!r} is an import or export that is not known here")
    order[name] = f"const {_variable(name)} = (() => {{\n{code}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _taken(found: re.Match[str]) -> str:
    """Return what takes the place of an import: what was exported has other names here, perhaps."""
    names = _AS.sub(r"\1: \2", found[1])
    return f"const {{{names}}} = {_variable(found[2])};"


def _variable(name: str) -> str:
    return "module_" + re.sub(r"\W", "_", name)


def _text(page: Path, name: str) -> str:
    return (page / name).read_text()


def _closed(text: str, element: str) -> str:
    if f"</{element}" in text.lower() or "<!--" in text:
        raise PageError(f"a part of the page has </{element} or <!-- in it, which would end the element")
    return text


def _policy(styles: list[str], scripts: list[str]) -> str:
    def hashes(texts: list[str]) -> str:
        digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
        return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _after(text: str, mark: str, lines: list[str]) -> str:
    begin, found, end = text.partition(mark)
    if not found:
        raise PageError(f"{INDEX} has no {mark}")
    return begin + found + "\n" + "\n".join(lines) + end


def _before(text: str, mark: str, lines: list[str]) -> str:
    begin, found, end = text.rpartition(mark)
    if not found:
        raise PageError(f"{INDEX} has no {mark}")
    return begin + "\n".join(lines) + "\n" + found + end
