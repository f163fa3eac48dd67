"""The Java virtual machine: where it is, how old it is, flags several processes share.

`python -m footfall_stack.java` is how `make setup` sees that it will do, before anything is installed: nothing is imported
here but Python's own library and the stack's model.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from footfall_stack.model import StackError

LEAST_VERSION = 17
INSTALL = "install it with `sudo apt install openjdk-17-jdk-headless` or `brew install openjdk@17`"
ANOTHER_HOME = f"set JAVA_HOME to a JDK of version {LEAST_VERSION} or newer, or unset it"

SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Start quickly; the optimising compiler would only pay off later."""


class JavaError(StackError):
    """There is no Java that will do."""

    def __init__(self, wrong: str, cure: str) -> None:
        super().__init__(f"{wrong}: {cure}")
        self.wrong = wrong
        self.cure = cure


def executable() -> str:
    """Return the `java` to run: that of JAVA_HOME, else the one on the path.

    Raises:
        JavaError: There is none.
    """
    if home := os.environ.get("JAVA_HOME"):
        java = Path(home) / "bin" / "java"
        if not _is_program(java):
            raise JavaError(f"JAVA_HOME={home} has no bin/java", ANOTHER_HOME)
        return str(java)
    found = shutil.which("java")
    if found is None:
        raise JavaError("Java is missing", INSTALL)
    return found


def require() -> tuple[str, int]:
    """Return the `java` to run and its version.

    Raises:
        JavaError: There is none, it is too old, or it has no compiler, with which the connector is built.
    """
    java, home = executable(), os.environ.get("JAVA_HOME")
    cure = ANOTHER_HOME if home else INSTALL
    version = major_version(java)
    if version is None:
        raise JavaError(f"{java} does not print its version", cure)
    if version < LEAST_VERSION:
        raise JavaError(f"{java} is version {version}, but {LEAST_VERSION} or newer is needed", cure)
    if not (_is_program(Path(home) / "bin" / "javac") if home else shutil.which("javac")):
        raise JavaError(f"{java} comes without a compiler (javac)", cure)
    return java, version


def major_version(java: str) -> int | None:
    """Ask a `java` for its version; None when it does not tell."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return None
    return parse_version(answer.stderr)


def parse_version(text: str) -> int | None:
    """Read the major version from what `java -version` prints; Java 8 calls itself 1.8."""
    match = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(match[1]) if match else None


def class_path(jars: Iterable[Path]) -> str:
    """Join jars to a class path."""
    return os.pathsep.join(str(jar) for jar in jars)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


if __name__ == "__main__":
    try:
        require()
    except JavaError as error:
        sys.exit(str(error))
