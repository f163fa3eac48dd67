"""What is looked at, and which limits hold for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from footfall_chassis.durations import Duration
from footfall_chassis.settings import Settings
from pydantic import Field
from pydantic_settings import SettingsConfigDict

Share = Annotated[float, Field(gt=0, le=1)]


class Limits(Settings):
    """From where on something is wrong (HEALTH_*); a fifth of that is worth a warning."""

    model_config = SettingsConfigDict(env_prefix="HEALTH_")

    behind: Duration = timedelta(minutes=10)
    """How far event time may be behind the clock, beside what the shop's own settings make it wait."""
    late_share: Share = 0.25
    """How many of the last minutes' messages may be late."""
    dead_share: Share = 0.05
    """How many of them may be unreadable."""
    lately: Duration = timedelta(minutes=5)
    """Over how long these shares are taken."""
    recent: Duration = timedelta(minutes=10)
    """How long a restart is spoken of."""
    checkpoint_age: Duration = timedelta(minutes=2)
    """How old the newest checkpoint may be, thirty intervals if that is longer; a quarter of that is worth a warning."""


@dataclass(frozen=True)
class Watched:
    """One shop: where its parts are and what they are called."""

    flink: str
    """Address of Flink's REST API; empty: it is none of ours."""
    kafka: Mapping[str, str]
    """Connection in librdkafka's words; empty: it is none of ours."""
    registry: str
    """Address of the registry; empty: it is none of ours."""
    jobs: Mapping[str, float]
    """Names of the jobs that must run, each with the seconds between its checkpoints."""
    inputs: Mapping[str, str]
    """Topics that the jobs read events from, each with the table that reads it."""
    groups: Mapping[str, str]
    """Consumer group by table."""
    outputs: tuple[str, ...]
    """Topics that the jobs write."""
    accounts: str
    """Topic of what became of the messages."""
    transaction_timeout: float
    """Seconds after which the broker ends a transaction of the job whose owner is gone."""
    quiet: float
    """Seconds that the watermark may be behind the clock because nothing happens."""
    limits: Limits
    registry_login: tuple[str, str] | None = None
    """User and password."""
    registry_ca: str = ""
    services: Mapping[str, str] = field(default_factory=dict)
    """Address of each service."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Topics that the jobs read versions of rows from, such as products, each with the table that reads it."""

    @property
    def servers(self) -> str:
        """Kafka's address."""
        return self.kafka.get("bootstrap.servers", "")

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic, inputs first."""
        return (*self.inputs, *self.versions, *self.outputs)
