"""`footfall webhook`: receive webhooks on this machine, or send one to try a receiver."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from footfall_alerting.errors import SecretError
from footfall_alerting.listener import Listener, Received
from footfall_alerting.signing import DEVELOPMENT_SECRET, key_of

webhook = typer.Typer(help="Receive and test webhooks.", no_args_is_help=True)
Secret = Annotated[str, typer.Option(help="Signing secret: whsec_ and base64.", envvar="ALERTING_WEBHOOK_SECRET")]


@webhook.command()
def listen(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8201,
    secret: Secret = DEVELOPMENT_SECRET,
    fail_rate: Annotated[
        float, typer.Option(min=0, max=1, help="Share of webhooks to answer with 503, to test retries.")
    ] = 0.0,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Print and verify the webhooks that arrive, one line each."""
    # Imported here: the command line should not wait for a web server to print its help.
    from footfall_chassis.logging import configure_logging  # noqa: PLC0415
    from footfall_chassis.worker import run  # noqa: PLC0415

    configure_logging("WARNING", "webhook")
    console = Console()
    listener = Listener(_key(secret), lambda received: console.print(line(received), soft_wrap=True), fail_rate)
    console.print(f"listening on http://{host}:{port}/  (Ctrl-C to stop)")
    raise typer.Exit(run(_for_ever, listener.app(), host, port))


@webhook.command()
def send_test(
    url: Annotated[str, typer.Argument(help="URL of the receiver.")],
    secret: Secret = DEVELOPMENT_SECRET,
) -> None:
    """Send one signed example alert and print the receiver's answer."""
    from footfall_alerting.dispatch import jobs_of  # noqa: PLC0415
    from footfall_alerting.endpoints import Endpoint  # noqa: PLC0415
    from footfall_alerting.policy import Outcome, Result  # noqa: PLC0415
    from footfall_alerting.sending.sender import Sender  # noqa: PLC0415
    from footfall_alerting.sources import event_of_alert  # noqa: PLC0415

    _key(secret)
    try:
        endpoint = Endpoint.model_validate({"id": "test", "url": url, "secret": secret})
    except ValidationError as error:
        raise typer.BadParameter(str(error.errors()[0]["msg"]), param_hint="URL") from None

    async def deliver() -> Outcome:
        sender = Sender(endpoint, timeout=timedelta(seconds=15), networks=[ip_network("0.0.0.0/0"), ip_network("::/0")])
        try:
            (job,) = jobs_of(event_of_alert(example()), [endpoint], "http://localhost:8090/")
            return await sender.attempt(job)
        finally:
            await sender.close()

    outcome = asyncio.run(deliver())
    print(f"{outcome.result}: {outcome.detail}")
    raise typer.Exit(0 if outcome.result is Result.DELIVERED else 1)


def line(received: Received) -> Text:
    """Return the line that tells of one webhook."""
    data = received.document.get("data")
    data = data if isinstance(data, dict) else {}
    signature = ("valid   ", "green") if received.fault is None else ("INVALID ", "bold red")
    note = received.fault or ("duplicate" if received.repeated else "")
    return Text.assemble(
        signature,
        (f"{received.answer} ", "green" if received.answer < 300 else "yellow"),  # noqa: PLR2004
        (f"{received.document.get('type', '?'):<23} ", "bold"),
        f"{data.get('product_id', '?')} {data.get('product_name', '')!r} ",
        f"at {data.get('warehouse_id', '?')}: {data.get('previous_quantity')} -> {data.get('quantity')} ",
        f"(threshold {data.get('threshold')}) ",
        (f"{received.webhook_id} ", "dim"),
        (note, "yellow"),
    )


def example() -> dict[str, Any]:
    """Return an alert that says it is one of a test."""
    return {
        "alert_id": f"test-{uuid.uuid4()}",
        "alert_type": "inventory.low",
        "event_time": datetime.now(UTC),
        "product_id": "test-product",
        "product_name": "Test product",
        "category_id": "test-category",
        "warehouse_id": "test-warehouse",
        "quantity": 4,
        "previous_quantity": 6,
        "threshold": 5,
        "sequence": 1,
        "update_id": "test-update",
    }


def _key(secret: str) -> bytes:
    try:
        return key_of(secret)
    except SecretError as error:
        raise typer.BadParameter(str(error), param_hint="--secret") from None


async def _for_ever() -> None:
    await asyncio.Event().wait()
