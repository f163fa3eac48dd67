"""What open pages cost: so many of them on a running live page, which is watched meanwhile.

Prints the share of a core and the memory that the live page took, without pages and with them, and writes that to
bench/results/. Needs a stack that runs (`make run`).

    .venv/bin/python bench/pages.py --pages 100 --seconds 60
"""

import argparse
import asyncio
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

HERE = Path(__file__).resolve().parent
LONGEST_LINE = 2**24


class Page:
    """One open page."""

    def __init__(self) -> None:
        self.events = 0
        self.bytes = 0
        self.last = ""

    async def read(self, host: str, port: int, token: str) -> None:
        """Read what the page is sent until cancelled.

        Raises:
            RuntimeError: The page was refused.
        """
        reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_LINE)
        login = f"Authorization: Bearer {token}\r\n" if token else ""
        writer.write(f"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n{login}\r\n".encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"a page was refused: {status.decode().strip()}")
        while line := await reader.readline():
            self.bytes += len(line)
            self.events += line.startswith(b"event: panel")
            if line.startswith(b"id: "):
                self.last = line[4:].decode().strip()
        raise RuntimeError("the live page ended a page")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8090", help="address of the live page, on this machine")
    parser.add_argument("--token", default="", help="its token, if it wants one")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is measured, with pages and without")
    asked = parser.parse_args()
    result = asyncio.run(run(asked))
    print(json.dumps(result, indent=2))
    path = HERE / "results" / f"pages-{asked.pages}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written to {path.relative_to(HERE.parent)}")


async def run(asked: argparse.Namespace) -> dict[str, Any]:
    """Measure and return the figures."""
    address = urlsplit(asked.url)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    process = listener(port)
    without = await watched(process, asked.seconds)
    pages = [Page() for _ in range(asked.pages)]
    reading = [asyncio.create_task(page.read(host, port, asked.token)) for page in pages]
    try:
        # What each page is sent first is not what it costs while it is open.
        await asyncio.sleep(5)
        begun, read = [(page.events, page.bytes) for page in pages], messages(asked.url)
        within = await watched(process, asked.seconds)
        read = messages(asked.url) - read
        if ended := [task for task in reading if task.done()]:
            await ended[0]
    finally:
        for task in reading:
            task.cancel()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": psutil.cpu_count(), "system": platform.platform()},
        "pages": asked.pages,
        "seconds": asked.seconds,
        "messages_per_second": round(read / asked.seconds, 1),
        "without_pages": without,
        "with_pages": within,
        "first_kilobytes_per_page": round(sum(size for _, size in begun) / len(pages) / 1000, 1),
        "events_per_page_and_minute": round(
            sum(page.events - events for page, (events, _) in zip(pages, begun, strict=True))
            / len(pages)
            / asked.seconds
            * 60,
            1,
        ),
        "kilobytes_per_page_and_minute": round(
            sum(page.bytes - size for page, (_, size) in zip(pages, begun, strict=True))
            / len(pages)
            / asked.seconds
            * 60
            / 1000,
            1,
        ),
        "pages_with_the_same_newest_event": max([page.last for page in pages].count(page.last) for page in pages),
    }


async def watched(process: psutil.Process, seconds: float) -> dict[str, float]:
    """Return what a process takes: its share of a core, and the most memory it had."""
    before, most = sum(process.cpu_times()[:2]), 0
    for _ in range(max(1, round(seconds))):
        await asyncio.sleep(1)
        most = max(most, process.memory_info().rss)
    used = sum(process.cpu_times()[:2]) - before
    return {"core_share": round(used / max(1, round(seconds)), 4), "memory_mib": round(most / 2**20, 1)}


def messages(url: str) -> float:
    """Return how many messages of output topics the live page has read since its start."""
    lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("footfall_dashboard_messages_total ")))


def listener(port: int) -> psutil.Process:
    """Return the process that listens on a port.

    Raises:
        SystemExit: None does.
    """
    for connection in psutil.net_connections(kind="tcp"):
        if (
            connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid
        ):
            return psutil.Process(connection.pid)
    raise SystemExit(f"nothing listens on port {port}: start `make run`, or give --url")


if __name__ == "__main__":
    main()
