"""Settings of the recommender."""

from typing import ClassVar

from footfall_chassis.settings import ConsumerSettings
from pydantic import Field
from pydantic_settings import SettingsConfigDict


class RecommenderSettings(ConsumerSettings):
    """What the recommender can be told; every variable starts with RECOMMENDER_."""

    model_config = SettingsConfigDict(env_prefix="RECOMMENDER_")
    owns_prefix: ClassVar[bool] = True

    host: str = "127.0.0.1"
    port: int = Field(8100, ge=1, le=65535)
    seed: bool = False
    """Whether rankings of the last replay fill up the live ones: for a shop that is new here and has a history."""
