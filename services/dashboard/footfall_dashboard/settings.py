"""Settings of the live page."""

import ipaddress
from datetime import timedelta
from typing import Annotated, ClassVar, Self
from zoneinfo import ZoneInfo

from footfall_chassis.durations import Duration
from footfall_chassis.settings import PartSettings
from footfall_chassis.time_zones import TimeZone
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

SHORTEST_TOKEN = 16
"""Characters: a shorter one can be guessed."""


class DashboardSettings(PartSettings):
    """What the live page can be told; every variable starts with DASHBOARD_, but for those that it shares with analytics."""

    model_config = SettingsConfigDict(env_prefix="DASHBOARD_")
    owns_prefix: ClassVar[bool] = True

    host: str = "127.0.0.1"
    port: int = Field(8090, ge=1, le=65535)
    token: SecretStr = SecretStr("")
    """What whoever looks must show, in a browser at /login; empty: nobody must, for nobody but this machine can connect."""
    behind_proxy: bool = False
    """Something in front lets nobody in who may not look: a reverse proxy with a login, a port published to this machine."""
    max_pages: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Pages that may be open at one time."""
    max_rows: Annotated[int, Field(ge=1000)] = 300_000
    """Rows of one stream kept in memory; of more, the oldest are forgotten and the panels say so."""
    recommender_url: str = "http://127.0.0.1:8100"
    """Where the box of related products asks."""
    alerting_url: str = "http://127.0.0.1:8200"
    """Where alerting answers, for the map of the pipeline; empty where there is none."""
    flink_ui_url: str = ""
    """Where people's browsers find Flink's own pages; empty is FLINK_REST_URL."""
    show_personal: bool = False
    """Whether messages are shown with what is personal in them, such as names."""
    time_zone: TimeZone = Field("UTC", validation_alias="ANALYTICS_TIME_ZONE")
    """The shop's, in which its day begins."""
    checkpoint_interval: Duration = Field(timedelta(seconds=1), validation_alias="ANALYTICS_CHECKPOINT_INTERVAL")
    """How often results can be expected."""

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

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
                f"DASHBOARD_HOST={self.host} lets other machines read the shop's numbers: set DASHBOARD_TOKEN (or "
                "DASHBOARD_TOKEN_FILE), or DASHBOARD_BEHIND_PROXY=true if something in front asks who they are"
            )
        return self
