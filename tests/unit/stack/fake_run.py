"""Runs small fake processes under the real supervisor: `python fake_run.py DATA_DIR JSON`; see conftest.py."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from footfall_stack.lifecycle import keep
from footfall_stack.model import Process, StackError
from footfall_stack.restarts import RestartPolicy
from footfall_stack.settings import StackSettings

WRITES_READY_FILE = "import os, pathlib; pathlib.Path(os.environ['READY']).touch()\n"


def process(data: Path, fake: dict[str, Any]) -> Process:
    ready = data / f"{fake['name']}.ready"
    return Process(
        name=fake["name"],
        argv=(sys.executable, "-c", WRITES_READY_FILE + fake["code"] if fake.get("ready", True) else fake["code"]),
        ready=ready.exists,
        needs=tuple(fake.get("needs", ())),
        env={"READY": str(ready)},
        prepare=lambda: ready.unlink(missing_ok=True),
        eager=fake.get("eager", False),
        ports=fake.get("ports", {}),
        grace=fake.get("grace", 5),
        ready_within=fake.get("ready_within", 10),
        finite=fake.get("finite", False),
        memory_mib=fake.get("memory_mib", 1),
    )


def prepare() -> None:
    time.sleep(float(os.environ.get("FAKE_PREPARATION", "0")))


def main(data: Path, fakes: list[dict[str, Any]]) -> int:
    policy = RestartPolicy(first_delay=0.1, max_delay=0.4, limit=4, window=30)
    settings = StackSettings(footfall_data_dir=data)
    try:
        return keep([process(data, fake) for fake in fakes], settings, prepare=prepare, policy=policy)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
