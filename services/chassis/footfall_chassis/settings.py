"""Settings from environment variables, with errors that name the variable and the cure."""

import os
import re
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from footfall_schemas.connection import RULES, Connection, SaslMechanism, SecurityProtocol, names_of
from footfall_schemas.errors import PermanentError
from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from footfall_chassis.secret_files import SUFFIX, SecretFileError, SecretFiles
from footfall_chassis.unknown_variables import refused

if TYPE_CHECKING:
    from footfall_schemas.registry import SchemaRegistry


class SettingsError(PermanentError, ValueError):
    """A setting is missing or wrong; the message names the variable."""


class Settings(BaseSettings):
    """Base of every settings class; fields read the environment variable of their own name in capitals.

    A secret is read from a file, too: the variable's name with `_FILE` behind it names that; it wins over the variable.
    """

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, frozen=True)
    owns_prefix: ClassVar[bool] = False
    """Whether this class knows every variable with its prefix, so that any other is a mistake."""
    read_elsewhere: ClassVar[frozenset[str]] = frozenset()
    """Variables with this class's prefix that another part reads."""

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: One line for each wrong variable, or for each that has the prefix and is not known.
        """
        if unknown := cls._unknown():
            raise SettingsError("\n".join(unknown))
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
    def _unknown(cls) -> list[str]:
        prefix = cls.model_config.get("env_prefix", "")
        own = cls.variables()
        known = {*own, *(name + SUFFIX for name in own), *cls.read_elsewhere}
        return refused(prefix, known, os.environ) if cls.owns_prefix else []

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


def _connection(name: str) -> Any:
    """Return a field that has its names and its default from the contract."""
    default = getattr(Connection, name)
    return Field(
        SecretStr(default) if name.endswith("password") else default, validation_alias=AliasChoices(*names_of(name))
    )


def _revealed(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


class ConnectionSettings(Settings):
    """How to reach Kafka and the registry; shared by every part, so the names carry no part's prefix."""

    kafka_bootstrap_servers: str = _connection("kafka_bootstrap_servers")
    kafka_security_protocol: SecurityProtocol = _connection("kafka_security_protocol")
    kafka_sasl_mechanism: SaslMechanism = _connection("kafka_sasl_mechanism")
    kafka_sasl_username: str = _connection("kafka_sasl_username")
    kafka_sasl_password: SecretStr = _connection("kafka_sasl_password")
    kafka_ssl_ca_location: str = _connection("kafka_ssl_ca_location")
    schema_registry_url: str = _connection("schema_registry_url")
    schema_registry_user: str = _connection("schema_registry_user")
    schema_registry_password: SecretStr = _connection("schema_registry_password")
    schema_registry_ca_location: str = _connection("schema_registry_ca_location")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", validation_alias="LOG_LEVEL")

    @field_validator(*RULES)
    @classmethod
    def _keeps_the_rule(cls, value: str, info: ValidationInfo) -> str:
        return RULES[str(info.field_name)](value)

    @model_validator(mode="after")
    def _has_credentials(self) -> Self:
        self.connection.check_login()
        return self

    @property
    def connection(self) -> Connection:
        """The same for what has nothing but the contract."""
        return Connection(**{each.name: _revealed(getattr(self, each.name)) for each in fields(Connection)})

    @property
    def registry_ca(self) -> str:
        """File of the certificates that the registry's must be signed by; empty trusts what the system trusts."""
        return self.connection.registry_ca

    def librdkafka(self) -> dict[str, str]:
        """Return how to reach Kafka in librdkafka's words."""
        return self.connection.librdkafka()

    def registry(self) -> "SchemaRegistry":
        """Return a client of the registry."""
        return self.connection.registry()


def check_topic_prefix(text: str) -> str:
    """Return what is put before the names of topics.

    Raises:
        ValueError: Topics, consumer groups and Kubernetes' names of both cannot begin so.
    """
    if not re.fullmatch("[a-zA-Z0-9-]*", text):
        raise ValueError(f"{text!r} is not a topic prefix; write letters, digits and hyphens, such as test-")
    return text


class PartSettings(ConnectionSettings):
    """What every part that reads or writes topics can be told; the variables carry the part's prefix."""

    topic_prefix: Annotated[str, AfterValidator(check_topic_prefix)] = ""
    """Put before every topic and every consumer group, so that several installations share a broker."""


class ConsumerSettings(PartSettings):
    """What every service that consumes can be told; the variables carry the service's prefix."""

    faults_in_a_row: int = Field(3, ge=1, le=1000)
    """Records of one partition, one after the other, on which our own code fails before the partition is paused."""
    faults_share: float = Field(0.1, ge=0, le=1)
    """Share of a partition's last hundred records on which it may fail."""
