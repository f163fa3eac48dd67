"""The last words of a command: what was sent, what the broker confirmed, how fast it went."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from footfall_generator.events.rows import Fault
from footfall_generator.faults.fault_injection import FaultInjector
from footfall_generator.publish.publisher import Publisher


@dataclass
class Stopwatch:
    """Seconds on the clock and on the processor since it was made."""

    _wall: float = field(default_factory=time.monotonic)
    _cpu: float = field(default_factory=time.process_time)

    @property
    def wall(self) -> float:
        """Seconds on the clock."""
        return time.monotonic() - self._wall

    @property
    def cpu(self) -> float:
        """Seconds of all threads of this process on the processor."""
        return time.process_time() - self._cpu


def summary_lines(publisher: Publisher, watch: Stopwatch, missing: int) -> Iterator[str]:
    """Return what was sent by topic; `missing` acknowledgements did not come in time."""
    for name, sent in sorted(publisher.sent.items()):
        failed = f", {publisher.failed[name]:,} failed" if publisher.failed[name] else ""
        unsent = f", {publisher.dropped[name]:,} not sent" if publisher.dropped[name] else ""
        yield f"{publisher.prefix}{name}: {sent:,} sent{failed}{unsent}"
    wall, cpu, sent = max(watch.wall, 1e-3), max(watch.cpu, 1e-3), publisher.sent.total()
    yield f"{publisher.acknowledged:,} of {sent:,} messages acknowledged by the broker"
    if missing:
        yield f"{missing:,} acknowledgements did not come in time"
    yield f"{sent / wall:,.0f} messages/s in {wall:.1f} s; {sent / cpu:,.0f} per CPU second"


def fault_line(fault_injector: FaultInjector) -> str:
    """Return how many messages got which fault."""
    counts = (f"{fault_injector.counts[fault]:,} {fault.name.lower().replace('_', ' ')}" for fault in Fault)
    return f"event messages: {', '.join(counts)}"
