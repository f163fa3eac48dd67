from typing import ClassVar

import pytest
from footfall_chassis.settings import ConnectionSettings, Settings, SettingsError
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict


class Example(ConnectionSettings):
    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix="EXAMPLE_")

    port: int = Field(1, ge=1)
    names: tuple[str, ...] = ()
    secret: SecretStr = SecretStr("")


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_PORT", "many")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "telepathy")

    with pytest.raises(SettingsError) as caught:
        Example.load()

    first, second = sorted(str(caught.value).splitlines())
    assert first.startswith("EXAMPLE_PORT: ")
    assert second.startswith("KAFKA_SECURITY_PROTOCOL: ")
    assert "many" not in str(caught.value)


def test_broken_json_names_its_variable_and_keeps_the_value_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_NAMES", '["whsec_hush')

    with pytest.raises(SettingsError) as caught:
        Example.load()

    assert str(caught.value) == "EXAMPLE_NAMES: must be JSON"


def test_a_wrong_item_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_NAMES", '["a", 7]')

    with pytest.raises(SettingsError, match=r"^EXAMPLE_NAMES\.1: "):
        Example.load()


def test_a_process_with_wrong_settings_ends_with_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXAMPLE_PORT", "0")

    with pytest.raises(SystemExit) as caught:
        Example.load_or_exit()

    assert caught.value.code == 2
    assert "EXAMPLE_PORT" in capsys.readouterr().err


def test_the_short_names_of_credentials_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KAFKA_USER", "ada")
    monkeypatch.setenv("KAFKA_PASSWORD", "hush")
    monkeypatch.setenv("KAFKA_CERT", "/etc/ca.pem")

    client = Example.load().librdkafka()

    assert client == {
        "bootstrap.servers": "localhost:9092",
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": "/etc/ca.pem",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "ada",
        "sasl.password": "hush",
    }


def test_variables_are_listed_without_secrets() -> None:
    variables = Example.variables()

    assert variables["EXAMPLE_PORT"] == "1"
    assert variables["KAFKA_SASL_PASSWORD"] == ""
    assert "hush" not in repr(Example(secret=SecretStr("hush")))


def test_settings_cannot_be_changed() -> None:
    class Small(Settings):
        size: int = 1

    with pytest.raises(ValueError, match="frozen"):
        Small().size = 2  # type: ignore[misc]
