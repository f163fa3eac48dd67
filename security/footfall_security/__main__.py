"""`python -m footfall_security`, where the `footfall` command is not installed."""

from footfall_security.cli import secure

secure(prog_name="footfall secure")
