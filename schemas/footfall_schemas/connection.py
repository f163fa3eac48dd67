"""How to reach Kafka and the registry, in the environment variables that every part of Footfall reads.

`footfall_chassis.settings` has the same fields, defaults and rules, from here; programs that have nothing but the contract
call `connection_of`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from footfall_schemas.errors import PermanentError

if TYPE_CHECKING:
    from footfall_schemas.registry import SchemaRegistry

SecurityProtocol: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism: TypeAlias = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]

SHORT = {
    "kafka_sasl_username": "KAFKA_USER",
    "kafka_sasl_password": "KAFKA_PASSWORD",
    "kafka_ssl_ca_location": "KAFKA_CERT",
}
"""What a field's variable may also be called."""
QUIET = {"log_level": "0"}
"""librdkafka would print on standard error what the call that meets it says, too, and what mends itself."""


class ConnectionSettingError(PermanentError, ValueError):
    """A variable is missing or wrong; the message names it."""


@dataclass(frozen=True)
class Connection:
    """How to reach both; each field is told by the variable of its name in capitals."""

    kafka_bootstrap_servers: str = "localhost:9092"
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: SaslMechanism = "SCRAM-SHA-512"
    kafka_sasl_username: str = ""
    kafka_sasl_password: str = field(default="", repr=False)
    kafka_ssl_ca_location: str = ""
    schema_registry_url: str = "http://localhost:8085/apis/ccompat/v7"
    schema_registry_user: str = ""
    """Empty sends no credentials."""
    schema_registry_password: str = field(default="", repr=False)
    schema_registry_ca_location: str = ""
    """Empty takes that of Kafka."""

    @property
    def registry_ca(self) -> str:
        """File of the certificates that the registry's must be signed by; empty trusts what the system trusts."""
        return self.schema_registry_ca_location or self.kafka_ssl_ca_location

    def librdkafka(self) -> dict[str, str]:
        """Return how to reach Kafka in librdkafka's words."""
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
                "sasl.password": self.kafka_sasl_password,
            }
        return client

    def registry(self) -> "SchemaRegistry":
        """Return a client of the registry."""
        # With an HTTP client that takes long to import; most commands do without.
        from footfall_schemas.registry import SchemaRegistry  # noqa: PLC0415

        return SchemaRegistry(
            self.schema_registry_url,
            user=self.schema_registry_user,
            password=self.schema_registry_password,
            ca=self.registry_ca,
        )

    def check_login(self) -> None:
        """Raise what is missing for the protocol.

        Raises:
            ConnectionSettingError: It needs a user and a password.
        """
        protocol = self.kafka_security_protocol
        if protocol.startswith("SASL") and not (self.kafka_sasl_username and self.kafka_sasl_password):
            raise ConnectionSettingError(
                f"KAFKA_SECURITY_PROTOCOL={protocol} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD "
                "(or KAFKA_SASL_PASSWORD_FILE)"
            )


def names_of(name: str) -> tuple[str, ...]:
    """Return the variables that tell a field; messages name the first."""
    return (name.upper(), SHORT[name]) if name in SHORT else (name.upper(),)


def connection_of(env: Mapping[str, str]) -> Connection:
    """Return the connection that these variables describe; none at all is localhost without security.

    Raises:
        ConnectionSettingError: A variable is missing or wrong, or its file cannot be read.
    """
    found = Connection(
        **{each.name: value for each in fields(Connection) if (value := _told(env, each.name)) is not None}
    )
    found.check_login()
    return found


def secret_in(path: Path) -> str:
    """Return what a file of a secret holds, without the end of its line.

    Raises:
        ValueError: It cannot be read.
    """
    return _read(path).rstrip("\r\n")


def _told(env: Mapping[str, str], name: str) -> Any:
    """Return what the environment says of a field; None if nothing. The file that NAME_FILE names wins over NAME."""
    names = names_of(name)
    files = [f"{variable}_FILE" for variable in names] if name.endswith("password") else []
    variable = next((each for each in files if env.get(each)), "")
    try:
        if variable:
            return secret_in(Path(env[variable]))
        value = next((env[each] for each in names if each in env), None)
        variable = names[0]
        return value if value is None or name not in RULES else RULES[name](value)
    except ValueError as error:
        raise ConnectionSettingError(f"{variable}: {error}") from None


def _one_of(*known: str) -> Callable[[str], str]:
    def rule(value: str) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}")
        return value

    return rule


def _tells_no_password(url: str) -> str:
    # An address is logged and shown.
    if urlsplit(url).username is not None:
        raise ValueError("must not hold credentials; they go into SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD")
    return url


def _has_no_colon(user: str) -> str:
    if ":" in user:
        raise ValueError("must not have a colon in it: a password would begin there")
    return user


def _certificate(location: str) -> str:
    if not location:
        return location
    # Other processes, which work elsewhere, are told of it.
    path = Path(location).absolute()
    if "-----BEGIN CERTIFICATE-----" not in _read(path):
        raise ValueError(f"{path} holds no certificate in PEM form")
    return str(path)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


RULES: dict[str, Callable[[str], str]] = {
    "kafka_security_protocol": _one_of(*get_args(SecurityProtocol)),
    "kafka_sasl_mechanism": _one_of(*get_args(SaslMechanism)),
    "kafka_ssl_ca_location": _certificate,
    "schema_registry_url": _tells_no_password,
    "schema_registry_user": _has_no_colon,
    "schema_registry_ca_location": _certificate,
}
"""What a field's text must be: returns what to take for it, or raises a ValueError, which does not name the variable."""
