"""Settings of the live page."""

from footfall_chassis.settings import PartSettings
from pydantic import Field
from pydantic_settings import SettingsConfigDict


class DashboardSettings(PartSettings):
    """What the live page can be told; every variable starts with DASHBOARD_."""

    model_config = SettingsConfigDict(env_prefix="DASHBOARD_")

    host: str = "127.0.0.1"
    port: int = Field(8090, ge=1, le=65535)
