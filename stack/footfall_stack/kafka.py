"""The broker: its command line, its configuration file, the formatting of a new data directory."""

import base64
import os
import shlex
import shutil
import subprocess
import uuid
from pathlib import Path

from footfall_schemas.access import BROKER, SUPER_USERS
from footfall_security.credentials_dir import CredentialsDir

from footfall_stack import java, orphans
from footfall_stack.model import Process, StackError
from footfall_stack.paths import CONFIG, Layout
from footfall_stack.probes import kafka_answers
from footfall_stack.settings import StackSettings
from footfall_stack.templates import render

NAME = "kafka"
FORMAT_TIMEOUT = 120
CLEAN = ".kafka_cleanshutdown"
"""The file that a broker leaves which was not killed."""
SESSION, SESSION_AFTER_A_KILL = 120_000, 6_000


def kafka(settings: StackSettings, layout: Layout) -> Process:
    """Return the broker, which is its own controller."""
    properties = layout.config(NAME) / "kafka.properties"
    return Process(
        name=NAME,
        argv=(
            java.executable(),
            "-Xms128m",
            f"-Xmx{settings.kafka_heap_mib}m",
            *shlex.split(settings.kafka_jvm_options),
            *_class_path(settings),
            "kafka.Kafka",
            str(properties),
        ),
        ready=kafka_answers(settings.connect_host, settings.kafka_port, lambda: _login(settings.secure)),
        prepare=lambda: _prepare(settings, layout, properties),
        ports={"KAFKA_PORT": settings.kafka_port, "KAFKA_CONTROLLER_PORT": settings.kafka_controller_port},
        memory_mib=settings.kafka_heap_mib + 50,
        url=settings.bootstrap_servers,
        # A broker that is killed recovers its logs at the next start; a minute lets it close them.
        grace=60,
    )


def session_timeout(logs: Path) -> int:
    """Return for how many milliseconds the broker may stand still before its controller shuts it out.

    Args:
        logs: Its directory of data.
    """
    was_killed = (logs / "meta.properties").exists() and not (logs / CLEAN).exists()
    return SESSION_AFTER_A_KILL if was_killed else SESSION


def _prepare(settings: StackSettings, layout: Layout, properties: Path) -> None:
    logs = layout.home(NAME) / "logs"
    if not (logs / "meta.properties").exists():
        _format(settings, layout, logs)
    _render(settings, logs, properties)


def _format(settings: StackSettings, layout: Layout, logs: Path) -> None:
    # Formatted beside its place and moved there, so that an interrupted start leaves no half-formatted directory.
    new = logs.with_name("logs.new")
    shutil.rmtree(new, ignore_errors=True)
    properties = _render(settings, new, layout.config(NAME) / "format.properties")
    command = [
        *(java.executable(), "-Xmx128m", *java.SHORT_LIVED, *_class_path(settings)),
        *("kafka.tools.StorageTool", "format", "--standalone", "-t", _cluster_id(), "-c", str(properties)),
    ]
    # The caller's, too: without its locale, Java finds no file whose path holds more than ASCII.
    env = {**os.environ, **orphans.mark(layout.data, NAME)}
    answer = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_TIMEOUT, check=False, env=env)
    if answer.returncode != 0:
        lines = (answer.stderr or answer.stdout).strip().splitlines() or ["no message"]
        raise StackError(f"kafka: the data directory {logs} could not be formatted: {lines[-1]}")
    try:
        new.rename(logs)
    except OSError as error:
        raise StackError(f"kafka: {logs} holds data but no meta.properties; move it away: {error}") from error


def _render(settings: StackSettings, logs: Path, target: Path) -> Path:
    values: dict[str, object] = {
        "protocol": "SASL_SSL" if settings.secure else "PLAINTEXT",
        "host": settings.footfall_host,
        "connect_host": settings.connect_host,
        "port": settings.kafka_port,
        "controller_port": settings.kafka_controller_port,
        "log_dir": logs,
        "retention_bytes": settings.kafka_retention_mib * 1024 * 1024,
        "session_timeout_ms": session_timeout(logs),
    }
    render(CONFIG / "kafka" / "kafka.properties", target, values)
    if settings.secure:
        more = render(
            CONFIG / "kafka" / "secure.properties", target.with_name("secure.properties"), _secure(settings.secure)
        )
        target.write_text(target.read_text() + more.read_text())
    return target


def _secure(folder: CredentialsDir) -> dict[str, object]:
    return {
        "passwords": folder.passwords,
        "keystore": folder.keystore(BROKER),
        "authority": folder.ca,
        "super_users": ";".join(f"User:{name}" for name in SUPER_USERS),
    }


def _login(folder: CredentialsDir | None) -> dict[str, str]:
    if folder is None:
        return {}
    return {
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": str(folder.ca),
        "sasl.mechanism": "PLAIN",
        "sasl.username": BROKER,
        "sasl.password": folder.password(BROKER).read_text(),
    }


def _class_path(settings: StackSettings) -> tuple[str, ...]:
    # The JVM expands the star itself.
    log4j = CONFIG / "kafka" / "log4j2.properties"
    return (f"-Dlog4j2.configurationFile={log4j.as_uri()}", "-cp", str(settings.footfall_jars_dir / "kafka" / "*"))


def _cluster_id() -> str:
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # One that begins with a dash would be taken for an option, as one in 64 does.
    return cluster_id if not cluster_id.startswith("-") else _cluster_id()
