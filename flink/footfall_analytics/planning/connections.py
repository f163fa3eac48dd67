"""How tables reach Kafka and the registry: the connection settings as options of connectors and formats. Pure."""

import re

from footfall_chassis.settings import ConnectionSettings

_MODULES = {"PLAIN": "plain.PlainLoginModule"}
_SCRAM = "scram.ScramLoginModule"
_PACKAGE = "org.apache.flink.kafka.shaded.org.apache.kafka.common.security"
"""Flink's connector brings Kafka's client under a name of its own."""
_SECRET = re.compile(r"((?:password|jaas\.config|user-info)' = ')(?:[^']|'')+(?=')")
HIDDEN = "***"


def connection_options(settings: ConnectionSettings) -> dict[str, str]:
    """Return the options by which a table's connector reaches Kafka, the password among them."""
    protocol = settings.kafka_security_protocol
    options = {
        "properties.bootstrap.servers": settings.kafka_bootstrap_servers,
        "properties.security.protocol": protocol,
    }
    if protocol.endswith("SSL") and settings.kafka_ssl_ca_location:
        options |= {
            "properties.ssl.truststore.type": "PEM",
            "properties.ssl.truststore.location": settings.kafka_ssl_ca_location,
        }
    if protocol.startswith("SASL"):
        options |= {
            "properties.sasl.mechanism": settings.kafka_sasl_mechanism,
            "properties.sasl.jaas.config": jaas(
                settings.kafka_sasl_mechanism,
                settings.kafka_sasl_username,
                settings.kafka_sasl_password.get_secret_value(),
            ),
        }
    return options


def registry_options(settings: ConnectionSettings, avro: str) -> dict[str, str]:
    """Return the options by which an Avro format reaches the registry; footfall-avro and avro-confluent take the same.

    Args:
        settings: Where it is, and who asks.
        avro: Name of the format with the prefix it has in the table, such as `value.footfall-avro`.
    """
    options = {f"{avro}.url": settings.schema_registry_url}
    if settings.schema_registry_user:
        password = settings.schema_registry_password.get_secret_value()
        options |= {
            f"{avro}.basic-auth.credentials-source": "USER_INFO",
            f"{avro}.basic-auth.user-info": f"{settings.schema_registry_user}:{password}",
        }
    if settings.registry_ca and settings.schema_registry_url.startswith("https:"):
        options |= {
            f"{avro}.properties.schema.registry.ssl.truststore.type": "PEM",
            f"{avro}.properties.schema.registry.ssl.truststore.location": settings.registry_ca,
        }
    return options


def jaas(mechanism: str, user: str, password: str, package: str = _PACKAGE) -> str:
    """Return a login as Kafka's Java client takes it.

    Args:
        mechanism: PLAIN or a SCRAM.
        user: Any text.
        password: Any text.
        package: Where the client has its login modules.
    """
    module = _MODULES.get(mechanism, _SCRAM)
    return f'{package}.{module} required username="{_quoted(user)}" password="{_quoted(password)}";'


def without_secrets(text: str) -> str:
    """Return SQL with the values of secret options blanked."""
    return _SECRET.sub(rf"\1{HIDDEN}", text)


def _quoted(text: str) -> str:
    # Java's StreamTokenizer reads it: a backslash begins an escape, a line's end would end the text.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return escaped.replace("\n", "\\n").replace("\r", "\\r")
