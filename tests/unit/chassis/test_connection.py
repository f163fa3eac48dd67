"""What a program with nothing but the contract reads from the environment is what every part reads."""

from dataclasses import fields
from pathlib import Path

import pytest
from footfall_chassis.settings import ConnectionSettings, SettingsError
from footfall_schemas.connection import Connection, ConnectionSettingError, connection_of

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

    assert found == settings.connection
    assert found.librdkafka() == settings.librdkafka()
    assert "from the file" not in repr(found)
    assert "hush" not in repr(found)


def test_every_field_of_a_connection_is_a_setting_of_every_part_with_its_names_and_default() -> None:
    given = ConnectionSettings.variables()

    for each in fields(Connection):
        assert given[each.name.upper()] == ("" if each.name.endswith("password") else each.default), each.name
    assert ConnectionSettings().connection == Connection()


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "telepathy"}, "KAFKA_SECURITY_PROTOCOL"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USER": "ada"}, "KAFKA_SASL_PASSWORD"),
        ({"KAFKA_CERT": "/no/such"}, "KAFKA_SSL_CA_LOCATION"),
        (SECURE | {"KAFKA_PASSWORD_FILE": "/no/such"}, "KAFKA_PASSWORD_FILE"),
        (SECURE | {"KAFKA_SASL_MECHANISM": "rhyme"}, "KAFKA_SASL_MECHANISM"),
        ({"SCHEMA_REGISTRY_URL": "https://u:hush@h"}, "SCHEMA_REGISTRY_URL"),
        ({"SCHEMA_REGISTRY_USER": "u:hush"}, "SCHEMA_REGISTRY_USER"),
        ({"SCHEMA_REGISTRY_CA_LOCATION": "secret"}, "SCHEMA_REGISTRY_CA_LOCATION.*holds no certificate"),
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
