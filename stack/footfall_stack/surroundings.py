"""What a command must be told to find the stack that `footfall run` starts in the same shell, by the same variables."""

from collections.abc import Mapping

from footfall_stack.settings import StackSettings

PLACES = ("FOOTFALL_DATA_DIR", "FOOTFALL_JARS_DIR")
"""Said as the stack understands them, whoever named them: whole, and without ~."""
ALIKE = (
    {"KAFKA_SSL_CA_LOCATION", "KAFKA_CERT"},
    {
        *("KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_USER"),
        *("KAFKA_SASL_PASSWORD", "KAFKA_SASL_PASSWORD_FILE", "KAFKA_PASSWORD", "KAFKA_PASSWORD_FILE"),
    },
    {"SCHEMA_REGISTRY_USER", "SCHEMA_REGISTRY_PASSWORD", "SCHEMA_REGISTRY_PASSWORD_FILE"},
    {"ANALYTICS_POSTGRES_PASSWORD", "ANALYTICS_POSTGRES_PASSWORD_FILE"},
    {"ANALYTICS_POSTGRES_READER_PASSWORD", "ANALYTICS_POSTGRES_READER_PASSWORD_FILE"},
)
"""Variables that say one thing together: whoever gives one of them is not given the others."""


def for_commands(settings: StackSettings, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a command lacks to find the stack of these settings; what the caller says stands.

    Args:
        settings: The stack's, from the caller's environment.
        caller: The environment of whoever gives the command.
    """
    told = set(caller).union(*(names for names in ALIKE if names & caller.keys()))
    derived = settings.connections() | settings.credentials()
    return {name: value for name, value in derived.items() if name in PLACES or name not in told}
