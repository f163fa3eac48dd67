"""The map of the pipeline: rates, lag and health of everything between the shop and the answers."""
