"""What has to be true before a stack can start; each check says what is wrong and what cures it."""

import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from footfall_stack import disk, java, ports
from footfall_stack.model import Process

PYTHONS = ((3, 11), (3, 12))
DISK_GIB = 5
MIB = 1024 * 1024
FACTORIES = "META-INF/services/org.apache.flink.table.factories.Factory"
JARS = (
    ("kafka/kafka_2.13-*.jar", ""),
    ("flink/flink-sql-connector-kafka-*.jar", "UpsertKafkaDynamicTableFactory"),
    ("flink/flink-sql-avro-confluent-registry-*.jar", "RegistryAvroFormatFactory"),
    ("flink/flink-connector-jdbc-core-*.jar", "JdbcDynamicTableFactory"),
    ("flink/flink-connector-jdbc-postgres-*.jar", ""),
    ("flink/postgresql-*.jar", ""),
    ("flink-opt/flink-sql-gateway-*.jar", ""),
    ("registry/apicurio-registry-app-*-runner.jar", ""),
)
"""Files that must be there, and the table factory each has to bring."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    subject: str
    ok: bool
    detail: str
    cure: str = ""

    def line(self) -> str:
        """Return it as one line."""
        return f"{self.subject}: {self.detail}" + (f" ({self.cure})" if self.cure else "")


def preflight(processes: Iterable[Process], data: Path) -> Iterator[Finding]:
    """Check what a start of these processes needs and can lack from one start to the next; quick."""
    processes = list(processes)
    yield check_memory(psutil.virtual_memory().available // MIB, sum(process.memory_mib for process in processes))
    yield check_disk(_free_disk(data))
    yield from check_ports(processes)


def check_python(version: tuple[int, int]) -> Finding:
    """Check the version of Python."""
    found = ".".join(map(str, version))
    wanted = " or ".join(".".join(map(str, each)) for each in PYTHONS)
    return Finding("Python", version in PYTHONS, found, "" if version in PYTHONS else f"wanted: {wanted}")


def running_python() -> tuple[int, int]:
    """Return this interpreter's version."""
    return sys.version_info[:2]


def check_java() -> Finding:
    """Check that there is a Java of the right age, with its compiler."""
    try:
        executable, version = java.require()
    except java.JavaError as error:
        return Finding("Java", ok=False, detail=error.wrong, cure=error.cure)
    return Finding("Java", ok=True, detail=f"{version} ({executable})")


def check_maven() -> Finding:
    """Check that Maven is there; only setting up needs it."""
    if maven := shutil.which("mvn"):
        return Finding("Maven", ok=True, detail=maven)
    return Finding("Maven", ok=False, detail="missing", cure="`sudo apt install maven` or `brew install maven`")


def check_jars(directory: Path) -> Finding:
    """Check that setting up laid out every jar, and that Flink will find its connectors in them."""
    missing = [pattern for pattern, factory in JARS if not _has(directory, pattern, factory)]
    if missing:
        return Finding("Jars", ok=False, detail=f"missing under {directory}: {', '.join(missing)}", cure="`make setup`")
    return Finding("Jars", ok=True, detail=str(directory))


def check_memory(available_mib: int, needed_mib: int) -> Finding:
    """Check that the processes fit into the free memory."""
    enough = available_mib >= needed_mib
    detail = f"{available_mib / 1024:.1f} GiB free, about {needed_mib / 1024:.1f} GiB needed"
    cure = "" if enough else "end other programs, or leave parts out with --without"
    return Finding("Memory", enough, detail, cure)


def check_data(data: Path) -> Finding:
    """Check that the data directory can be written to, or be made."""
    refusal = disk.refusal(data)
    return Finding("Data", ok=not refusal, detail=refusal or str(data), cure=disk.CURE if refusal else "")


def check_disk(free_gib: float) -> Finding:
    """Check that the topics fit on the disk."""
    enough = free_gib >= DISK_GIB
    detail = f"{free_gib:.0f} GiB free, {DISK_GIB} GiB needed"
    return Finding("Disk", enough, detail, "" if enough else "free some, or set FOOTFALL_DATA_DIR to another disk")


def check_ports(processes: Iterable[Process], ours: Mapping[int, str] | None = None) -> Iterator[Finding]:
    """Check every port the processes listen on.

    Args:
        processes: What is to run.
        ours: Pids of this stack's own processes, which may hold the ports.
    """
    owners: dict[int, str] = {}
    for process in processes:
        for variable, port in process.ports.items():
            yield _check_port(process.name, variable, port, owners.setdefault(port, variable), ours or {})


def _check_port(name: str, variable: str, port: int, owner: str, ours: Mapping[int, str]) -> Finding:
    subject = f"Port {port} ({name})"
    if owner != variable:
        return Finding(subject, ok=False, detail=f"both {owner} and {variable} name it", cure="set one to another port")
    if ports.is_free(port):
        return Finding(subject, ok=True, detail="free")
    holder = ports.holder(port)
    if holder is not None and holder.pid in ours:
        return Finding(subject, ok=True, detail=f"held by our own {ours[holder.pid]}")
    taken = f"taken by {holder or 'another program'}"
    return Finding(subject, ok=False, detail=taken, cure=f"end it, or set {variable} to another port")


def _has(directory: Path, pattern: str, factory: str) -> bool:
    return any(not factory or _brings(jar, factory) for jar in directory.glob(pattern))


def _brings(jar: Path, factory: str) -> bool:
    try:
        with zipfile.ZipFile(jar) as archive:
            return factory.encode() in archive.read(FACTORIES)
    except (OSError, KeyError, zipfile.BadZipFile):
        return False


def _free_disk(path: Path) -> float:
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    return shutil.disk_usage(existing).free / 1024**3
