"""A delivery that is under way: what retry topics hold."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from footfall_alerting.errors import UnreadableWebhookError

LARGEST = 1e12
"""No time or count in a webhook is beyond this."""


@dataclass(frozen=True)
class Webhook:
    """One webhook for one endpoint."""

    webhook_id: str
    endpoint: str
    """The endpoint's id, not its URL: URLs may hold tokens."""
    key: str
    """Record key, the product's id."""
    body: str
    """The exact text to sign and send."""
    event_time: float
    """When it happened in the shop, epoch seconds."""
    attempts: int = 0
    """Attempts that have failed."""
    not_before: float = 0.0
    """Epoch seconds of the next attempt."""
    error: str = ""
    """Why the last attempt failed."""

    def failed(self, error: str, not_before: float) -> Self:
        """Return the webhook after one more failure."""
        return replace(self, attempts=self.attempts + 1, error=error, not_before=not_before)

    def postponed(self, reason: str, not_before: float) -> Self:
        """Return the webhook for which there was no attempt."""
        return replace(self, error=reason, not_before=not_before)

    def encode(self) -> bytes:
        """Return the webhook as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()


def decode_webhook(value: bytes | None) -> Webhook:
    """Return the webhook that `encode` made the bytes from.

    Raises:
        UnreadableWebhookError: They are not a webhook.
    """
    try:
        webhook = Webhook(**json.loads(value or b""))
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableWebhookError(f"not a webhook: {error}") from error
    if any(type(getattr(webhook, name)) is not str for name in ("webhook_id", "endpoint", "key", "body", "error")):
        raise UnreadableWebhookError("not a webhook: a text field is missing")
    if not all(_is_number(getattr(webhook, name)) for name in ("event_time", "attempts", "not_before")):
        raise UnreadableWebhookError("not a webhook: a number field is missing")
    if type(webhook.attempts) is not int or webhook.attempts < 0:
        raise UnreadableWebhookError("not a webhook: attempts is not a count")
    return webhook


def _is_number(value: object) -> bool:
    # JSON of Python knows NaN and infinity, and integers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
