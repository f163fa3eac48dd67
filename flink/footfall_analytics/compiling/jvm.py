"""A Java process of our own: Flink's jars with Footfall's connectors."""

import os
import re
import shutil
from pathlib import Path

from footfall_analytics.compiling.flink_home import FlinkHomeError, flink_environment
from footfall_analytics.settings import AnalyticsSettings

JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g")
"""Such a process lives for seconds: the second compiler would only take time from it."""
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


def _java() -> str:
    if home := os.environ.get("JAVA_HOME"):
        if not (java := Path(home) / "bin" / "java").is_file():
            raise FlinkHomeError(f"JAVA_HOME={home} has no bin/java; `footfall doctor` says how to fix it")
        return str(java)
    if found := shutil.which("java"):
        return found
    raise FlinkHomeError("Java is missing; `footfall doctor` says how to fix it")


def _opens(home: Path) -> list[str]:
    """Return what PyFlink's own configuration opens of Java 17."""
    text = (home / "conf" / "config.yaml").read_text()
    match = re.search(r"^ *all: *(--add-.*)$", text, re.MULTILINE)
    return match[1].split() if match else []
