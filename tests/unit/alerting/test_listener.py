import base64
import time

import pytest
from footfall_alerting.cli import line
from footfall_alerting.cli import webhook as commands
from footfall_alerting.listener import Listener, Received
from footfall_alerting.signing import key_of
from typer.testing import CliRunner

from .examples import SECRET, headers_of, job

KEY = key_of(SECRET)
BODY = job().body.encode()


def listener(fail_rate: float = 0.0, luck: float = 0.5) -> Listener:
    return Listener(KEY, lambda _: None, fail_rate, luck=lambda: luck)


def headers(webhook_id: str = "msg_1") -> dict[str, str]:
    return headers_of(KEY, webhook_id, BODY, time.time())


def test_a_genuine_webhook_is_accepted_and_its_repetition_marked() -> None:
    receiver = listener()

    first, second, other = (receiver.judge(headers(name), BODY) for name in ("msg_1", "msg_1", "msg_2"))

    assert (first.answer, first.fault, first.repeated) == (204, None, False)
    assert (second.answer, second.repeated) == (204, True)
    assert not other.repeated


def test_a_forged_webhook_is_refused() -> None:
    received = listener().judge(headers(), BODY + b" ")

    assert (received.answer, received.fault) == (401, "no signature matches")


def test_a_failure_on_purpose_is_not_remembered() -> None:
    receiver = listener(fail_rate=0.6)

    assert receiver.judge(headers(), BODY).answer == 503
    assert not receiver.judge(headers(), BODY).repeated


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data":7}', b"\xff"])
def test_nonsense_is_shown_as_such(body: bytes) -> None:
    received = listener().judge({}, body)

    assert "INVALID" in line(received).plain
    assert "headers missing" in line(received).plain


def test_a_line_tells_what_happened() -> None:
    received = listener().judge(headers(), BODY)

    assert line(received).plain.split() == (
        ["valid", "204", "inventory.low", "p1", "'Müsli'", "at", "w1:", "None", "->", "4", "(threshold", "5)", "msg_1"]
    )
    assert "duplicate" in line(Received("msg_1", None, repeated=True, answer=204, document={})).plain


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["listen", "--secret", "whsec_hush"], "--secret"),
        (["listen", "--port", "0"], "--port"),
        (["listen", "--fail-rate", "2"], "--fail-rate"),
        (["send-test", "shop"], "URL"),
        (["send-test", "http://192.168.0.7/"], "URL"),
        (["send-test", "http://localhost:1/", "--secret", base64.b64encode(bytes(32)).decode()], "--secret"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], named: str) -> None:
    result = CliRunner().invoke(commands, arguments)

    assert result.exit_code == 2
    assert named in result.output
    assert "hush" not in result.output


def test_sending_to_nobody_tells_so() -> None:
    result = CliRunner().invoke(commands, ["send-test", "http://localhost:1/"])

    assert result.exit_code == 1
    assert result.output.startswith("failed: cannot connect")
