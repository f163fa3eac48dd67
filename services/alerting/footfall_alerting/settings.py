"""Settings of the alerting service."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from footfall_chassis.durations import Duration
from footfall_chassis.lists import CommaSeparated
from footfall_chassis.settings import ConsumerSettings
from pydantic import BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.signing import DEVELOPMENT_SECRET


def _blank(value: Any) -> Any:
    return None if value == "" else value


class AlertingSettings(ConsumerSettings):
    """What the alerting service can be told; every variable starts with ALERTING_."""

    model_config = SettingsConfigDict(env_prefix="ALERTING_")
    owns_prefix: ClassVar[bool] = True

    host: str = "127.0.0.1"
    port: int = Field(8200, ge=1, le=65535)
    endpoints: tuple[Endpoint, ...] = ()
    """JSON list of `{"url", "secret", "event_types"?}`."""
    endpoints_file: Annotated[Path | None, BeforeValidator(_blank)] = None
    """File with the same JSON list, such as a mounted secret."""
    webhook_url: HttpUrl = HttpUrl("http://localhost:8201/")
    """The only endpoint when the two above are empty; the default is `footfall webhook listen`."""
    webhook_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    retry_delays: CommaSeparated[Duration] = (
        timedelta(seconds=5),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=10),
        timedelta(hours=1),
    )
    """One retry topic each. A delay that is taken out leaves its topic's webhooks unread: let it drain first."""
    timeout: Duration = Field(timedelta(seconds=15), gt=timedelta(0), le=timedelta(minutes=2))
    """How long one attempt may take in all."""
    concurrency: int = Field(16, ge=1, le=256)
    """Attempts at once for each endpoint."""
    queue_timeout: Duration = Field(timedelta(seconds=1), ge=timedelta(0), le=timedelta(seconds=30))
    """How long an alert waits for a free attempt before it moves to the first retry topic, which uses up no retry."""
    max_in_flight: int = Field(512, ge=1, le=4096)
    """Records of each topic that are settled at once; a crash may deliver as many again."""
    allow_private_networks: bool = True
    """Whether webhooks may go to addresses that are not public; say false where others choose the URLs."""

    @model_validator(mode="after")
    def _delays_grow(self) -> Self:
        delays = self.retry_delays
        if any(later <= earlier for earlier, later in zip((timedelta(0), *delays), delays, strict=False)):
            raise ValueError("ALERTING_RETRY_DELAYS must be above zero and grow from one to the next")
        return self

    @model_validator(mode="after")
    def _endpoints_differ(self) -> Self:
        urls = [endpoint.address for endpoint in self.receivers()]
        if len(set(urls)) < len(urls):
            raise ValueError("ALERTING_ENDPOINTS and ALERTING_ENDPOINTS_FILE name a URL twice")
        return self

    def receivers(self) -> tuple[Endpoint, ...]:
        """Return the endpoints that all sources together name.

        Raises:
            ValueError: A source is wrong; the message names its variable, never its value.
        """
        listed = self.endpoints + (_read(self.endpoints_file) if self.endpoints_file else ())
        if listed:
            return listed
        try:
            return (Endpoint(url=self.webhook_url, secret=self.webhook_secret),)
        except ValueError as error:
            raise ValueError(f"ALERTING_WEBHOOK_URL and ALERTING_WEBHOOK_SECRET: {_first(error)}") from None


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
