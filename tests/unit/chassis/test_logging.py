import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from footfall_chassis.logging import HIDDEN, configure_logging

from support.logged import lines, logged


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


def test_our_lines_and_third_parties_lines_have_one_shape(out: io.StringIO) -> None:
    structlog.get_logger("ours").info("hello", size=3)
    logging.getLogger("theirs").warning("bye %s", "now", extra={"size": 4})

    ours, theirs = lines(out)

    assert (ours["event"], ours["level"], ours["service"], ours["size"]) == ("hello", "info", "example", 3)
    assert (theirs["event"], theirs["level"], theirs["service"], theirs["size"]) == ("bye now", "warning", "example", 4)
    assert ours.keys() == theirs.keys()


def test_secrets_are_hidden_wherever_they_stand(out: io.StringIO) -> None:
    log = structlog.get_logger()
    log.info("a", password="hush-1", nested={"api_key": "hush-2", "list": ["whsec_aHVzaC0z"]})
    log.info("using whsec_aHVzaC00 at https://ada:hush-5@shop.example/")
    logging.getLogger("theirs").error("token was %s", "whsec_aHVzaC02")
    try:
        raise ValueError("whsec_aHVzaC03")  # noqa: TRY301
    except ValueError:
        log.exception("b")

    text = out.getvalue()

    assert "hush" not in text
    assert "aHVza" not in text
    assert text.count(json.dumps(HIDDEN)[1:-1]) == 8  # the last one twice: in its source line and in its message


def test_an_exception_is_one_line_without_local_variables(out: io.StringIO) -> None:
    precious = "local-value"
    try:
        raise ValueError("boom")  # noqa: TRY301
    except ValueError:
        structlog.get_logger().exception("failed")

    (line,) = lines(out)

    assert "ValueError: boom" in line["exception"]
    assert precious not in line["exception"].replace('precious = "local-value"', "")


def test_chatty_libraries_are_heard_from_warnings_on(out: io.StringIO) -> None:
    logging.getLogger("faust.app").info("table of partitions")
    logging.getLogger("httpx").info("POST https://shop.example/token")
    logging.getLogger("aiokafka.consumer").warning("lost")

    assert [line["event"] for line in lines(out)] == ["lost"]


def test_a_terminal_gets_lines_for_people(monkeypatch: pytest.MonkeyPatch, out: io.StringIO) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    configure_logging("INFO", "example", terminal)

    structlog.get_logger().info("hello", secret="hush")

    assert "hello" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert "hush" not in terminal.getvalue()
    assert out.getvalue() == ""
