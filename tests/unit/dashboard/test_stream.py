"""The stream of changes, over a real connection."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from footfall_chassis.http import serving
from footfall_dashboard.live.board import Board
from footfall_stack import ports

from .test_api import Site


class Page:
    """One open page."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def event(self) -> dict[str, Any]:
        """Return the next event's fields."""
        fields: dict[str, Any] = {}
        async with asyncio.timeout(5):
            async for line in self._lines:
                if not line and fields:
                    break
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
        return fields | {"data": json.loads(fields["data"])}


class Door:
    """The way to the running application."""

    def __init__(self, site: Site, url: str, client: httpx.AsyncClient) -> None:
        self.site, self.url, self.client = site, url, client

    @contextlib.asynccontextmanager
    async def page(self, seen: str | None = None) -> AsyncIterator[Page]:
        headers = {"last-event-id": seen} if seen is not None else {}
        async with self.client.stream("GET", f"{self.url}/v1/stream", headers=headers) as answer:
            yield Page(answer)

    async def closed(self) -> None:
        """Wait until no page is open."""
        for _ in range(100):
            if not await self.metric("footfall_dashboard_pages"):
                return
            await asyncio.sleep(0.05)
        raise TimeoutError("pages are still open")

    async def metric(self, name: str) -> float:
        text = (await self.client.get(f"{self.url}/metrics")).text
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    site = Site(tmp_path)
    (port,) = ports.choose(1)
    async with serving(site.application(), "127.0.0.1", port), httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield Door(site, f"http://127.0.0.1:{port}", client)


def put(board: Board, name: str, *rows: Any) -> None:
    board.put(name, "panel", lambda number: {"id": name, "version": number, "rows": rows})


async def test_a_page_is_greeted_and_then_told_everything(door: Door) -> None:
    put(door.site.board, "a", 1)
    async with door.page() as page:
        assert page.answer.headers["content-type"].startswith("text/event-stream")
        assert page.answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.answer.headers["content-security-policy"]
        hello, first = await page.event(), await page.event()
        put(door.site.board, "b", "é")
        second = await page.event()

    assert (hello["event"], hello["data"]) == ("server", {"version": "1", "started_at": "2026-03-02T00:00:00.000Z"})
    assert (first["event"], first["data"]["rows"]) == ("panel", [1])
    assert (second["id"], second["data"]["rows"]) == (str(door.site.board.last), ["é"])


async def test_whoever_comes_back_gets_only_what_is_newer(door: Door) -> None:
    put(door.site.board, "a", 1)
    seen = str(door.site.board.last)
    put(door.site.board, "b", 2)

    async with door.page(seen) as page:
        await page.event()
        assert (await page.event())["data"]["id"] == "b"


@pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999", "9" * 1000])
async def test_a_number_that_is_none_gets_everything(door: Door, seen: str) -> None:
    put(door.site.board, "a", 1)

    async with door.page(seen) as page:
        await page.event()
        assert (await page.event())["data"]["id"] == "a"


async def test_too_many_pages_are_refused_until_one_is_closed(door: Door) -> None:
    async with contextlib.AsyncExitStack() as pages:
        # An iterator that nobody holds any more closes its connection.
        held = [await pages.enter_async_context(door.page()) for _ in range(2)]
        assert [(await page.event())["event"] for page in held] == ["server", "server"]
        async with door.page() as refused:
            body = json.loads(await refused.answer.aread())
        assert await door.metric("footfall_dashboard_pages") == 2

    assert (refused.answer.status_code, refused.answer.headers["retry-after"]) == (503, "10")
    assert body["detail"] == "2 pages are open, as many as DASHBOARD_MAX_PAGES allows: close one, or raise it"
    await door.closed()
    async with door.page() as page:
        assert (await page.event())["event"] == "server"


async def test_a_page_that_takes_nothing_holds_nobody_up_and_gets_the_newest(door: Door) -> None:
    async with door.page() as slow, door.page() as quick:
        await slow.event()
        await quick.event()
        for number in range(60):
            put(door.site.board, "a", number, "x" * 500_000)
            assert (await quick.event())["data"]["rows"][0] == number
        numbers: list[int] = []
        while not numbers or numbers[-1] != 59:
            numbers.append((await slow.event())["data"]["rows"][0])

    assert len(numbers) < 60
    assert numbers == sorted(numbers)
