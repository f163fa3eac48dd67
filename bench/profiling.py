"""Where a TaskManager's processor time goes: async-profiler's samples as a flame graph and as a table by operator.

The profiler's library comes by Maven (bench/pom.xml) and is loaded into the running process by the JDK's own `jcmd`.
"""

import platform
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from footfall_stack import java

HERE = Path(__file__).resolve().parent
LIBRARIES = HERE.parent / ".footfall" / "profiler"
INTERVAL_US = 1_000
"""Microseconds of processor time between two samples of a thread."""
LONGEST_NAME = 90
"""Characters of a task's name in the table."""
WITHIN = 60.0
"""Seconds that the process has to answer, beside all its other work."""
PLATFORMS = {("Linux", "x86_64"): "linux-x64", ("Linux", "aarch64"): "linux-arm64", ("Darwin", "arm64"): "macos"}
OTHER_THREADS = {
    "collect garbage": re.compile(r"^(GC |ParGC|VM Thread|G1 )"),
    # Names of threads end after 15 characters there.
    "compile": re.compile(r"Compiler"),
    "checkpoint, beside the task": re.compile(
        r"^(AsyncOperations|async|jobmanager-future|.*Checkpoint)", re.IGNORECASE
    ),
    "fetch from Kafka": re.compile(r"^Source Data Fetcher"),
    "produce to Kafka": re.compile(r"^kafka-producer"),
    "network between tasks": re.compile(r"^(Flink Netty|flink-netty)"),
    "Flink's own messages": re.compile(r"^(flink-pekko|flink-metrics|pekko)"),
}
"""What threads do that run no task, by their names."""
OPERATOR = re.compile(
    r"(?:^|[./$])(?P<name>StreamExec\w+|GroupAggs?Handler\w*|\w+(?:Operator|Process(?:or|Function)|Runner|Aggregator|"
    r"SourceReader\w*|RecordEmitter|Deserialization\w*|SinkWriter|KafkaWriter|Committer))(?:\$\d+)?\.\w+$"
)
"""A frame that belongs to an operator: generated code, operators and functions, as Flink and we name them."""


class ProfilerError(Exception):
    """The profiler cannot be fetched or loaded; the message says why and what to do."""


@dataclass(frozen=True)
class Share:
    """Samples of one operator within one task."""

    task: str
    operator: str
    samples: int


@contextmanager
def profiled(pid: int, folder: Path) -> Iterator[Path]:
    """Sample a Java process within the block; then `flame.html` and `stacks.txt` are in the folder, which is yielded.

    Raises:
        ProfilerError: No library for this machine, or the process does not take it.
    """
    library = fetch()
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    stacks, flame = folder / "stacks.txt", folder / "flame.html"
    # Timers of threads count processor time and need no rights on the kernel's events.
    _tell(pid, library, f"start,event=ctimer,interval={INTERVAL_US}us,threads,jstackdepth=512")
    try:
        yield folder
    finally:
        _tell(pid, library, f"dump,collapsed,threads,file={stacks}")
        _tell(pid, library, f"stop,flamegraph,threads,title=Footfall,file={flame}")


def fetch() -> Path:
    """Return the profiler's library for this machine; Maven brings it the first time.

    Raises:
        ProfilerError: There is none, or Maven fails.
    """
    machine = platform.system(), platform.machine()
    if machine not in PLATFORMS:
        raise ProfilerError(f"async-profiler has no library for {' '.join(machine)}: profile on Linux or macOS")
    library = LIBRARIES / PLATFORMS[machine] / "libasyncProfiler.so"
    if not library.exists():
        command = ["mvn", "--quiet", "--batch-mode", "--no-transfer-progress", "--file", str(HERE / "pom.xml")]
        _run([*command, f"-Dprofiler={LIBRARIES}", "process-resources"], "Maven does not bring async-profiler", 600)
    return library


def _tell(pid: int, library: Path, command: str) -> None:
    jcmd = str(Path(java.executable()).resolve().parent / "jcmd")
    # In quotes: jcmd would take what has = in it for an option of its own.
    load = [jcmd, str(pid), "JVMTI.agent_load", str(library), f'"{command}"']
    said = _run(load, f"process {pid} is not profiled", WITHIN)
    if "return code: 0" not in said:
        raise ProfilerError(f"process {pid} is not profiled: {said.strip()}")


def _run(command: list[str], wrong: str, within: float) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=within).stdout
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or getattr(error, "stdout", "") or str(error)).strip()
        raise ProfilerError(f"{wrong}: {said}") from None


def shares(lines: Iterable[str]) -> list[Share]:
    """Count collapsed stacks by task and by the innermost operator in them, the largest first.

    What an operator calls counts as its own until the next operator in the chain is called.

    Args:
        lines: `[thread tid=1];outermost;…;innermost samples`, as async-profiler writes them.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for line in lines:
        stack, _, samples = line.rstrip().rpartition(" ")
        if stack:
            thread, *frames = stack.split(";")
            counted[place(_name(thread), frames)] += int(samples)
    return [Share(task, operator, samples) for (task, operator), samples in counted.most_common()]


def place(thread: str, frames: list[str]) -> tuple[str, str]:
    """Return the task and the operator to which a stack belongs."""
    for kind, pattern in OTHER_THREADS.items():
        if pattern.search(thread):
            return kind, ""
    found = (match["name"] for frame in reversed(frames) if (match := OPERATOR.search(frame)))
    return re.sub(r" \(\d+/\d+\)#\d+.*", "", thread), next(found, "")


def _name(thread: str) -> str:
    return re.sub(r" tid=\d+\]?$", "", thread.removeprefix("["))


def short(task: str) -> str:
    """Return a task's name without its operators' numbers, and of a long one how it begins and where it ends."""
    task = re.sub(r"\[\d+\]", "", task)
    return task if len(task) <= LONGEST_NAME else f"{task[: LONGEST_NAME // 2]} … {task[-LONGEST_NAME // 2 :]}"


def table(found: list[Share], events: float, *, least: float = 0.005) -> str:
    """Return the table to print: microseconds of processor time per event, and the share of all samples.

    Args:
        found: What `shares` returns.
        events: How many were read in the time.
        least: Share of all samples below which rows are added together.
    """
    total = sum(each.samples for each in found) or 1
    shown = [each for each in found if each.samples >= least * total]
    rest = total - sum(each.samples for each in shown)
    rows = [
        (each.samples, f"{each.operator} in {short(each.task)}" if each.operator else short(each.task))
        for each in shown
    ]
    rows += [(rest, f"{len(found) - len(shown)} more")] if rest and len(found) > len(shown) else []
    lines = [f"{samples * INTERVAL_US / events:9.3f} {100 * samples / total:6.1f} %  {what}" for samples, what in rows]
    return "\n".join(["us/event   share  what", *lines, f"{total * INTERVAL_US / events:9.3f}  100.0 %  all"])
