"""The Kubernetes manifests as tests read them: documents, pods and what their containers are told."""

import runpy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Document: TypeAlias = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
BASE = ROOT / "base"
DEV = ROOT / "overlays" / "dev"
WORKLOADS = {"Deployment", "FlinkDeployment"}


@dataclass(frozen=True)
class Pod:
    """What one Deployment runs."""

    name: str
    spec: Document
    """Of the pod."""

    @property
    def container(self) -> Document:
        (container,) = self.spec["containers"]
        return dict(container)

    @property
    def literals(self) -> dict[str, str]:
        """Variables whose values stand in the manifest."""
        return {item["name"]: item["value"] for item in self.container.get("env", []) if "value" in item}

    @property
    def variables(self) -> set[str]:
        return {item["name"] for item in self.container.get("env", [])}


@cache
def documents(folder: Path) -> list[Document]:
    """Return every resource in the folder, in the order of its files, with what its patches add."""
    patched = patches(folder)
    found = [
        document
        for path in sorted(folder.glob("*.yaml"))
        if path.name not in patched
        for document in yaml.safe_load_all(path.read_text())
        if document.get("kind", "Kustomization") != "Kustomization"
    ]
    for name in patched:
        patch = yaml.safe_load((folder / name).read_text())
        (target,) = (item for item in found if _identity(item) == _identity(patch))
        target["spec"] |= patch["spec"]
    return found


def patches(folder: Path) -> list[str]:
    """Return the names of the files that complete a resource of another file."""
    return [item["path"] for item in kustomization(folder).get("patches", []) if "path" in item]


def _identity(document: Document) -> tuple[str, str]:
    return document["kind"], document["metadata"]["name"]


def everything() -> list[Document]:
    """Return every resource of the base and of the overlay."""
    return documents(BASE) + documents(DEV)


def of_kind(kind: str) -> dict[str, Document]:
    """Return the resources of a kind by name."""
    return {item["metadata"]["name"]: item for item in everything() if item["kind"] == kind}


def pods() -> dict[str, Pod]:
    """Return what the Deployments run, by name."""
    return {name: Pod(name, item["spec"]["template"]["spec"]) for name, item in of_kind("Deployment").items()}


def flink() -> Document:
    """Return the specification of the Flink cluster."""
    return dict(of_kind("FlinkDeployment")["flink"]["spec"])


def shared_settings() -> dict[str, str]:
    """Return the variables all parts are given."""
    lines = (BASE / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def kustomization(folder: Path) -> Document:
    """Return what says how the folder's resources are put together."""
    return dict(yaml.safe_load((folder / "kustomization.yaml").read_text()))


def topics_script() -> dict[str, Any]:
    """Return the names of the script that writes the topics."""
    return runpy.run_path(str(ROOT / "topics.py"))


def configuration_script() -> dict[str, Any]:
    """Return the names of the script that writes Flink's configuration."""
    return runpy.run_path(str(ROOT.parent / "flink_configuration.py"))


def mebibytes(quantity: str) -> int:
    """Return a size of memory as Kubernetes or Flink writes it."""
    for unit, factor in (("Gi", 1024), ("Mi", 1), ("g", 1024), ("m", 1)):
        if quantity.endswith(unit):
            return int(quantity.removesuffix(unit)) * factor
    raise ValueError(quantity)
