"""What a program with nothing but the contract reads from the environment is what every part reads."""

from pathlib import Path

import pytest
from footfall_chassis.settings import ConnectionSettings, SettingsError
from footfall_schemas.connection import ConnectionSettingError, connection_of

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
SECURE = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_USERNAME": "ada", "KAFKA_SASL_PASSWORD": "hush"}
WAYS: list[dict[str, str]] = [
    {},
    {"KAFKA_BOOTSTRAP_SERVERS": "kafka:1", "SCHEMA_REGISTRY_URL": "https://registry/x"},
    SECURE,
    SECURE | {"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SSL_CA_LOCATION": "ca.pem"},
    {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_USER": "ada", "KAFKA_PASSWORD": "hush"},
    SECURE | {"KAFKA_SASL_PASSWORD_FILE": "secret"},
    {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USER": "ada", "KAFKA_PASSWORD_FILE": "secret"},
    {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_CERT": "ca.pem", "SCHEMA_REGISTRY_CA_LOCATION": "other.pem"},
    {"SCHEMA_REGISTRY_USER": "bob", "SCHEMA_REGISTRY_PASSWORD": "pst"},
    {"SCHEMA_REGISTRY_USER": "bob", "SCHEMA_REGISTRY_PASSWORD_FILE": "secret", "KAFKA_SASL_PASSWORD_FILE": ""},
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ca.pem", "other.pem"):
        (tmp_path / name).write_text(CERTIFICATE)
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("env", WAYS, ids=lambda env: " ".join(env) or "nothing")
def test_it_is_the_connection_of_every_part(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    settings = ConnectionSettings.load()

    found = connection_of(env)

    assert found.kafka == settings.librdkafka()
    assert found.registry_url == settings.schema_registry_url
    assert found.registry_user == settings.schema_registry_user
    assert found.registry_password == settings.schema_registry_password.get_secret_value()
    assert found.registry_ca == settings.registry_ca


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "telepathy"}, "KAFKA_SECURITY_PROTOCOL"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USER": "ada"}, "KAFKA_SASL_PASSWORD"),
        ({"KAFKA_CERT": "/no/such"}, "KAFKA_SSL_CA_LOCATION"),
        (SECURE | {"KAFKA_PASSWORD_FILE": "/no/such"}, "KAFKA_PASSWORD_FILE"),
        (SECURE | {"KAFKA_SASL_MECHANISM": "rhyme"}, "KAFKA_SASL_MECHANISM"),
        ({"SCHEMA_REGISTRY_URL": "https://u:hush@h"}, "SCHEMA_REGISTRY_URL"),
    ],
)
def test_it_refuses_what_every_part_refuses_by_the_same_name(
    env: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=named):
        ConnectionSettings.load()
    with pytest.raises(ConnectionSettingError, match=named) as caught:
        connection_of(env)
    assert "hush" not in str(caught.value)
