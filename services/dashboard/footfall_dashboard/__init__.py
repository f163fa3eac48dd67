"""The live page: what happens in the shop now, and how the pipeline is."""
