"""Standard Webhooks 1.0.0 signatures: `v1`, HMAC-SHA256, and `v1a`, ed25519."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from footfall_alerting.errors import SecretError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
PRIVATE_PREFIX = "whsk_"
SEED_BYTES = 32
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


@dataclass(frozen=True)
class Signer:
    """Signs the webhooks of one endpoint."""

    keys: tuple[bytes, ...]
    """Each makes a `v1` signature; there are two while a secret is rotated."""
    private: "Ed25519PrivateKey | None" = None
    """Makes a `v1a` signature besides."""

    def header(self, webhook_id: str, timestamp: int, body: bytes) -> str:
        """Return the `webhook-signature` header; `timestamp` is the attempt's, in epoch seconds."""
        signatures = [sign(key, webhook_id, timestamp, body) for key in self.keys]
        if self.private:
            signature = self.private.sign(_signed(webhook_id, timestamp, body))
            signatures.append(f"v1a,{base64.b64encode(signature).decode()}")
        return " ".join(signatures)


def private_key_of(text: str) -> "Ed25519PrivateKey":
    """Return the ed25519 key of `whsk_` and base64 of its 32 bytes, which the 32 of the public key may follow.

    Raises:
        SecretError: It is no such key.
    """
    # Imported here: it takes a while, and few endpoints ask for it.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    try:
        key = base64.b64decode(text.removeprefix(PRIVATE_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if text.startswith(PRIVATE_PREFIX) and len(key) in {SEED_BYTES, 2 * SEED_BYTES}:
        private = Ed25519PrivateKey.from_private_bytes(key[:SEED_BYTES])
        if key[SEED_BYTES:] in {b"", private.public_key().public_bytes_raw()}:
            return private
    raise SecretError(f"a signing key must be {PRIVATE_PREFIX!r} and base64 of an ed25519 private key")


def sign(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return a `v1` signature; `timestamp` is the attempt's, in epoch seconds."""
    digest = hmac.digest(key, _signed(webhook_id, timestamp, body), hashlib.sha256)
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


def _signed(webhook_id: str, timestamp: int, body: bytes) -> bytes:
    return f"{webhook_id}.{timestamp}.".encode() + body
