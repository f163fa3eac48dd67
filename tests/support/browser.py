"""A real browser for tests of the live page: Debian's Chromium, without a window, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DESKTOP, PHONE, WALL = (1440, 900), (360, 740), (1920, 1080)
"""Widths and heights in pixels."""


def chromium() -> str:
    """Return the path of a Chromium: the one of FOOTFALL_CHROMIUM, or the first in PATH.

    Raises:
        LookupError: There is none; the message says what to install.
    """
    named = os.environ.get("FOOTFALL_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        missing = f"there is no {named} (FOOTFALL_CHROMIUM)" if named else "there is no Chromium"
        raise LookupError(
            f"{missing}: install one with `sudo apt install chromium`, or name yours in FOOTFALL_CHROMIUM"
        )
    return found


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run a browser within the block."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*as_root, "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, and what went wrong on it.

    Attributes:
        page: Playwright's page.
        errors: What it wrote to the console as an error, and exceptions that nobody caught.
        requests: Addresses that it asked for.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def elsewhere(self, url: str) -> list[str]:
        """Return the addresses that are not below this one; data: leaves no machine."""
        return [asked for asked in self.requests if not asked.startswith((url, "data:", "blob:"))]


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int] = DESKTOP, **context: Any) -> Iterator[Watched]:
    """Open a page within the block.

    Args:
        browser: Which.
        url: What to open.
        size: Of the window: width and height in pixels.
        context: Playwright's options of a context, such as `color_scheme`.
    """
    width, height = size
    with browser.new_context(viewport={"width": width, "height": height}, **context) as made:
        watched = Watched(made.new_page())

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                watched.errors.append(f"{message.text} ({message.location.get('url', '')})")

        def note(request: Request) -> None:
            watched.requests.append(request.url)

        watched.page.on("console", hear)
        watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
        watched.page.on("request", note)
        watched.page.goto(url)
        yield watched


def rows_of(page: Page, panel_id: str) -> list[list[str]]:
    """Return a panel's rows as they stand in its table, each cell as the server sent it ('' for null)."""
    panel = page.locator(f"#panel-{panel_id}")
    about = panel.locator("details.about")
    if about.get_attribute("open") is None:
        about.locator("summary").click()
    about.locator("caption:not(:empty)").wait_for()
    read = "rows => rows.map(row => [...row.cells].map(cell => cell.dataset.value))"
    return list(panel.locator("table.data tbody tr").evaluate_all(read))


def state_of(page: Page, panel_id: str) -> str | None:
    """Return a panel's state: live, stale, empty, loading."""
    return page.locator(f"#panel-{panel_id}").get_attribute("data-state")


def first_paint(page: Page) -> float:
    """Return the milliseconds from the start of loading to the first text or picture."""
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    return float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def wait_for_panels(page: Page) -> None:
    """Wait until the page is connected and has drawn what it got."""
    page.wait_for_selector(".connection[data-state=live]")
    page.wait_for_selector("#panel-now .figure")
