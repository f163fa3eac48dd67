"""`python -m footfall_analytics.adhoc` is `footfall sql`, where that command is not installed."""

from footfall_analytics.adhoc.cli import sql

sql(prog_name="sql")
