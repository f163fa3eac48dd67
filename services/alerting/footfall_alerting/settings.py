"""Settings of the alerting service."""

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from footfall_chassis.durations import Duration
from footfall_chassis.lists import CommaSeparated
from footfall_chassis.settings import ConsumerSettings
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.signing import DEVELOPMENT_SECRET

SHORTEST_TOKEN = 16
"""Characters: a shorter one can be guessed."""
ONLY_ENDPOINT = "default"
"""Id of the endpoint that ALERTING_WEBHOOK_URL names."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _blank(value: Any) -> Any:
    return None if value == "" else value


def _network(value: Any) -> Any:
    try:
        return ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"{error}; write a network such as 10.0.0.0/8 or fd00::/8") from None


def _above_zero(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be above zero")
    return value


class AlertingSettings(ConsumerSettings):
    """What the alerting service can be told; every variable starts with ALERTING_."""

    model_config = SettingsConfigDict(env_prefix="ALERTING_")
    owns_prefix: ClassVar[bool] = True

    host: str = "127.0.0.1"
    port: int = Field(8200, ge=1, le=65535)
    token: SecretStr = SecretStr("")
    """What whoever asks the API must show as a bearer; empty: nobody must, for nobody but this machine can connect."""
    behind_proxy: bool = False
    """Something in front lets nobody in who may not ask: a reverse proxy with a login, a port published to this machine."""

    endpoints: tuple[Endpoint, ...] = ()
    """JSON list of endpoints; `Endpoint` has their fields."""
    endpoints_file: Annotated[Path | None, BeforeValidator(_blank)] = None
    """File with the same JSON list, such as a mounted secret."""
    webhook_url: Annotated[HttpUrl | None, BeforeValidator(_blank)] = None
    """The only endpoint when the two above are empty."""
    webhook_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    allow_http: bool = False
    """Whether webhooks may go to `http:` addresses, where anybody on the way can read them."""
    allowed_networks: CommaSeparated[Annotated[Network, BeforeValidator(_network)]] = ()
    """Networks that webhooks may go to beside public addresses."""
    dashboard_url: Annotated[HttpUrl, AfterValidator(str)] = Field("http://localhost:8090/", validate_default=True)
    """Where people open the live page; payloads link to it."""

    retry_delays: CommaSeparated[Annotated[Duration, AfterValidator(_above_zero)]] = (
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
    )
    """Before the first retries, one each."""
    retry_every: Annotated[Duration, AfterValidator(_above_zero)] = timedelta(hours=12)
    """Between the retries after those."""
    retry_for: Duration = Field(timedelta(hours=72), ge=timedelta(0), le=timedelta(days=30))
    """From the first attempt to the last one."""
    disable_after: Annotated[Duration, AfterValidator(_above_zero)] = timedelta(days=5)
    """How long an endpoint may fail without any success before it is disabled."""
    timeout: Duration = Field(timedelta(seconds=15), gt=timedelta(0), le=timedelta(minutes=2))
    """How long one attempt may take in all."""
    concurrency: int = Field(16, ge=1, le=256)
    """Attempts at once for each endpoint."""
    queue_size: int = Field(1000, ge=1, le=100_000)
    """Jobs of one endpoint that wait in memory; more of them wait in Kafka."""
    max_in_flight: int = Field(512, ge=1, le=4096)
    """Records of each partition that are settled at once."""

    history_days: float = Field(7, gt=0, le=365)
    """How long messages and their attempts are kept."""
    history_bytes: int = Field(1_000_000_000, ge=1_000_000)
    """How much of them each partition keeps, at most."""

    @field_validator("token")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"write at least {SHORTEST_TOKEN} characters, such as those of `openssl rand -hex 16`")
        return value

    @model_validator(mode="after")
    def _lets_nobody_in_unasked(self) -> Self:
        if not (self.is_local or self.token.get_secret_value() or self.behind_proxy):
            raise ValueError(
                f"ALERTING_HOST={self.host} lets other machines read and resend webhooks: set ALERTING_TOKEN (or "
                "ALERTING_TOKEN_FILE), or ALERTING_BEHIND_PROXY=true if something in front asks who they are"
            )
        return self

    @model_validator(mode="after")
    def _endpoints_differ(self) -> Self:
        ids = [endpoint.id for endpoint in self.receivers()]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(
                f"ALERTING_ENDPOINTS and ALERTING_ENDPOINTS_FILE name endpoint {twice[0]} twice; give each an id of its own"
            )
        return self

    @model_validator(mode="after")
    def _nobody_reads_along(self) -> Self:
        if not self.allow_http and (plain := _plain(self.receivers())):
            raise ValueError(
                f"endpoint {plain[0]} has an http: address, where anybody on the way can read what is sent; use https:, or "
                "set ALERTING_ALLOW_HTTP=true"
            )
        return self

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can connect to the API."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def receivers(self) -> tuple[Endpoint, ...]:
        """Return the endpoints that all sources together name.

        Raises:
            ValueError: A source is wrong; the message names its variable, never its value.
        """
        listed = self.endpoints + (_read(self.endpoints_file) if self.endpoints_file else ())
        if listed or self.webhook_url is None:
            return listed
        try:
            return (Endpoint(id=ONLY_ENDPOINT, url=self.webhook_url, secret=self.webhook_secret),)
        except ValueError as error:
            raise ValueError(f"ALERTING_WEBHOOK_URL and ALERTING_WEBHOOK_SECRET: {_first(error)}") from None

    def cautions(self) -> tuple[str, ...]:
        """Return what is less safe than it could be, or does nothing; to be told at start and to who asks for the status."""
        found = []
        if not self.receivers():
            found.append("no endpoint is set, so nothing is sent: set ALERTING_WEBHOOK_URL or ALERTING_ENDPOINTS")
        if self.allow_http:
            found.append("ALERTING_ALLOW_HTTP lets webhooks go out unencrypted")
        if self.allowed_networks:
            networks = ", ".join(map(str, self.allowed_networks))
            found.append(f"ALERTING_ALLOWED_NETWORKS lets webhooks go to {networks}")
        return tuple(found)


def _plain(endpoints: Iterable[Endpoint]) -> list[str]:
    return [endpoint.id for endpoint in endpoints if endpoint.url.scheme != "https"]


def _read(path: Path) -> tuple[Endpoint, ...]:
    try:
        return TypeAdapter(tuple[Endpoint, ...]).validate_json(path.read_bytes())
    except OSError as error:
        raise ValueError(f"ALERTING_ENDPOINTS_FILE: {path}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"ALERTING_ENDPOINTS_FILE: {path}: {_first(error)}") from None


def _first(error: ValueError) -> str:
    # Pydantic's text quotes the input, which may be a secret.
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_input=False, include_url=False)[0]
    return ": ".join([*map(str, first["loc"]), first["msg"]])
