"""Connections as tables have them: nothing in a password breaks out of its place, and no text shows one."""

from pathlib import Path

import pytest
from footfall_analytics.adhoc.catalog import declarations
from footfall_analytics.adhoc.script import statements
from footfall_analytics.planning.connections import connection_options, jaas, registry_options
from footfall_analytics.planning.script import build_script
from footfall_analytics.planning.sqltext import options_text
from footfall_analytics.postgres.script import build_postgres_script
from footfall_analytics.settings import AnalyticsSettings
from pydantic import SecretStr

PASSWORD = 'it\'s; a \\ "${hard}" one'
SETTINGS = AnalyticsSettings(
    kafka_security_protocol="SASL_SSL",
    kafka_sasl_username="ada",
    kafka_sasl_password=SecretStr(PASSWORD),
    schema_registry_url="https://localhost:8085/apis/ccompat/v7",
    schema_registry_user="ada",
    schema_registry_password=SecretStr(PASSWORD),
)


@pytest.fixture
def settings(tmp_path: Path) -> AnalyticsSettings:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    return SETTINGS.model_copy(update={"kafka_ssl_ca_location": str(tmp_path / "ca.pem")})


def test_a_plain_connection_has_no_credentials() -> None:
    assert connection_options(AnalyticsSettings()) == {
        "properties.bootstrap.servers": "localhost:9092",
        "properties.security.protocol": "PLAINTEXT",
    }


def test_a_login_is_written_for_the_client_that_flink_brings() -> None:
    written = jaas("SCRAM-SHA-512", "ada", 'a"b\\c\nd')

    module = "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule"
    assert written == rf"""{module} required username="ada" password="a\"b\\c\nd";"""


def test_kafka_and_the_registry_are_trusted_by_the_same_file(settings: AnalyticsSettings) -> None:
    ca = settings.kafka_ssl_ca_location
    kafka, registry = connection_options(settings), registry_options(settings, "value.avro-confluent")

    assert kafka["properties.ssl.truststore.type"] == "PEM"
    assert kafka["properties.ssl.truststore.location"] == ca
    assert registry["value.avro-confluent.properties.schema.registry.ssl.truststore.location"] == ca
    assert registry["value.avro-confluent.basic-auth.user-info"] == f"ada:{PASSWORD}"


def test_a_password_stays_within_its_literal(settings: AnalyticsSettings) -> None:
    text = options_text(connection_options(settings))

    assert statements(f"CREATE TABLE t (a INT) WITH ({text}); SELECT 1")[1].strip() == "SELECT 1"


def test_every_table_has_the_credentials_and_no_text_shows_them(settings: AnalyticsSettings) -> None:
    for script in (build_script(settings), build_postgres_script(settings)):
        kafka = [table for table in script.tables.values() if "'properties.bootstrap.servers'" in table]
        assert kafka
        assert all("'properties.sasl.jaas.config' = 'org" in table for table in kafka)
        assert all(".basic-auth.user-info' = 'ada:it" in table for table in kafka)
        assert "hard" not in script.text()
        assert script.text().count("jaas.config' = '***'") == len(kafka)
    for bounded in (True, False):
        tables = [sql for sql in declarations(settings, bounded=bounded) if sql.startswith("CREATE TABLE")]
        assert all("basic-auth.user-info" in table and "jaas.config" in table for table in tables)
