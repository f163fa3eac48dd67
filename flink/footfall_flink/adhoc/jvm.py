"""The Java process that answers: Flink's jars with Footfall's connectors, and nothing of a cluster elsewhere."""

import os
import re
import shutil
from pathlib import Path

from footfall_flink.home import FlinkHomeError, flink_environment
from footfall_flink.settings import AnalyticsSettings
from footfall_flink.sqltext import milliseconds

JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g")
"""Most questions are answered in seconds: the second compiler would only take time from them."""
_LOG4J = Path(__file__).with_name("log4j.properties")


def environment(settings: AnalyticsSettings) -> dict[str, str]:
    """Return the environment with Flink's directories in it.

    Raises:
        FlinkHomeError: PyFlink or the connector jars are missing.
    """
    return os.environ | flink_environment(settings.jars_dir, settings.data_dir.resolve() / "pyflink")


def command(variables: dict[str, str], main_class: str) -> list[str]:
    """Return the command that runs a class of Flink's or of the connector's.

    Raises:
        FlinkHomeError: There is no Java.
    """
    jars = [Path(variables[name]) / "*" for name in ("FLINK_LIB_DIR", "FLINK_OPT_DIR")]
    return [
        _java(),
        *JVM_OPTIONS,
        *_opens(Path(variables["FLINK_HOME"])),
        f"-Dlog4j.configurationFile={_LOG4J.as_uri()}",
        "-cp",
        os.pathsep.join(map(str, jars)),
        main_class,
    ]


def query_options(settings: AnalyticsSettings) -> dict[str, str]:
    """Return Flink's options for a question: a cluster within the process, so that it takes nothing from the running job."""
    return {
        "execution.target": "local",
        "parallelism.default": "1",
        # Whoever asked wants to know what is wrong, not to wait for better times.
        "restart-strategy.type": "none",
        "pipeline.object-reuse": "true",
        "table.local-time-zone": settings.time_zone,
        "table.exec.source.idle-timeout": milliseconds(settings.idle_timeout),
    }


def log_file(settings: AnalyticsSettings) -> Path:
    """Return where the process says more than an error needs; each run begins it anew."""
    path = settings.data_dir.resolve() / "logs" / "sql.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    if home and (java := Path(home) / "bin" / "java").is_file():
        return str(java)
    if found := shutil.which("java"):
        return found
    raise FlinkHomeError("Java is missing; footfall doctor names the cure")


def _opens(home: Path) -> list[str]:
    """Return what PyFlink's own configuration opens of Java 17."""
    text = (home / "conf" / "config.yaml").read_text()
    match = re.search(r"^ *all: *(--add-.*)$", text, re.MULTILINE)
    return match[1].split() if match else []
