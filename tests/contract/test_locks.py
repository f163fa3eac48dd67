"""The locks: every part installs the versions that everything together was resolved to, by hash."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
PARTS = sorted(path for path in REQUIREMENTS.glob("*.txt") if path.stem != "all")

TOOLS = sorted(REQUIREMENTS.glob("tools/*.txt"))


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.\-]+)==([\w.+!]+)", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_parts_agree_with_the_whole(path: Path) -> None:
    everything, part = pins(REQUIREMENTS / "all.txt"), pins(path)

    assert {name: version for name, version in part.items() if everything.get(name, version) != version} == {}


@pytest.mark.parametrize("path", [*PARTS, *TOOLS, REQUIREMENTS / "all.txt"], ids=lambda path: path.stem)
def test_every_pin_has_hashes_and_no_address(path: Path) -> None:
    text = path.read_text()

    assert len(re.findall(r"^[\w.\-]+==", text, re.MULTILINE)) == len(
        re.findall(r"==[^\n]+\\\n    --hash=sha256:", text)
    )
    assert "://" not in text
