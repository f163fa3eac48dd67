from pathlib import Path
from typing import ClassVar

import pytest
from footfall_chassis.settings import ConnectionSettings, Settings, SettingsError
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict


class Example(ConnectionSettings):
    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix="EXAMPLE_")
    owns_prefix: ClassVar[bool] = True

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


def test_a_misspelt_variable_is_refused_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_PROT", "7")
    monkeypatch.setenv("EXAMPLE_ZEAL", "hush")
    monkeypatch.setenv("EXAMPLES", "none of ours")

    with pytest.raises(SettingsError) as caught:
        Example.load()

    assert str(caught.value).splitlines() == [
        "EXAMPLE_PROT: there is no such setting; did you mean EXAMPLE_PORT?",
        "EXAMPLE_ZEAL: there is no such setting; unset it",
    ]


def test_who_reads_some_of_anothers_variables_leaves_the_rest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Neighbour(Example):
        owns_prefix: ClassVar[bool] = False

    monkeypatch.setenv("EXAMPLE_ZEAL", "hush")

    assert Neighbour.load().port == 1


def test_what_another_part_reads_and_a_secrets_file_are_no_strangers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Wider(Example):
        read_elsewhere: ClassVar[frozenset[str]] = frozenset({"EXAMPLE_STOCK_PORT"})

    (tmp_path / "secret").write_text("hush")
    monkeypatch.setenv("EXAMPLE_STOCK_PORT", "8401")
    monkeypatch.setenv("EXAMPLE_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("example_port", "7")

    assert Wider.load().secret.get_secret_value() == "hush"


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


CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"


def test_the_short_names_of_credentials_work_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(CERTIFICATE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KAFKA_USER", "ada")
    monkeypatch.setenv("KAFKA_PASSWORD", "hush")
    monkeypatch.setenv("KAFKA_CERT", "ca.pem")

    client = Example.load().librdkafka()

    assert client == {
        "bootstrap.servers": "localhost:9092",
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": str(tmp_path / "ca.pem"),
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "ada",
        "sasl.password": "hush",
        "log_level": "0",
    }


@pytest.mark.parametrize("variable", ["KAFKA_SASL_PASSWORD", "KAFKA_PASSWORD", "EXAMPLE_SECRET"])
def test_a_file_with_a_secret_wins_over_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "variable")
    monkeypatch.setenv("EXAMPLE_SECRET", "variable")
    monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "secret"))

    found = Example.load()

    secret = found.secret if variable == "EXAMPLE_SECRET" else found.kafka_sasl_password
    assert secret.get_secret_value() == "from the file"


def test_an_empty_variable_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_SECRET", "variable")
    monkeypatch.setenv("EXAMPLE_SECRET_FILE", "")

    assert Example.load().secret.get_secret_value() == "variable"


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"EXAMPLE_SECRET_FILE": "/no/such"}, "EXAMPLE_SECRET_FILE: /no/such cannot be read"),
        ({"KAFKA_CERT": "/no/such"}, "KAFKA_SSL_CA_LOCATION: .*/no/such cannot be read"),
        ({"KAFKA_SSL_CA_LOCATION": "/dev/null"}, "KAFKA_SSL_CA_LOCATION: .*/dev/null holds no certificate"),
        ({"SCHEMA_REGISTRY_URL": "https://u:hush@h"}, "SCHEMA_REGISTRY_URL: .*SCHEMA_REGISTRY_USER"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USER": "ada"},
            "needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD",
        ),
    ],
)
def test_a_wrong_connection_is_named_and_no_secret_told(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], complaint: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=complaint) as caught:
        Example.load()

    assert "hush" not in str(caught.value)


def test_the_registry_trusts_what_kafka_is_trusted_by(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(CERTIFICATE)
    monkeypatch.setenv("KAFKA_SSL_CA_LOCATION", str(tmp_path / "ca.pem"))

    assert Example.load().registry_ca == str(tmp_path / "ca.pem")


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
