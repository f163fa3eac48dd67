"""The page's files: from memory, compressed once, unless the browser has them."""

import gzip
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response
from starlette.exceptions import HTTPException

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
"""Files that a browser may have; nothing else of the folder is handed out."""
PACKED = {".png", ".woff2", ".ico"}
"""Files that are compressed already."""
INDEX = "index.html"

Tag = Annotated[str | None, Header()]


@dataclass(frozen=True)
class Asset:
    """One file."""

    content: bytes
    packed: bytes | None
    """The same, compressed; None where that gains nothing."""
    media_type: str
    tag: str


class Assets:
    """The files of a folder and what lies below it, read again when they change.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._known: dict[Path, tuple[float, Asset]] = {}

    def find(self, name: str) -> Asset | None:
        """Return a file by its path in the folder, None when there is none that a browser may have."""
        if "\0" in name:
            return None
        path = (self._folder / name).resolve()
        if path.suffix not in TYPES or not path.is_relative_to(self._folder) or not path.is_file():
            return None
        changed = path.stat().st_mtime
        known = self._known.get(path)
        if known is None or known[0] != changed:
            known = self._known[path] = changed, _read(path)
        return known[1]


def asset_router(assets: Assets) -> APIRouter:
    """Return the routes of the page itself."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def index(if_none_match: Tag = None, accept_encoding: Tag = None) -> Response:
        """Return the page."""
        return _answer(assets.find(INDEX), if_none_match, accept_encoding)

    @router.get("/assets/{name:path}")
    async def part(name: str, if_none_match: Tag = None, accept_encoding: Tag = None) -> Response:
        """Return one of its files."""
        return _answer(assets.find(name), if_none_match, accept_encoding)

    return router


def _answer(asset: Asset | None, if_none_match: str | None, accept_encoding: str | None) -> Response:
    if asset is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    headers = {"etag": asset.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if asset.tag in {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if asset.packed and "gzip" in (accept_encoding or ""):
        return Response(asset.packed, media_type=asset.media_type, headers=headers | {"content-encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    packed = None if path.suffix in PACKED else gzip.compress(content, mtime=0)
    return Asset(content, packed, TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"')
