"""Flink as pip installs it with PyFlink, left untouched, and our overlay: configuration and jars beside it."""

import re
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from footfall_stack import flink_memory
from footfall_stack.model import StackError
from footfall_stack.paths import CONFIG, Layout
from footfall_stack.settings import StackSettings
from footfall_stack.templates import render

COMMON = CONFIG / "flink" / "common.yaml"
"""What every cluster is told, wherever it runs."""


@dataclass(frozen=True)
class FlinkHome:
    """Where Flink's parts are for one stack."""

    home: Path
    jars: Path
    layout: Layout

    @property
    def conf(self) -> Path:
        """Our configuration, rendered."""
        return self.layout.config("flink")

    @property
    def work(self) -> Path:
        """Checkpoints, savepoints and scratch files."""
        return self.layout.home("flink")

    @property
    def lib(self) -> Path:
        """Links to PyFlink's jars and to our connectors."""
        return self.work / "lib"

    @property
    def opt(self) -> Path:
        """Links to PyFlink's optional jars and to the SQL gateway, which pip leaves out."""
        return self.work / "opt"

    def variables(self) -> dict[str, str]:
        """Return the variables by which Flink, its scripts and PyFlink find the overlay."""
        return {
            "FLINK_HOME": str(self.home),
            "FLINK_BIN_DIR": str(self.home / "bin"),
            "FLINK_CONF_DIR": str(self.conf),
            "FLINK_LIB_DIR": str(self.lib),
            "FLINK_OPT_DIR": str(self.opt),
            "FLINK_PLUGINS_DIR": str(self.home / "plugins"),
            "FLINK_LOG_DIR": str(self.layout.console.parent),
            "FLINK_PID_DIR": str(self.layout.lock.parent),
        }

    def java_opens(self) -> str:
        """Return the JVM options PyFlink's own configuration carries."""
        text = (self.home / "conf" / "config.yaml").read_text()
        match = re.search(r"^ *all: *(--add-.*)$", text, re.MULTILINE)
        if match is None:
            raise StackError(f"{self.home}/conf/config.yaml does not name env.java.opts.all any more")
        return match[1].strip()

    def class_path(self) -> list[Path]:
        """Return the linked jars in Flink's order: its own distribution last."""
        names = sorted((jar.name for jar in self._lib_jars()), key=lambda name: (name.startswith("flink-dist"), name))
        return [self.lib / name for name in names]

    def lay_out(self, settings: StackSettings) -> None:
        """Write the configuration and the links; nothing of this stack's Flink may run."""
        # What a killed process could not remove.
        shutil.rmtree(self.work / "tmp", ignore_errors=True)
        for name in ("log4j-console.properties", "log4j-cli.properties"):
            self.conf.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CONFIG / "flink" / name, self.conf / name)
        render((COMMON, CONFIG / "flink" / "config.yaml"), self.conf / "config.yaml", self._values(settings))
        _link(self.lib, self._lib_jars())
        _link(self.opt, [*(self.home / "opt").glob("*.jar"), *(self.jars / "flink-opt").glob("*.jar")])

    def _lib_jars(self) -> list[Path]:
        return [*(self.home / "lib").glob("*.jar"), *(self.jars / "flink").glob("*.jar")]

    def _values(self, settings: StackSettings) -> dict[str, object]:
        return {
            "java_opens": self.java_opens(),
            "log_dir": self.layout.console.parent,
            "host": settings.footfall_host,
            "connect_host": settings.connect_host,
            "rpc_port": settings.flink_rpc_port,
            "blob_port": settings.flink_blob_port,
            "rest_port": settings.flink_rest_port,
            "taskmanager_rpc_port": settings.flink_taskmanager_rpc_port,
            "taskmanager_data_port": settings.flink_taskmanager_data_port,
            "jobmanager_mib": settings.flink_jobmanager_mib,
            "jobmanager_metaspace_mib": flink_memory.JOBMANAGER_METASPACE,
            "taskmanager_mib": settings.flink_taskmanager_mib,
            "slots": settings.flink_slots,
            "work_dir": self.work,
            # Not as_uri(): Flink takes a %20 for three characters of the name.
            "checkpoint_uri": f"file://{self.work / 'checkpoints'}",
            "savepoint_uri": f"file://{self.work / 'savepoints'}",
        }


def pyflink_home() -> Path:
    """Return PyFlink's directory without importing it.

    Raises:
        StackError: It is not installed.
    """
    spec = find_spec("pyflink")
    if spec is None or spec.origin is None:
        raise StackError("PyFlink is missing: run `make setup`")
    return Path(spec.origin).parent


def _link(directory: Path, jars: list[Path]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    wanted = {jar.name: jar for jar in jars}
    for link in directory.iterdir():
        if link.name not in wanted or not link.exists() or link.readlink() != wanted[link.name]:
            link.unlink()
    for name, jar in wanted.items():
        if not (directory / name).exists():
            (directory / name).symlink_to(jar)
