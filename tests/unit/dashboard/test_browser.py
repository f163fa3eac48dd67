"""What a developer without a browser is told."""

import pytest

from support.browser import chromium


def test_a_missing_browser_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("FOOTFALL_CHROMIUM", raising=False)

    with pytest.raises(
        LookupError,
        match=r"^there is no Chromium: install one with `sudo apt install chromium`, or name yours in FOOTFALL_CHROMIUM$",
    ):
        chromium()


def test_a_browser_that_is_named_wrongly_is_not_replaced_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_CHROMIUM", "/nowhere/chromium")

    with pytest.raises(LookupError, match=r"^there is no /nowhere/chromium \(FOOTFALL_CHROMIUM\): install"):
        chromium()
