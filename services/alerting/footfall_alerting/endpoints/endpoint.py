"""One receiver of webhooks: where it is, what it wants, how it is sent to."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)

from footfall_alerting import event_types
from footfall_alerting.events import Event, Severity
from footfall_alerting.signing import DEVELOPMENT_SECRET, Signer, key_of, private_key_of

HOST_OF_CONTAINERS = "host.docker.internal"
"""What docker-compose.yaml calls this machine within its containers."""
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
"""From the least to the most severe."""
OWN_HEADERS = frozenset(
    {
        *("webhook-id", "webhook-timestamp", "webhook-signature", "traceparent", "host", "content-type", "cookie"),
        *(
            "content-length",
            "transfer-encoding",
            "content-encoding",
            "connection",
            "upgrade",
            "expect",
            "te",
            "trailer",
        ),
    }
)
"""Headers of a request that an endpoint may not set."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_VALUE = re.compile(r"[!-~]([ -~]{0,4094}[!-~])?")


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"


def _filled(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values or not all(value.strip() for value in values):
        raise ValueError("an empty list or name wants nothing at all; leave the field out to want everything")
    return values


def _known(values: tuple[str, ...]) -> tuple[str, ...]:
    known = event_types.schemas()
    for value in _filled(values):
        if value not in known:
            raise ValueError(f"there is no event type {value!r}; {_meant(value, known)}")
    return values


def _severity(value: Any) -> Any:
    if value not in SEVERITIES:
        raise ValueError(f"there is no severity {value!r}; {_meant(str(value), SEVERITIES)}")
    return value


Wanted: TypeAlias = Annotated[tuple[str, ...], AfterValidator(_filled)]
"""Ids of which one must be the event's; an event that has no such thing passes."""


class Endpoint(BaseModel):
    """One receiver of webhooks."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    """Its name for ever: webhook-ids are made of it, so that the URL and the secret may change."""
    url: HttpUrl
    secret: SecretStr
    """`whsec_` and base64: what its webhooks are signed with."""
    previous_secret: SecretStr | None = None
    """While a secret is rotated: the one that it had before. Both sign, until this is taken out."""
    signing_key: SecretStr | None = None
    """`whsk_` and base64 of an ed25519 private key, for `v1a` signatures besides."""
    event_types: Annotated[tuple[str, ...], AfterValidator(_known)] | None = None
    """Types it wants; None means all, but for those that must be asked for by name."""
    products: Wanted | None = None
    categories: Wanted | None = None
    warehouses: Wanted | None = None
    min_severity: Annotated[Severity, BeforeValidator(_severity)] = "info"
    rate: float | None = Field(None, gt=0, le=10_000, allow_inf_nan=False)
    """Attempts per second, at most; None: as many as it takes."""
    ordered: bool = False
    """Whether a product's webhooks come one after the other, in order: the next waits until the last is delivered or dead."""
    enabled: bool = True
    """Whether it is sent anything."""
    headers: dict[str, SecretStr] = {}
    """Added to each request, such as an `Authorization` that the receiver asks for."""

    @model_validator(mode="before")
    @classmethod
    def _every_field_is_known(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            for name in given:
                if name not in cls.model_fields:
                    raise ValueError(f"an endpoint has no field {name!r}; {_meant(str(name), cls.model_fields)}")
        return given

    @field_validator("secret", "previous_secret")
    @classmethod
    def _usable(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            key_of(secret.get_secret_value())
        return secret

    @field_validator("signing_key")
    @classmethod
    def _signs(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None:
            private_key_of(key.get_secret_value())
        return key

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value.get_secret_value()):
                raise ValueError(
                    f"header {name!r} cannot be sent; write a name and a value of visible ASCII characters"
                )
            if name.lower() in OWN_HEADERS:
                raise ValueError(f"header {name!r} is set by Footfall itself; leave it out")
        return headers

    @model_validator(mode="after")
    def _development_secret_stays_here(self) -> "Endpoint":
        secrets = {secret.get_secret_value() for secret in (self.secret, self.previous_secret) if secret}
        if DEVELOPMENT_SECRET in secrets and not is_loopback(self.address):
            raise ValueError("the development secret is public; give this endpoint a secret of its own")
        return self

    @property
    def address(self) -> str:
        """The URL as text; it may hold a token, so keep it out of logs and topics."""
        return str(self.url)

    def signer(self) -> Signer:
        """Return what signs its webhooks."""
        keys = [key_of(secret.get_secret_value()) for secret in (self.secret, self.previous_secret) if secret]
        private = private_key_of(self.signing_key.get_secret_value()) if self.signing_key else None
        return Signer(tuple(keys), private)

    def wants(self, event: Event) -> bool:
        """Tell whether this event goes here."""
        return (
            self.enabled
            and self._wants_type(event)
            and SEVERITIES.index(event.severity) >= SEVERITIES.index(self.min_severity)
            and _among(event.product, self.products)
            and _among(event.category, self.categories)
            and _among(event.warehouse, self.warehouses)
        )

    def _wants_type(self, event: Event) -> bool:
        if event.type.startswith("endpoint.") and event.key == self.id:
            # Whoever cannot be reached cannot be told so; and every failure to tell would be worth telling.
            return False
        if self.event_types is None:
            return event.type not in event_types.asked_for_by_name()
        return event.type in self.event_types


def is_loopback(url: str) -> bool:
    """Tell whether a URL can only mean this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", HOST_OF_CONTAINERS} or host.endswith(".localhost")


def _among(value: str | None, wanted: tuple[str, ...] | None) -> bool:
    return wanted is None or value is None or value in wanted
