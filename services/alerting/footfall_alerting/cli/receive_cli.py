"""Commands of a receiver: listen on this machine, and verify a webhook that was kept."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.text import Text

from footfall_alerting.cli.listener import Listener, Received, forward_to
from footfall_alerting.errors import SecretError
from footfall_alerting.signing import DEVELOPMENT_SECRET, TOLERANCE, key_of
from footfall_alerting.signing import verify as fault_of

Secret = Annotated[str, typer.Option(help="Signing secret: whsec_ and base64.", envvar="ALERTING_WEBHOOK_SECRET")]

_SUBJECTS = (
    "product_id",
    "product_name",
    "warehouse_id",
    "endpoint",
    "percent",
    "reason",
    "name",
    "user_id",
    "message",
)
"""What a line tells of the data of a webhook, as far as it has it."""


def listen(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8201,
    secret: Secret = DEVELOPMENT_SECRET,
    fail_rate: Annotated[
        float, typer.Option(min=0, max=1, help="Share of webhooks to answer with 503, to test retries.")
    ] = 0.0,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    forward: Annotated[
        str, typer.Option("--forward-to", metavar="URL", help="Hand genuine webhooks on, and answer as that does.")
    ] = "",
) -> None:
    """Print and verify the webhooks that arrive, one line each."""
    # Imported here: the command line should not wait for a web server to print its help.
    from footfall_chassis.logging import configure_logging  # noqa: PLC0415
    from footfall_chassis.worker import run  # noqa: PLC0415

    configure_logging("WARNING", "webhook")
    console = Console()
    listener = Listener(
        _key(secret),
        lambda received: console.print(line(received), soft_wrap=True),
        fail_rate,
        forward=forward_to(_url(forward)) if forward else None,
    )
    console.print(f"listening on http://{host}:{port}/  (Ctrl-C to stop)", highlight=False)
    if forward:
        console.print(f"handing on to {forward}", markup=False, highlight=False)
    whose = f"the development secret, {secret}" if secret == DEVELOPMENT_SECRET else "the secret that was given"
    console.print(f"verifying with {whose}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(run(_for_ever, listener.app(), host, port))


def verify(
    webhook_id: Annotated[str, typer.Option("--id", help="Header webhook-id.")],
    timestamp: Annotated[str, typer.Option(help="Header webhook-timestamp.")],
    signature: Annotated[str, typer.Option(help="Header webhook-signature.")],
    body: Annotated[Path, typer.Argument(help="File with the exact bytes of the body; - reads standard input.")] = Path(
        "-"
    ),
    secret: Secret = DEVELOPMENT_SECRET,
    any_time: Annotated[
        bool, typer.Option("--any-time", help=f"Take a timestamp that is more than {TOLERANCE} s from now.")
    ] = False,
) -> None:
    """Tell whether a webhook that was received is genuine, and if not, why: exit status 1."""
    key = _key(secret)
    try:
        raw = sys.stdin.buffer.read() if str(body) == "-" else body.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{body}: {error.strerror}", param_hint="BODY") from None
    headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    now = float(timestamp) if any_time and timestamp.isdecimal() else time.time()
    fault = fault_of(key, headers, raw, now)
    if fault is None:
        print("genuine")
        return
    print(f"not genuine: {fault}{_cure(fault)}", file=sys.stderr)
    raise typer.Exit(1)


def line(received: Received) -> Text:
    """Return the line that tells of one webhook."""
    data = received.document.get("data")
    data = data if isinstance(data, dict) else {}
    signature = ("valid   ", "green") if received.fault is None else ("INVALID ", "bold red")
    note = received.fault or received.note or ("duplicate" if received.repeated else "")
    return Text.assemble(
        signature,
        (f"{received.answer} ", "green" if received.answer < 300 else "yellow"),  # noqa: PLR2004
        (f"{received.document.get('type', '?'):<23} ", "bold"),
        f"{_told(data)} ",
        (f"{received.webhook_id} ", "dim"),
        (note, "yellow"),
    )


def _told(data: dict[str, Any]) -> str:
    words = [str(data[name]) for name in _SUBJECTS if data.get(name) is not None]
    if "quantity" in data:
        words.append(f"{data.get('previous_quantity')} -> {data['quantity']} (threshold {data.get('threshold')})")
    return " ".join(words)


def _cure(fault: str) -> str:
    match fault:
        case "no signature matches":
            return "; compare the secret with the endpoint's, and give the body byte by byte as it came"
        case "timestamp too far from now":
            return f"; receivers refuse what is older than {TOLERANCE} s: --any-time looks at the signature alone"
        case _:
            return ""


def _key(secret: str) -> bytes:
    try:
        return key_of(secret)
    except SecretError as error:
        raise typer.BadParameter(str(error), param_hint="--secret") from None


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url:
        raise typer.BadParameter(
            f"{text!r} is no URL; write one such as http://localhost:3000/webhooks", param_hint="--forward-to"
        )
    return text


async def _for_ever() -> None:
    await asyncio.Event().wait()
