"""Settings from environment variables, with errors that name the variable and the cure."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from footfall_schemas.connection import QUIET
from footfall_schemas.errors import PermanentError
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from footfall_chassis.secret_files import SecretFileError, SecretFiles

if TYPE_CHECKING:
    from footfall_schemas.registry import SchemaRegistry

SecurityProtocol: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


class SettingsError(PermanentError, ValueError):
    """A setting is missing or wrong; the message names the variable."""


class Settings(BaseSettings):
    """Base of every settings class; fields read the environment variable of their own name in capitals.

    A secret is read from a file, too: the variable's name with `_FILE` behind it names that; it wins over the variable.
    """

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, frozen=True)

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: One line for each wrong variable.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("\n".join(cls._explain(error))) from None
        except SecretFileError as error:
            raise SettingsError(str(error)) from None
        except SourceError as error:
            # Its message names the field in quotes; the value itself is left out, for it may be a secret.
            name = next((name for name in cls.model_fields if f'"{name}"' in str(error)), "")
            raise SettingsError(f"{cls._variable(name)}: must be JSON") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read files of secrets before variables."""
        return init_settings, SecretFiles(settings_cls), env_settings

    @classmethod
    def load_or_exit(cls) -> Self:
        """Read the environment, or print what is wrong and end the process with status 2."""
        try:
            return cls.load()
        except SettingsError as error:
            print(error, file=sys.stderr)
            raise SystemExit(2) from None

    @classmethod
    def variables(cls) -> dict[str, str]:
        """Return each environment variable with its default as text; secrets are blank."""
        return {
            cls._variable(name): "" if isinstance(field.default, SecretStr) else str(field.default)
            for name, field in cls.model_fields.items()
        }

    @classmethod
    def _explain(cls, error: ValidationError) -> list[str]:
        # The value itself is left out: it may be a secret.
        return [f"{cls._place(item['loc'])}: {item['msg']}" for item in error.errors(include_input=False)]

    @classmethod
    def _place(cls, location: tuple[int | str, ...]) -> str:
        # A rule about several variables has no place of its own; its message names them.
        if not location:
            return cls.__name__
        return ".".join([cls._variable(str(location[0])), *map(str, location[1:])])

    @classmethod
    def _variable(cls, field_name: str) -> str:
        if field_name not in cls.model_fields:
            return field_name.upper()
        match cls.model_fields[field_name].validation_alias:
            case AliasChoices(choices=[first, *_]):
                return str(first)
            case str(alias):
                return alias
            case _:
                return f"{cls.model_config.get('env_prefix', '')}{field_name}".upper()


class ConnectionSettings(Settings):
    """How to reach Kafka and the registry; shared by every part, so the names carry no service prefix."""

    kafka_bootstrap_servers: str = Field("localhost:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_security_protocol: SecurityProtocol = Field("PLAINTEXT", validation_alias="KAFKA_SECURITY_PROTOCOL")
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", validation_alias="KAFKA_SASL_MECHANISM"
    )
    kafka_sasl_username: str = Field("", validation_alias=AliasChoices("KAFKA_SASL_USERNAME", "KAFKA_USER"))
    kafka_sasl_password: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("KAFKA_SASL_PASSWORD", "KAFKA_PASSWORD")
    )
    kafka_ssl_ca_location: str = Field("", validation_alias=AliasChoices("KAFKA_SSL_CA_LOCATION", "KAFKA_CERT"))
    schema_registry_url: str = Field("http://localhost:8085/apis/ccompat/v7", validation_alias="SCHEMA_REGISTRY_URL")
    schema_registry_user: str = Field("", validation_alias="SCHEMA_REGISTRY_USER", pattern="^[^:]*$")
    """Empty sends no credentials."""
    schema_registry_password: SecretStr = Field(SecretStr(""), validation_alias="SCHEMA_REGISTRY_PASSWORD")
    schema_registry_ca_location: str = Field("", validation_alias="SCHEMA_REGISTRY_CA_LOCATION")
    """Empty takes that of Kafka."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", validation_alias="LOG_LEVEL")

    @field_validator("schema_registry_url")
    @classmethod
    def _tells_no_password(cls, url: str) -> str:
        # An address is logged and shown.
        if urlsplit(url).username is not None:
            raise ValueError(
                "must not hold credentials; they go into SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD"
            )
        return url

    @field_validator("kafka_ssl_ca_location", "schema_registry_ca_location")
    @classmethod
    def _is_a_certificate(cls, location: str) -> str:
        if not location:
            return location
        path = Path(location).absolute()
        try:
            if "-----BEGIN CERTIFICATE-----" not in path.read_text():
                raise ValueError(f"{path} holds no certificate in PEM form")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{path} cannot be read: {error}") from None
        # Other processes, which work elsewhere, are told of it.
        return str(path)

    @model_validator(mode="after")
    def _has_credentials(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_sasl_username and self.kafka_sasl_password.get_secret_value()
        ):
            raise ValueError(
                f"KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol} needs KAFKA_SASL_USERNAME and "
                "KAFKA_SASL_PASSWORD (or KAFKA_SASL_PASSWORD_FILE)"
            )
        return self

    @property
    def registry_ca(self) -> str:
        """File of the certificates that the registry's must be signed by; empty trusts what the system trusts."""
        return self.schema_registry_ca_location or self.kafka_ssl_ca_location

    def librdkafka(self) -> dict[str, str]:
        """Return the connection in librdkafka's words."""
        client = {
            "bootstrap.servers": self.kafka_bootstrap_servers,
            "security.protocol": self.kafka_security_protocol,
            **QUIET,
        }
        if self.kafka_ssl_ca_location:
            client["ssl.ca.location"] = self.kafka_ssl_ca_location
        if self.kafka_security_protocol.startswith("SASL"):
            client |= {
                "sasl.mechanism": self.kafka_sasl_mechanism,
                "sasl.username": self.kafka_sasl_username,
                "sasl.password": self.kafka_sasl_password.get_secret_value(),
            }
        return client

    def registry(self) -> "SchemaRegistry":
        """Return a client of the registry."""
        # With an HTTP client that takes long to import; most commands do without.
        from footfall_schemas.registry import SchemaRegistry  # noqa: PLC0415

        return SchemaRegistry(
            self.schema_registry_url,
            user=self.schema_registry_user,
            password=self.schema_registry_password.get_secret_value(),
            ca=self.registry_ca,
        )


class PartSettings(ConnectionSettings):
    """What every part that reads or writes topics can be told; the variables carry the part's prefix."""

    topic_prefix: str = Field("", pattern=r"^[a-zA-Z0-9-]*$")
    """Put before every topic and every consumer group, so that several installations share a broker."""


class ConsumerSettings(PartSettings):
    """What every service that consumes can be told; the variables carry the service's prefix."""

    faults_in_a_row: int = Field(3, ge=1, le=1000)
    """Records of one partition, one after the other, on which our own code fails before the partition is paused."""
    faults_share: float = Field(0.1, ge=0, le=1)
    """Share of a partition's last hundred records on which it may fail."""
