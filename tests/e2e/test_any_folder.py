"""A clone in a folder of any name, and a HOME likewise: it starts, computes and stops, and leaves nothing beside itself."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from footfall_stack.testing import running_stack

from support.events import click
from support.kafka import wait_until
from support.repository import ROOT, copy_to, tracked
from support.shop import Shop

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(900)]

INSTALLED = (".venv", ".footfall/jars")
"""What `make setup` adds to a clone."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which clone and HOME are."""
    place = tmp_path_factory.mktemp("any") / "a b#c"
    yield place
    # Tens of thousands of files.
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def clone(place: Path) -> Path:
    """A clone as set-up leaves it, without the minutes that takes: what is installed is linked."""
    clone = place / "ü%20"
    copy_to(clone)
    for name in INSTALLED:
        shutil.copytree(ROOT / name, clone / name, symlinks=True, copy_function=_link)
    for path in clone.glob(".venv/lib/python*/site-packages/_editable_impl_footfall_*.pth"):
        part = Path(path.read_text()).relative_to(ROOT)
        path.unlink()
        path.write_text(str(clone / part))
    return clone


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        # On another disk.
        shutil.copy2(source, target)
    return target


@pytest.fixture(scope="module")
def shop(place: Path, clone: Path) -> Iterator[Shop]:
    home = place / "hömé %41"
    home.mkdir()
    env = {
        "HOME": str(home),
        "FOOTFALL_JARS_DIR": str(clone / ".footfall" / "jars"),
        "ANALYTICS_VIEWS": "event_counts",
        "ANALYTICS_PARALLELISM": "1",
        "ANALYTICS_IDLE_TIMEOUT": "2s",
        "ANALYTICS_QUIET_MARGIN": "1s",
    }
    python = clone / ".venv" / "bin" / "python"
    with running_stack(clone / ".footfall" / "data", ["analytics"], env=env, python=python) as stack:
        yield Shop(stack)


def status(shop: Shop, clone: Path) -> str:
    """What `footfall status` of the clone says in its line."""
    command = [str(clone / ".venv" / "bin" / "python"), "-m", "footfall_stack", "status", "--json"]
    done = subprocess.run(command, env=os.environ | shop.stack.env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return str(json.loads(done.stdout)["line"])


def test_it_starts_computes_and_stops_and_leaves_nothing_beside_itself(shop: Shop, place: Path, clone: Path) -> None:
    runs = Path(f"/proc/{shop.stack.pid('analytics')}/cmdline").read_text().split("\0")
    assert runs[0] == str(clone / ".venv" / "bin" / "python")

    now = datetime.now(UTC)
    shop.publish("clickstream", click("first", now - timedelta(minutes=5)), click("last", now))
    wait_until(lambda: bool(shop.read("event_counts")), seconds=120, what="the first minute")
    wait_until(lambda: status(shop, clone) == "ready: everything is fine", seconds=120, what="everything fine")
    shop.stack.stop()

    assert {path.name for path in place.parent.iterdir()} == {place.name}
    assert {path.name for path in place.iterdir()} == {"ü%20", "hömé %41"}
    assert {path.name for path in clone.iterdir()} == {name.split("/")[0] for name in (*tracked(), *INSTALLED)}
