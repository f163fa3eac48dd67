"""Flink's own SQL client at the terminal, every stream declared."""

import json
import signal
import subprocess
import tempfile
from pathlib import Path

from footfall_analytics.adhoc.catalog import declarations
from footfall_analytics.adhoc.options import log_file, query_options
from footfall_analytics.compiling.jvm import command, environment
from footfall_analytics.settings import AnalyticsSettings

MAIN = "org.apache.flink.table.client.SqlClient"


def open_client(settings: AnalyticsSettings, *, bounded: bool, recorded: bool) -> int:
    """Run the client until its user leaves it and return its exit code.

    Raises:
        FlinkHomeError: Java, PyFlink or the connector jars are missing.
    """
    variables = environment(settings)
    # In a directory that nobody else can read: the tables' options say how to reach Kafka.
    with tempfile.TemporaryDirectory(prefix="footfall-sql-") as name, log_file(settings).open("w") as log:
        folder = Path(name)
        (folder / "config.yaml").write_text(_config(settings, bounded=bounded))
        tables = folder / "streams.sql"
        declared = declarations(settings, bounded=bounded, recorded=recorded)
        tables.write_text("".join(f"{sql};\n\n" for sql in declared))
        # Ctrl-C is for the client, which cancels a query by it and stays.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run(
                [*command(variables, MAIN), "--init", str(tables)],
                env=variables | {"FLINK_CONF_DIR": name},
                stderr=log,
                check=False,
            ).returncode
        finally:
            signal.signal(signal.SIGINT, before)


def _config(settings: AnalyticsSettings, *, bounded: bool) -> str:
    options = query_options(settings) | {
        "execution.runtime-mode": "batch" if bounded else "streaming",
        "sql-client.execution.result-mode": "tableau",
    }
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in options.items())
