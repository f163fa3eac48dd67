"""How a Flink process's memory is divided. Pure.

Flink's own scripts start two JVMs to compute this before they start the third that does the work; the rules are these
few lines (see "Set up Flink's Process Memory" in its documentation).
"""

from dataclasses import dataclass

OVERHEAD_LEAST, OVERHEAD_MOST = 192, 1024
OFF_HEAP = 128
FRAMEWORK_HEAP = 128
NETWORK_LEAST, NETWORK_MOST = 64, 128
MANAGED_FRACTION = 0.15
MANAGED_OF_A_SLOT = 44
"""Every window aggregation needs 1 MiB of its slot's share, and there are more than thirty in one."""
HEAP_LEAST = FRAMEWORK_HEAP + 64
FRACTION = 0.1
JOBMANAGER_METASPACE = 192
TASKMANAGER_METASPACE = 224


@dataclass(frozen=True)
class Memory:
    """Sizes in MiB."""

    heap: int
    direct: int
    metaspace: int
    overhead: int
    network: int = 0
    managed: int = 0

    def jvm_options(self) -> tuple[str, ...]:
        """Return the JVM's limits."""
        return (
            f"-Xms{self.heap}m",
            f"-Xmx{self.heap}m",
            f"-XX:MaxDirectMemorySize={self.direct}m",
            f"-XX:MaxMetaspaceSize={self.metaspace}m",
        )

    def taskmanager_options(self, slots: int) -> dict[str, str]:
        """Return what a TaskManager wants to be told about its own memory."""
        return {
            "taskmanager.cpu.cores": f"{slots}.0",
            "taskmanager.memory.framework.heap.size": f"{FRAMEWORK_HEAP}m",
            "taskmanager.memory.task.heap.size": f"{self.heap - FRAMEWORK_HEAP}m",
            "taskmanager.memory.framework.off-heap.size": f"{OFF_HEAP}m",
            "taskmanager.memory.task.off-heap.size": "0m",
            "taskmanager.memory.network.min": f"{self.network}m",
            "taskmanager.memory.network.max": f"{self.network}m",
            "taskmanager.memory.managed.size": f"{self.managed}m",
            "taskmanager.memory.jvm-metaspace.size": f"{self.metaspace}m",
            "taskmanager.memory.jvm-overhead.min": f"{self.overhead}m",
            "taskmanager.memory.jvm-overhead.max": f"{self.overhead}m",
        }


def jobmanager(process: int) -> Memory:
    """Divide the JobManager's process size, in MiB."""
    overhead = _overhead(process)
    flink = process - JOBMANAGER_METASPACE - overhead
    return Memory(heap=flink - OFF_HEAP, direct=OFF_HEAP, metaspace=JOBMANAGER_METASPACE, overhead=overhead)


def taskmanager(process: int, slots: int) -> Memory:
    """Divide the TaskManager's process size, in MiB; a heap below HEAP_LEAST means that it is too small for its slots."""
    overhead = _overhead(process)
    flink = process - TASKMANAGER_METASPACE - overhead
    network = min(max(int(flink * FRACTION), NETWORK_LEAST), NETWORK_MOST)
    managed = max(int(flink * MANAGED_FRACTION), slots * MANAGED_OF_A_SLOT)
    return Memory(
        heap=flink - network - managed - OFF_HEAP,
        direct=OFF_HEAP + network,
        metaspace=TASKMANAGER_METASPACE,
        overhead=overhead,
        network=network,
        managed=managed,
    )


def _overhead(process: int) -> int:
    return min(max(int(process * FRACTION), OVERHEAD_LEAST), OVERHEAD_MOST)
