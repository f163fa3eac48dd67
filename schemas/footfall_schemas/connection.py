"""How to reach Kafka and the registry, read from the environment variables that every part of Footfall reads.

Parts have settings of their own (`footfall_chassis.settings`), with the same variables and defaults; this is for programs
that have nothing but the contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from footfall_schemas.errors import PermanentError

if TYPE_CHECKING:
    from footfall_schemas.registry import SchemaRegistry

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
QUIET = {"log_level": "0"}
"""librdkafka would print on standard error what the call that meets it says, too, and what mends itself."""


class ConnectionSettingError(PermanentError, ValueError):
    """A variable is missing or wrong; the message names it."""


@dataclass(frozen=True)
class Connection:
    """Kafka in librdkafka's words, and the registry.

    Args:
        kafka: librdkafka settings.
        registry_url: Base address, such as `http://localhost:8085/apis/ccompat/v7`.
        registry_user: Empty sends no credentials.
        registry_password: The user's.
        registry_ca: File of the certificates that the registry's must be signed by; empty trusts what the system trusts.
    """

    kafka: Mapping[str, str]
    registry_url: str
    registry_user: str = ""
    registry_password: str = ""
    registry_ca: str = ""

    def registry(self) -> "SchemaRegistry":
        """Return a client of the registry."""
        # With an HTTP client that takes long to import.
        from footfall_schemas.registry import SchemaRegistry  # noqa: PLC0415

        return SchemaRegistry(
            self.registry_url, user=self.registry_user, password=self.registry_password, ca=self.registry_ca
        )


def connection_of(env: Mapping[str, str]) -> Connection:
    """Return the connection that these variables describe; none at all is localhost without security.

    Raises:
        ConnectionSettingError: A variable is missing or wrong, or its file cannot be read.
    """
    protocol = _one_of(env, "KAFKA_SECURITY_PROTOCOL", PROTOCOLS)
    url = env.get("SCHEMA_REGISTRY_URL", "http://localhost:8085/apis/ccompat/v7")
    if urlsplit(url).username is not None:
        raise ConnectionSettingError(
            "SCHEMA_REGISTRY_URL: must not hold credentials; they go into SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD"
        )
    ca = _file(env, "KAFKA_SSL_CA_LOCATION", "KAFKA_CERT")
    kafka = {
        "bootstrap.servers": env.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        "security.protocol": protocol,
        **QUIET,
    } | ({"ssl.ca.location": ca} if ca else {})
    if protocol.startswith("SASL"):
        user = _first(env, "KAFKA_SASL_USERNAME", "KAFKA_USER")
        password = _secret(env, "KAFKA_SASL_PASSWORD", "KAFKA_PASSWORD")
        if not (user and password):
            raise ConnectionSettingError(
                f"KAFKA_SECURITY_PROTOCOL={protocol} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD "
                "(or KAFKA_SASL_PASSWORD_FILE)"
            )
        mechanism = _one_of(env, "KAFKA_SASL_MECHANISM", MECHANISMS)
        kafka |= {"sasl.mechanism": mechanism, "sasl.username": user, "sasl.password": password}
    return Connection(
        kafka,
        registry_url=url,
        registry_user=env.get("SCHEMA_REGISTRY_USER", ""),
        registry_password=_secret(env, "SCHEMA_REGISTRY_PASSWORD"),
        registry_ca=_file(env, "SCHEMA_REGISTRY_CA_LOCATION") or ca,
    )


def _one_of(env: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    """Return the variable's value, the first one that is known if it is not set."""
    value = env.get(name, known[0])
    if value not in known:
        raise ConnectionSettingError(f"{name}: {value!r} is none of {', '.join(known)}")
    return value


def _first(env: Mapping[str, str], *names: str) -> str:
    return next((env[name] for name in names if name in env), "")


def _file(env: Mapping[str, str], *names: str) -> str:
    location = _first(env, *names)
    if not location:
        return ""
    path = Path(location).absolute()
    _read(names[0], path)
    return str(path)


def _secret(env: Mapping[str, str], *names: str) -> str:
    """Return a secret; the file that NAME_FILE names wins over the variable, an empty name is none."""
    for name in names:
        if location := env.get(f"{name}_FILE"):
            return _read(f"{name}_FILE", Path(location)).rstrip("\r\n")
    return _first(env, *names)


def _read(variable: str, path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConnectionSettingError(f"{variable}: {path} cannot be read: {error}") from None
