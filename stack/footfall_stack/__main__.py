"""`python -m footfall_stack` is the `footfall` command."""

from footfall_stack.cli import main

main()
