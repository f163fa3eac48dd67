"""The Kubernetes manifests against published schemas, as they are and as kustomize puts them together.

Kubernetes' own kinds are checked always. Strimzi's and the Flink operator's are checked when FOOTFALL_CRDS names a
folder with their CustomResourceDefinitions, what kustomize makes when there is a kubectl (docs/kubernetes.md).
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from support.manifests import BASE, DEV, Document, documents, everything

OLDEST, NEWEST = "1.31", "1.37"
OPERATORS = ("kafka.strimzi.io/", "flink.apache.org/")
CRDS = os.environ.get("FOOTFALL_CRDS", "")

needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="no kubectl")


def is_custom(document: Document) -> bool:
    return str(document["apiVersion"]).startswith(OPERATORS)


def identity(document: Document) -> str:
    return f"{document['kind']}-{document['metadata']['name']}"


BUILT_IN = [document for document in everything() if not is_custom(document)]
CUSTOM = [document for document in everything() if is_custom(document)]


@cache
def rendered(folder: Path) -> list[Document]:
    run = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True, timeout=60)
    return list(yaml.safe_load_all(run.stdout))


@cache
def definitions() -> dict[tuple[str, str], Draft202012Validator]:
    found = [
        item for path in sorted(Path(CRDS).glob("*.y*ml")) for item in yaml.safe_load_all(path.read_text()) if item
    ]
    return {
        (f"{item['spec']['group']}/{version['name']}", item["spec"]["names"]["kind"]): validator(version)
        for item in found
        if item["kind"] == "CustomResourceDefinition"
        for version in item["spec"]["versions"]
    }


def validator(version: dict[str, Any]) -> Draft202012Validator:
    schema = closed(version["schema"]["openAPIV3Schema"])
    schema["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {}}
    return Draft202012Validator(schema)


def closed(schema: Any) -> Any:
    """Return the schema without room for unknown fields, which a cluster would drop in silence."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    properties = schema.get("properties")
    result = {name: closed(value) for name, value in schema.items()}
    if isinstance(properties, dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result.setdefault("additionalProperties", False)
    return result


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("document", BUILT_IN, ids=identity)
def test_kubernetes_own_kinds_fit(document: Document, version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.skipif(not CRDS, reason="FOOTFALL_CRDS names no folder of definitions")
def test_the_operators_kinds_fit() -> None:
    problems = [
        f"{identity(document)}: {error.json_path}: {error.message}"
        for document in CUSTOM
        for error in definitions()[document["apiVersion"], document["kind"]].iter_errors(document)
    ]

    assert problems == []


@needs_kubectl
@pytest.mark.parametrize("folder", [BASE, DEV], ids=lambda folder: folder.name)
def test_kustomize_puts_everything_together(folder: Path) -> None:
    made = rendered(folder)

    expected = documents(BASE) if folder == BASE else everything()
    # The settings become a ConfigMap; its name carries their checksum.
    assert {identity(item) for item in expected} == {identity(item) for item in made if item["kind"] != "ConfigMap"}
    for document in made:
        if not is_custom(document):
            kubernetes_validate.validate(document, NEWEST, strict=True)


@needs_kubectl
def test_the_overlay_is_small_and_uses_local_images() -> None:
    made = rendered(DEV)
    deployments = [item for item in made if item["kind"] == "Deployment"]
    images = {item["spec"]["template"]["spec"]["containers"][0]["image"] for item in deployments}
    (cluster,) = [item for item in made if item["kind"] == "FlinkDeployment"]

    assert {item["spec"]["replicas"] for item in deployments} == {1}
    assert {image.partition(":")[2] for image in [*images, cluster["spec"]["image"]]} == {"dev"}
    assert {item["metadata"].get("namespace", "footfall") for item in made} == {"footfall"}
