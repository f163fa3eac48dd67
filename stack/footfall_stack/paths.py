"""Where things are: the repository, the configuration files, what a running stack keeps in its data directory."""

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).resolve().parents[1] / "config"
SETUP_SCRIPT = Path(__file__).resolve().parents[1] / "setup.sh"


@dataclass(frozen=True)
class Layout:
    """The data directory of one stack."""

    data: Path

    @property
    def lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.data / "run" / "lock"

    @property
    def replay_lock(self) -> Path:
        """Held by a replay as long as it goes on."""
        return self.data / "run" / "replay.lock"

    @property
    def state(self) -> Path:
        """What the supervisor knows about its processes, for other programs to read."""
        return self.data / "run" / "state.json"

    @property
    def seen(self) -> Path:
        """What `footfall status` remembers of its last look."""
        return self.data / "run" / "seen.json"

    @property
    def console(self) -> Path:
        """What a supervisor in the background prints."""
        return self.data / "logs" / "supervisor.log"

    def log(self, name: str) -> Path:
        """Return the log file of one process."""
        return self.data / "logs" / f"{name}.log"

    def ready_file(self, name: str) -> Path:
        """Return the file a process without a port writes when it is ready."""
        return self.data / "run" / f"{name}.ready"

    def config(self, name: str) -> Path:
        """Return the directory of a process's rendered configuration."""
        return self.data / "config" / name

    def home(self, name: str) -> Path:
        """Return the directory a process keeps its own data in."""
        return self.data / name

    def create(self) -> None:
        """Create the directories the supervisor writes to."""
        for path in (self.lock, self.console):
            path.parent.mkdir(parents=True, exist_ok=True)
