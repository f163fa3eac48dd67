"""Every error of ours is one of two families: what waiting can put right, and what it cannot."""

import ast
from pathlib import Path

from support.repository import ROOT

PARTS = ("schemas", "health", "flink", "stack", "services")
FAMILIES = {"TransientError", "PermanentError"}


def test_every_error_belongs_to_a_family() -> None:
    found = _errors()
    assert found.keys() >= FAMILIES, "the families themselves were not found"

    known = set(FAMILIES)
    while grown := {name for name, bases in found.items() if bases & known} - known:
        known |= grown

    assert found.keys() - known == {"FootfallError"}


def _errors() -> dict[str, set[str]]:
    """Return the bases of each exception by its name."""
    files = [path for part in PARTS for path in (ROOT / part).rglob("footfall_*/**/*.py")]
    return {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for path in files
        for node in ast.walk(ast.parse(Path(path).read_text()))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }
