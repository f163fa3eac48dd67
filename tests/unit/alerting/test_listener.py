import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from footfall_alerting.cli import webhook as commands
from footfall_alerting.cli.listener import Listener, Received, forward_to
from footfall_alerting.cli.receive_cli import line
from footfall_alerting.signing import key_of, verify
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
        ["valid", "204", "inventory.low", "p1", "Müsli", "w1", "None", "->", "4", "(threshold", "5)", "msg_1"]
    )
    assert "duplicate" in line(Received("msg_1", None, repeated=True, answer=204, document={})).plain


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["listen", "--secret", "whsec_hush"], "--secret"),
        (["listen", "--port", "0"], "--port"),
        (["listen", "--fail-rate", "2"], "--fail-rate"),
        (["listen", "--forward-to", "localhost:3000"], "--forward-to"),
        (["verify", "--id", "m", "--timestamp", "1", "--signature", "v1,x", "no-such-file"], "no-such-file"),
        (["attempts", "--since", "yesterday"], "--since"),
        (["recover", "--since", "2h", "--until", "soon", "--url", "http://127.0.0.1:1"], "--until"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], named: str) -> None:
    result = CliRunner().invoke(commands, arguments)

    assert result.exit_code == 2
    assert named in result.output
    assert "hush" not in result.output


def written(tmp_path: Path, body: bytes = BODY) -> list[str]:
    """Return the arguments of `verify` for a genuine webhook, and the file of a body."""
    file, known = tmp_path / "body.json", headers()
    file.write_bytes(body)
    names = ("id", "timestamp", "signature")
    options = [word for name in names for word in (f"--{name}", known[f"webhook-{name}"])]
    return ["verify", *options, "--secret", SECRET, str(file)]


def test_a_kept_webhook_is_verified(tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, written(tmp_path))

    assert (result.exit_code, result.output) == (0, "genuine\n")


@pytest.mark.parametrize(
    ("change", "why", "cure"),
    [
        (lambda arguments: [*arguments[:2], "msg_2", *arguments[3:]], "no signature matches", "byte by byte"),
        (lambda arguments: [*arguments[:4], "1700000000", *arguments[5:]], "too far from now", "--any-time"),
        (lambda arguments: [*arguments[:4], "1700000000", *arguments[5:], "--any-time"], "no signature", "secret"),
    ],
)
def test_what_is_not_genuine_is_told_with_the_cure(
    tmp_path: Path, change: Callable[[list[str]], list[str]], why: str, cure: str
) -> None:
    result = CliRunner().invoke(commands, change(written(tmp_path)))

    assert result.exit_code == 1
    assert why in result.output
    assert cure in result.output


async def receive(receiver: Listener, with_headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(receiver.app()), base_url="http://here") as http:
        return await http.post("/", content=BODY, headers=with_headers)


async def test_a_genuine_webhook_is_handed_on_as_it_came_and_answered_alike() -> None:
    got: list[httpx.Request] = []
    answers = iter([500, 200, 200])

    def hear(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(next(answers))

    told: list[Received] = []
    forward = forward_to("http://app/hook", httpx.MockTransport(hear))
    receiver = Listener(KEY, told.append, forward=forward)

    statuses = [(await receive(receiver, headers())).status_code for _ in range(3)]

    assert statuses == [500, 200, 200]
    assert [each.repeated for each in told] == [False, False, True]
    assert got[0].content == BODY
    assert verify(KEY, dict(got[0].headers), got[0].content, time.time()) is None


async def test_what_is_forged_is_not_handed_on_and_a_silent_app_is_named() -> None:
    told: list[Received] = []

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    receiver = Listener(KEY, told.append, forward=forward_to("http://app/hook", httpx.MockTransport(away)))

    assert (await receive(receiver, {})).status_code == 401
    assert (await receive(receiver, headers())).status_code == 502
    assert [each.note for each in told] == ["", "no answer from http://app/hook: ConnectError: refused"]
