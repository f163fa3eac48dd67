"""Settings of the embedded stack: where it listens, where it keeps its data, how much memory each part may have."""

import re
from pathlib import Path
from typing import Annotated, Self

from footfall_chassis.settings import Settings
from footfall_schemas.access import ADMIN
from footfall_security.credentials_dir import CredentialsDir
from pydantic import Field, SecretStr, field_validator, model_validator

from footfall_stack import flink_memory
from footfall_stack.paths import REPOSITORY

Port = Annotated[int, Field(ge=1, le=65535)]
EVERY_INTERFACE = {"0.0.0.0", "::", ""}
UNREADABLE = re.compile(r"[,:;*?\[\\\x00-\x1f]|!(?=/|$)")
"""What a folder's name must not have: Java ends a name at `:` and at `!/`, Kafka at `,`, the registry's database at `;`;
it takes a backslash for a slash, and PyFlink the rest for a pattern. None knows a way to write it."""


class StackSettings(Settings):
    """Every field reads the environment variable of its own name in capitals."""

    footfall_host: str = "127.0.0.1"
    footfall_data_dir: Path = REPOSITORY / ".footfall" / "data"
    footfall_jars_dir: Path = REPOSITORY / ".footfall" / "jars"

    footfall_secure: bool = False
    """Whether connections are secure: TLS, logins and rights (docs/security.md)."""
    footfall_secure_dir: Path | None = None
    """Where certificates and passwords lie; None: `secure` in the data directory."""

    kafka_port: Port = 9092
    kafka_controller_port: Port = 9095
    kafka_metrics_port: Port = 9404
    kafka_heap_mib: int = Field(512, ge=128)
    kafka_jvm_options: str = "-XX:+UseSerialGC"
    kafka_retention_mib: int = Field(256, ge=1)
    """Bytes one partition may keep, unless its topic says otherwise."""

    registry_port: Port = 8085
    registry_heap_mib: int = Field(256, ge=64)

    flink_rest_port: Port = 8081
    flink_rpc_port: Port = 6123
    flink_blob_port: Port = 6124
    flink_taskmanager_rpc_port: Port = 6122
    flink_taskmanager_data_port: Port = 6121
    flink_jobmanager_metrics_port: Port = 9249
    flink_taskmanager_metrics_port: Port = 9250
    # Below 768 MiB nothing is left for the tasks once metaspace, overhead and buffers are taken off.
    flink_jobmanager_mib: int = Field(1024, ge=768)
    flink_taskmanager_mib: int = Field(1728, ge=1024)
    flink_taskmanager_jvm_options: str = "-XX:+UseParallelGC"
    """Its collector, above all: the one for throughput unless told otherwise."""
    flink_slots: int = Field(4, ge=1)

    postgres_port: Port = 5432
    postgres_user: str = Field("footfall", min_length=1)
    postgres_password: SecretStr = Field(SecretStr("footfall"), min_length=1)
    """Set when the database is first started; it listens on the loopback address only."""
    postgres_db: str = Field("footfall", min_length=1)
    postgres_reader: str = Field("footfall_reader", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    """Who only reads, as Grafana does."""
    postgres_reader_password: SecretStr = Field(SecretStr("footfall"), min_length=1)

    opensearch_port: Port = 9200
    opensearch_heap_mib: int = Field(512, ge=256)
    opensearch_jars_dir: Path = REPOSITORY / ".footfall" / "opensearch"
    """Where `make setup WITH=opensearch` lays out its node."""

    dashboard_port: Port = 8090
    recommender_port: Port = 8100
    alerting_port: Port = 8200
    exporter_port: Port = 8300
    analytics_port: Port = 8400
    analytics_stock_port: Port = 8401
    prometheus_port: Port = 9090
    alertmanager_port: Port = 9093
    prometheus_config_dir: Path = REPOSITORY / "deploy" / "prometheus"
    """Where prometheus.yaml, its rules and alertmanager.yaml are; names and ports of containers become this machine's."""
    grafana_port: Port = 3000
    grafana_password: SecretStr = Field(SecretStr("footfall"), min_length=1)
    """Of user admin, set when Grafana is first started; it listens on the loopback address only."""

    @field_validator("footfall_data_dir", "footfall_jars_dir", "opensearch_jars_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        try:
            whole = path.expanduser().resolve()
        except (OSError, RuntimeError) as error:
            # A user that is not known, links in a circle.
            raise ValueError(f"{path} cannot be resolved: {error}") from None
        if wrong := UNREADABLE.search(str(whole)):
            raise ValueError(
                f"{str(whole)!r} has a {wrong[0]!r} in it, which Java or Kafka cannot read; name another folder"
            )
        return whole

    @model_validator(mode="after")
    def _has_memory_for_its_slots(self) -> Self:
        lacking = flink_memory.HEAP_LEAST - flink_memory.taskmanager(self.flink_taskmanager_mib, self.flink_slots).heap
        if lacking > 0:
            # What is added is shared with the rest of the process.
            enough = self.flink_taskmanager_mib + 2 * lacking
            raise ValueError(
                f"FLINK_TASKMANAGER_MIB={self.flink_taskmanager_mib} is too little for FLINK_SLOTS={self.flink_slots}: "
                f"set FLINK_TASKMANAGER_MIB to {enough} or more"
            )
        return self

    @property
    def secure(self) -> CredentialsDir | None:
        """Where certificates and passwords lie; None when connections are not secure."""
        return CredentialsDir.chosen(self.footfall_secure_dir, self.footfall_data_dir) if self.footfall_secure else None

    @property
    def connect_host(self) -> str:
        """The address clients on this machine use; one cannot connect to "every interface"."""
        return "127.0.0.1" if self.footfall_host in EVERY_INTERFACE else self.footfall_host

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's address."""
        return f"{self.connect_host}:{self.kafka_port}"

    @property
    def registry_url(self) -> str:
        """Base address of the registry's Confluent-compatible API."""
        return f"{self.registry_root}/apis/ccompat/v7"

    @property
    def registry_root(self) -> str:
        """Address of the registry."""
        return f"https://{self.connect_host}:{self.registry_port}" if self.secure else self.url(self.registry_port)

    @property
    def flink_url(self) -> str:
        """Flink's REST API and web UI."""
        return self.url(self.flink_rest_port)

    @property
    def postgres_host(self) -> str:
        """Where the database listens, wherever the other parts do."""
        return "127.0.0.1"

    @property
    def opensearch_host(self) -> str:
        """Where OpenSearch listens, wherever the other parts do."""
        return "127.0.0.1"

    def url(self, port: int) -> str:
        """Return the HTTP address of a part."""
        return f"http://{self.connect_host}:{port}"

    def connections(self) -> dict[str, str]:
        """Return the variables by which the parts and other programs find this stack."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL" if self.secure else "PLAINTEXT",
            "SCHEMA_REGISTRY_URL": self.registry_url,
            "FLINK_REST_URL": self.flink_url,
            "ANALYTICS_POSTGRES_HOST": self.postgres_host,
            "ANALYTICS_POSTGRES_PORT": str(self.postgres_port),
            "ANALYTICS_POSTGRES_USER": self.postgres_user,
            "ANALYTICS_POSTGRES_PASSWORD": self.postgres_password.get_secret_value(),
            "ANALYTICS_POSTGRES_DATABASE": self.postgres_db,
            "ANALYTICS_POSTGRES_READER": self.postgres_reader,
            "ANALYTICS_POSTGRES_READER_PASSWORD": self.postgres_reader_password.get_secret_value(),
            "DASHBOARD_PORT": str(self.dashboard_port),
            "DASHBOARD_RECOMMENDER_URL": self.url(self.recommender_port),
            "DASHBOARD_ALERTING_URL": self.url(self.alerting_port),
            "RECOMMENDER_PORT": str(self.recommender_port),
            "ALERTING_PORT": str(self.alerting_port),
            "EXPORTER_PORT": str(self.exporter_port),
            "EXPORTER_PARQUET_URL": str(self.footfall_data_dir / "exported"),
            "EXPORTER_OPENSEARCH_URL": f"http://{self.opensearch_host}:{self.opensearch_port}",
            "FOOTFALL_DATA_DIR": str(self.footfall_data_dir),
            "FOOTFALL_JARS_DIR": str(self.footfall_jars_dir),
            **({"KAFKA_SSL_CA_LOCATION": str(self.secure.ca)} if self.secure else {}),
        }

    def credentials(self) -> dict[str, str]:
        """Return the variables by which people's commands connect to this stack; no secret is among them."""
        return self.secure.variables(ADMIN) if self.secure else {}
