"""Where results go besides Kafka, and how to reach the database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from footfall_chassis.durations import Duration
from footfall_chassis.lists import CommaSeparated
from footfall_chassis.settings import PartSettings
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

Sink: TypeAlias = Literal["kafka", "postgres"]
Dimension: TypeAlias = Literal["products", "users", "categories"]


DEVELOPMENT = "footfall"
"""The password that everybody knows, of databases that only this machine reaches."""


@dataclass(frozen=True)
class Reader:
    """Who only reads."""

    name: str
    password: SecretStr


class PostgresSettings(PartSettings):
    """Settings of the sinks; every variable starts with ANALYTICS_."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_")

    sinks: CommaSeparated[Sink] = ("kafka",)
    postgres_url: SecretStr = SecretStr("")
    """postgresql://user:password@host:port/database?sslmode=…; instead of the five below."""
    postgres_host: str = Field("localhost", min_length=1)
    postgres_port: Annotated[int, Field(ge=1, le=65535)] = 5432
    postgres_database: str = Field("footfall", min_length=1)
    postgres_user: str = Field("footfall", min_length=1)
    postgres_password: SecretStr = SecretStr("footfall")
    postgres_schema: str = Field("commerce", pattern=r"^[a-z_][a-z0-9_]{0,53}$")
    postgres_recorded: bool = False
    """Whether each replay ends by filling tables of its own, in a schema named as the live one with `_recorded` behind."""
    postgres_dimensions: CommaSeparated[Dimension] = ()
    """Dimensions that are looked up in the database, as they are now, instead of read from their topics."""
    postgres_cache_rows: Annotated[int, Field(ge=1)] = 5000
    postgres_cache_time: Duration = Field(timedelta(minutes=10), ge=timedelta(milliseconds=1))
    """How many rows of a dimension, absent ones too, each task remembers, and for how long."""
    postgres_reader: str = Field("", pattern=r"^([a-z_][a-z0-9_]{0,62})?$")
    """A role that only reads, for dashboards: made with the tables; empty: none is made."""
    postgres_reader_password: SecretStr = Field(SecretStr(""), validate_default=True)
    postgres_create_tables: bool = True
    """Whether the job's supervisor creates what is missing; say false where its account may not."""

    @property
    def uses_postgres(self) -> bool:
        """Whether anything needs the database."""
        return "postgres" in self.sinks or bool(self.postgres_dimensions)

    @property
    def reader(self) -> Reader | None:
        """The role that only reads; none on a database of yours for which no password of its own was chosen."""
        secret = self.postgres_reader_password.get_secret_value()
        is_public = bool(self.postgres_url.get_secret_value()) and secret == DEVELOPMENT
        return (
            Reader(self.postgres_reader, self.postgres_reader_password)
            if self.postgres_reader and not is_public
            else None
        )

    @property
    def postgres_recorded_schema(self) -> str:
        """Schema of the tables of recorded results."""
        return f"{self.postgres_schema}_recorded"

    @field_validator("postgres_reader_password")
    @classmethod
    def _is_there_for_the_reader(cls, secret: SecretStr, others: ValidationInfo) -> SecretStr:
        if (name := others.data.get("postgres_reader")) and not secret.get_secret_value():
            raise ValueError(f"must be set (or …_FILE) for ANALYTICS_POSTGRES_READER={name}")
        return secret

    @field_validator("sinks")
    @classmethod
    def _begin_with_kafka(cls, sinks: tuple[Sink, ...]) -> tuple[Sink, ...]:
        if "kafka" not in sinks:
            raise ValueError("must name kafka: Postgres is filled from the topics")
        return sinks

    @field_validator("postgres_url")
    @classmethod
    def _is_an_address(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            try:
                parts = urlsplit(url.get_secret_value())
                complete = parts.scheme in {"postgresql", "postgres"} and parts.hostname and parts.port != 0
            except ValueError:
                complete = False
            if not complete or not unquote(parts.path).strip("/"):
                raise ValueError("must read postgresql://user:password@host:port/database")
        return url
