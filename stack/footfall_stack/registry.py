"""The schema registry: Apicurio with its Confluent-compatible API, keeping its schemas in one H2 file."""

from footfall_stack import java
from footfall_stack.model import Process
from footfall_stack.paths import CONFIG, Layout
from footfall_stack.probes import http_ok
from footfall_stack.settings import StackSettings

NAME = "registry"
RUNNER = "apicurio-registry-app-*-runner.jar"


def registry(settings: StackSettings, layout: Layout) -> Process:
    """Return the registry."""
    jars = settings.footfall_jars_dir / "registry"
    runner = next(iter(sorted(jars.glob(RUNNER))), jars / RUNNER)
    return Process(
        name=NAME,
        argv=(
            java.executable(),
            "-Xms64m",
            f"-Xmx{settings.registry_heap_mib}m",
            *java.SHORT_LIVED,
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            "-jar",
            str(runner),
        ),
        env={
            "QUARKUS_HTTP_HOST": settings.footfall_host,
            **_listener(settings),
            "QUARKUS_HTTP_ACCESS_LOG_ENABLED": "false",
            "APICURIO_STORAGE_KIND": "sql",
            "APICURIO_STORAGE_SQL_KIND": "h2",
            # In memory, the default, ids would change at each start and old messages could not be read.
            "APICURIO_DATASOURCE_URL": f"jdbc:h2:file:{layout.home(NAME)}/db;DB_CLOSE_ON_EXIT=FALSE",
            "APICURIO_DATASOURCE_JDBC_INITIAL_SIZE": "2",
            "APICURIO_DATASOURCE_JDBC_MIN_SIZE": "2",
            "APICURIO_DATASOURCE_JDBC_MAX_SIZE": "10",
        },
        ready=http_ok(f"{settings.registry_root}/health/ready", settings.secure.ca if settings.secure else None),
        ports={"REGISTRY_PORT": settings.registry_port},
        memory_mib=settings.registry_heap_mib - 40,
        url=settings.registry_url,
    )


def _listener(settings: StackSettings) -> dict[str, str]:
    folder = settings.secure
    if folder is None:
        return {"QUARKUS_HTTP_PORT": str(settings.registry_port)}
    more = (CONFIG / NAME / "secure.properties", folder.registry_users)
    return {
        "QUARKUS_HTTP_SSL_PORT": str(settings.registry_port),
        "QUARKUS_HTTP_SSL_CERTIFICATE_FILES": str(folder.certificate(NAME)),
        "QUARKUS_HTTP_SSL_CERTIFICATE_KEY_FILES": str(folder.key(NAME)),
        "SMALLRYE_CONFIG_LOCATIONS": ",".join(path.as_uri() for path in more),
    }
