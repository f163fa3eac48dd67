"""Standard Webhooks 1.0.0 signatures (`v1`, HMAC-SHA256)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from footfall_alerting.errors import SecretError

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
TOLERANCE = 300
"""Seconds a timestamp may differ from the receiver's clock."""

DEVELOPMENT_SECRET = "whsec_Zm9vdGZhbGwgZGV2ZWxvcG1lbnQgc2VjcmV0IG9ubHk="  # noqa: S105  public on purpose
"""Shared by the alerting service and `footfall webhook listen` on one machine; refused for any other receiver."""


def key_of(secret: str) -> bytes:
    """Return the signing key of a secret.

    Raises:
        SecretError: It is not `whsec_` and 24 to 64 bytes of base64.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in KEY_BYTES:
        raise SecretError(f"a webhook secret must be {PREFIX!r} and 24 to 64 bytes of base64")
    return key


def sign(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` header; `timestamp` is the attempt's, in epoch seconds."""
    digest = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def verify(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
    """Return what is wrong with a received webhook, None when it is genuine; header names are lower case."""
    webhook_id, timestamp, signatures = (
        headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not (webhook_id and timestamp and signatures):
        return "headers missing"
    if not timestamp.isdecimal():
        return "timestamp is not a number"
    if abs(now - int(timestamp)) > TOLERANCE:
        return "timestamp too far from now"
    expected = sign(key, webhook_id, int(timestamp), body).encode()
    if not any(hmac.compare_digest(expected, given.encode()) for given in signatures.split(" ")):
        return "no signature matches"
    return None
