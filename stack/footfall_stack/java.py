"""The Java virtual machine: where it is, how old it is, flags several processes share."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from footfall_stack.model import StackError

LEAST_VERSION = 17
INSTALL = "install it with `sudo apt install openjdk-17-jdk-headless` or `brew install openjdk@17`"

SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Start quickly; the optimising compiler would only pay off later."""


def executable() -> str:
    """Return the `java` to run: that of JAVA_HOME, else the one on the path.

    Raises:
        StackError: There is none.
    """
    home = os.environ.get("JAVA_HOME")
    if home and (java := Path(home) / "bin" / "java").is_file():
        return str(java)
    found = shutil.which("java")
    if found is None:
        raise StackError(f"Java is missing: {INSTALL}")
    return found


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
