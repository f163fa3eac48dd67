"""Writes Flink's configuration for containers and for Kubernetes: what every cluster is told, and the places of each.

What is common comes from where the stack has it: its common.yaml and metrics.yaml, its defaults, its division of memory.
"""

from pathlib import Path
from typing import Any

import yaml
from footfall_stack import flink_memory
from footfall_stack.exporters import FLINK as METRICS
from footfall_stack.exporters import PORT as METRICS_PORT
from footfall_stack.flink import FAST_AVRO
from footfall_stack.flink_home import COMMON
from footfall_stack.processes import flink_home
from footfall_stack.settings import StackSettings

HERE = Path(__file__).parent
DEFAULTS = StackSettings.model_construct()
"""Whatever the environment says."""
HEADER = "# Written by `make manifests` from stack/config/flink and deploy/flink_configuration.py.\n"

CONTAINERS = {
    "env.java.opts.jobmanager": "-XX:+UseSerialGC",
    "jobmanager.bind-host": "0.0.0.0",
    "jobmanager.memory.enable-jvm-direct-memory-limit": True,
    "blob.server.port": DEFAULTS.flink_blob_port,
    "rest.bind-address": "0.0.0.0",
    "web.upload.dir": "/tmp/upload",  # noqa: S108  a container's own
    "taskmanager.bind-host": "0.0.0.0",
    "taskmanager.rpc.port": DEFAULTS.flink_taskmanager_rpc_port,
    "taskmanager.data.port": DEFAULTS.flink_taskmanager_data_port,
    "execution.checkpointing.dir": "file:///var/lib/footfall/flink/checkpoints",
    "execution.checkpointing.savepoint-dir": "file:///var/lib/footfall/flink/savepoints",
    "io.tmp.dirs": "/tmp",  # noqa: S108
    "process.working-dir": "/tmp/work",  # noqa: S108
}
"""Memory, slots and other places are told on the command line (docker-compose.yaml)."""

KUBERNETES = {
    "taskmanager.numberOfTaskSlots": DEFAULTS.flink_slots,
    # The supervisor looks for snapshots here, so they are the same paths in its pod.
    "execution.checkpointing.dir": "file:///data/flink/checkpoints",
    "execution.checkpointing.savepoint-dir": "file:///data/flink/savepoints",
}
"""The operator tells the rest."""


def shared() -> dict[str, Any]:
    """Return the options that containers and Kubernetes have in common."""
    return {
        # Opens what Java 17 closed.
        "env.java.opts.all": flink_home(DEFAULTS).java_opens(),
        "env.java.opts.taskmanager": f"{DEFAULTS.flink_taskmanager_jvm_options} {FAST_AVRO}",
        "jobmanager.memory.jvm-metaspace.size": f"{flink_memory.JOBMANAGER_METASPACE}m",
        "taskmanager.memory.jvm-metaspace.size": f"{flink_memory.TASKMANAGER_METASPACE}m",
        "taskmanager.memory.managed.fraction": flink_memory.MANAGED_FRACTION,
        "taskmanager.memory.network.max": f"{flink_memory.NETWORK_MOST}m",
        **yaml.safe_load(COMMON.read_text()),
        **yaml.safe_load(METRICS.read_text()),
        METRICS_PORT: DEFAULTS.flink_jobmanager_metrics_port,
    }


def files() -> dict[Path, str]:
    """Return what is written, by place."""
    patch = {
        "apiVersion": "flink.apache.org/v1beta1",
        "kind": "FlinkDeployment",
        "metadata": {"name": "flink"},
        # The operator takes text only.
        "spec": {"flinkConfiguration": {name: str(value) for name, value in (shared() | KUBERNETES).items()}},
    }
    written = {"docker/flink.yaml": shared() | CONTAINERS, "kubernetes/base/flink-configuration.yaml": patch}
    return {HERE / name: HEADER + _yaml(document) for name, document in written.items()}


def _yaml(document: dict[str, Any]) -> str:
    written: str = yaml.safe_dump(document, sort_keys=False, width=10_000)
    return written


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
