"""`python -m footfall_flink.adhoc` is `footfall sql`, where that command is not installed."""

from footfall_flink.adhoc.cli import sql

sql(prog_name="sql")
