"""Where PyFlink's gateway finds Flink: the installed package with Footfall's connector jars laid over it."""

import os
from importlib.util import find_spec
from pathlib import Path

_VARIABLES = ("FLINK_HOME", "FLINK_LIB_DIR", "FLINK_OPT_DIR")


class FlinkHomeError(RuntimeError):
    """PyFlink or the connector jars are missing; the message says how to get them."""


def flink_environment(jars: Path, overlay: Path) -> dict[str, str]:
    """Return the variables that make PyFlink load the connector jars; links to all jars are kept under `overlay`.

    Variables that are already set win, so that the stack can bring its own. The installed package stays untouched.

    Raises:
        FlinkHomeError: PyFlink or the jars are missing.
    """
    if all(name in os.environ for name in _VARIABLES):
        return {}
    package = find_spec("pyflink")
    if package is None or package.origin is None:
        raise FlinkHomeError("PyFlink is not installed; run make setup")
    home = Path(package.origin).parent
    if not any((jars / "flink").glob("*.jar")):
        raise FlinkHomeError(f"no connector jars in {jars / 'flink'}; run make setup")
    _link(overlay / "lib", [*(home / "lib").glob("*.jar"), *(jars / "flink").glob("*.jar")])
    _link(overlay / "opt", [*(home / "opt").glob("*.jar"), *(jars / "flink-opt").glob("*.jar")])
    return {
        "FLINK_HOME": str(home),
        "FLINK_LIB_DIR": str(overlay / "lib"),
        "FLINK_OPT_DIR": str(overlay / "opt"),
    }


def _link(folder: Path, jars: list[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for jar in jars:
        link = folder / jar.name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(jar.resolve())
