"""Who receives webhooks."""

import hashlib
import ipaddress
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr, field_validator, model_validator

from footfall_alerting.signing import DEVELOPMENT_SECRET, key_of

HOST_OF_CONTAINERS = "host.docker.internal"
"""What docker-compose.yaml calls this machine within its containers."""


class Endpoint(BaseModel):
    """One receiver of webhooks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    secret: SecretStr
    event_types: tuple[str, ...] | None = None
    """Alert types it wants; None means all."""

    @field_validator("secret")
    @classmethod
    def _usable(cls, secret: SecretStr) -> SecretStr:
        key_of(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _development_secret_stays_here(self) -> "Endpoint":
        if self.secret.get_secret_value() == DEVELOPMENT_SECRET and not is_loopback(self.address):
            raise ValueError("the development secret is public; give this endpoint a secret of its own")
        return self

    @property
    def address(self) -> str:
        """The URL as text; it may hold a token, so keep it out of logs and topics."""
        return str(self.url)

    @property
    def id(self) -> str:
        """Stable name for logs, metrics and webhooks: host, and a hash of the whole URL."""
        return f"{self.url.host}-{hashlib.sha256(self.address.encode()).hexdigest()[:8]}"

    @property
    def key(self) -> bytes:
        """The signing key."""
        return key_of(self.secret.get_secret_value())

    def wants(self, event_type: str) -> bool:
        """Tell whether alerts of this type go here."""
        return self.event_types is None or event_type in self.event_types


def is_loopback(url: str) -> bool:
    """Tell whether a URL can only mean this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", HOST_OF_CONTAINERS} or host.endswith(".localhost")
