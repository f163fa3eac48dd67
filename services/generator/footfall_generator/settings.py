"""Settings of the generator (GENERATOR_*)."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from footfall_chassis.durations import Duration
from footfall_chassis.settings import PartSettings
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from footfall_generator.events.currencies import check_codes, split_codes


def _split(value: Any) -> Any:
    return split_codes(value) if isinstance(value, str) else value


class GeneratorSettings(PartSettings):
    """What shop is simulated and how busy it is; `footfall generate` takes its defaults from here too."""

    model_config = SettingsConfigDict(env_prefix="GENERATOR_")
    owns_prefix: ClassVar[bool] = True

    rate: Annotated[float, Field(gt=0, le=10_000_000)] = 50.0
    """Events per second of all streams together."""
    history: Duration = timedelta(minutes=10)
    """Event time the service fills at full speed before it goes live, if nobody has filled it yet."""
    seed: Annotated[int, Field(ge=0)] = 1
    users: Annotated[int, Field(ge=1, le=50_000_000)] = 10_000
    products: Annotated[int, Field(ge=1, le=5_000_000)] = 1_000
    refund_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    """So many of the purchased lines are refunded some minutes later."""
    currencies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(check_codes)] = ("EUR",)
    """Each user pays in one of these, separated by commas."""
    connect_timeout: Duration = timedelta(seconds=60)
    """How long to wait for a broker or registry that does not answer at the start."""
    report_interval: Duration = timedelta(seconds=30)
    """How often the service says what it has sent."""
