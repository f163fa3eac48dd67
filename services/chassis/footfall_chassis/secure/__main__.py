"""`python -m footfall_chassis.secure`, where the `footfall` command is not installed."""

from footfall_chassis.secure.cli import secure

secure(prog_name="footfall secure")
