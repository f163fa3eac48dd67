"""Where planning finds Flink: the installed PyFlink, or a Flink of its own, with Footfall's connector jars laid over it."""

import os
from importlib.util import find_spec
from pathlib import Path

from footfall_schemas.errors import PermanentError

_VARIABLES = ("FLINK_HOME", "FLINK_LIB_DIR", "FLINK_OPT_DIR")


class FlinkHomeError(PermanentError):
    """PyFlink or the connector jars are missing; the message says how to get them."""


def flink_environment(jars: Path, overlay: Path) -> dict[str, str]:
    """Return the variables that make Flink load the connector jars; links to all jars are kept under `overlay`.

    Variables that are already set win, so that the stack can bring its own. What is installed stays untouched.

    Raises:
        FlinkHomeError: PyFlink or the jars are missing.
    """
    if all(name in os.environ for name in _VARIABLES):
        return {}
    home = _home()
    if not any((jars / "flink").glob("*.jar")):
        raise FlinkHomeError(f"no connector jars in {jars / 'flink'}; run make setup")
    _link(overlay / "lib", [*(home / "lib").glob("*.jar"), *(jars / "flink").glob("*.jar")])
    _link(overlay / "opt", [*(home / "opt").glob("*.jar"), *(jars / "flink-opt").glob("*.jar")])
    return {
        "FLINK_HOME": str(home),
        "FLINK_LIB_DIR": str(overlay / "lib"),
        "FLINK_OPT_DIR": str(overlay / "opt"),
    }


def _home() -> Path:
    """Return where Flink is: FLINK_HOME where there is no PyFlink."""
    if (package := find_spec("pyflink")) and package.origin:
        return Path(package.origin).parent
    home = Path(os.environ.get("FLINK_HOME", ""))
    if not (home / "lib").is_dir():
        raise FlinkHomeError("PyFlink is not installed, and FLINK_HOME names no Flink; run make setup")
    return home


def _link(folder: Path, jars: list[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for jar in jars:
        link = folder / jar.name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(jar.resolve())
